import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SeenCheckpoint } from '#libs/audit-proof/witness';
import { Unavailable } from '#libs/errors/errors';

/** What a witness has seen of each log, in a file that is durable before anything is cosigned. */
export class WitnessState {
  private constructor(
    private readonly file: string,
    private readonly seen: Map<string, SeenCheckpoint>,
  ) {}

  /** Throws Unavailable `witness.state` for a file that is none of ours: starting anew would forget what was seen. */
  static async open(file: string): Promise<WitnessState> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw new Unavailable('witness.state', `Cannot read ${file}: ${error.message}.`);
    });
    try {
      return new WitnessState(file, new Map(Object.entries(JSON.parse(text) as Record<string, SeenCheckpoint>))); // ours
    } catch {
      const sentence = `${file} does not hold what a witness has seen. Restore it, or name another folder.`;
      throw new Unavailable('witness.state', sentence);
    }
  }

  of(origin: string): SeenCheckpoint | undefined {
    return this.seen.get(origin);
  }

  /** Resolves when a crash can no longer make it forgotten. */
  async keep(origin: string, seen: SeenCheckpoint): Promise<void> {
    this.seen.set(origin, seen);
    const draft = `${this.file}.new`;
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(Object.fromEntries(this.seen)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.file);
    const folder = await open(dirname(this.file), 'r');
    await folder.sync().finally(() => folder.close());
  }
}
