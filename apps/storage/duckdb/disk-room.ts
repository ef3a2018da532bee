import { statfsSync } from 'node:fs';
import { Unavailable } from '#libs/errors/errors';

/** How long what was seen of the disk counts. */
const SEEN_FOR_MS = 1_000;
/** After the disk turned out to be full, so long nothing is tried unless there is more room than then. */
const FULL_FOR_MS = 5_000;
const MIB = 2 ** 20;

/**
 * Watches the room beside the event file. What adds is refused while less than the reserve is free, before the engine
 * runs into it: the reserve is for what takes rows out, for folding the log into the file, and for the reads that spill.
 */
export class DiskRoom {
  private seen = { at: Number.NEGATIVE_INFINITY, free: 0 };
  private full?: { readonly since: number; readonly free: number };

  constructor(
    private readonly folder: string,
    private readonly reserve: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws Unavailable `storage.full` when nothing may be added now. */
  require(): void {
    const free = this.free();
    if (free < this.reserve) throw this.refusal(free, `${mib(this.reserve)} MiB are kept for what makes room`);
    if (!this.full) return;
    if (free > this.full.free || this.now() - this.full.since > FULL_FOR_MS) this.full = undefined;
    else throw this.refusal(free, 'the engine could not write a moment ago');
  }

  /** The engine could not write. */
  noteFull(): void {
    this.seen.at = Number.NEGATIVE_INFINITY;
    this.full = { since: this.now(), free: this.free() };
  }

  private free(): number {
    const now = this.now();
    if (this.full !== undefined || now - this.seen.at > SEEN_FOR_MS) {
      const { bavail, bsize } = statfsSync(this.folder);
      this.seen = { at: now, free: bavail * bsize };
    }
    return this.seen.free;
  }

  private refusal(free: number, why: string): Unavailable {
    return new Unavailable(
      'storage.full',
      `The disk of the event store has ${mib(free)} MiB left (${why}), so nothing is added; reads go on. Free some space, or shorten what datasets retain.`,
      { retryAfterMs: FULL_FOR_MS },
    );
  }
}

const mib = (bytes: number): number => Math.floor(bytes / MIB);
