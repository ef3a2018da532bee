import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BALLAST = 'ballast';
const MIB = 2 ** 20;

/** A file system of its own with little room: a real disk that a test may fill. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Why this machine cannot have one; undefined when it can. */
  static missing(): string | undefined {
    if (process.platform !== 'linux') return 'a file system in memory needs Linux';
    const folder = mkdtempSync(join(tmpdir(), 'chartly-disk-'));
    try {
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
      if (mounted) spawnSync('umount', ['--lazy', folder]);
      return mounted ? undefined : 'mounting a small file system needs root';
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Over `folder`, which is made when it is missing. */
  static async mount(folder: string, sizeMiB: number): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** Takes the room that is left, but for `leaveBytes`. */
  async fill(leaveBytes = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    const zeros = new Uint8Array(MIB);
    for (let left = bavail * bsize - leaveBytes; left > 0; left -= MIB) {
      await writeFile(join(this.folder, BALLAST), zeros.subarray(0, Math.min(left, MIB)), { flag: 'a' });
    }
  }

  /** Gives back what {@link fill} took. */
  async clear(): Promise<void> {
    await rm(join(this.folder, BALLAST), { force: true });
  }

  /** Lets go of it with all that it holds. */
  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
