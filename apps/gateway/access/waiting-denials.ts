import { Denial } from '#libs/contracts/auth.contract';

/** More than a gateway refuses while auth restarts; about 10 MiB. */
const WAITING_MAX = 10_000;

/** Refusals whose audit entry waits for auth to be back, the oldest first. Past {@link WAITING_MAX} they are counted. */
export class WaitingDenials {
  private readonly waiting = new Set<Denial>();
  private uncounted = 0;

  get size(): number {
    return this.waiting.size;
  }

  add(denial: Denial): void {
    if (this.waiting.size < WAITING_MAX) this.waiting.add(denial);
    else this.uncounted += 1;
  }

  /**
   * Tells of each in turn, and leaves those that cannot be told of yet. Stops at the first for which `isOver` holds: the
   * rest would come to the same.
   */
  async tell(one: (denial: Denial) => Promise<unknown>, isOver: (thrown: unknown) => boolean): Promise<void> {
    for (const denial of [...this.waiting]) {
      try {
        await one(denial);
        this.waiting.delete(denial);
      } catch (thrown) {
        if (isOver(thrown)) return;
      }
    }
  }

  /** How many there was no room for since the last time. */
  takeUncounted(): number {
    const many = this.uncounted;
    this.uncounted = 0;
    return many;
  }

  /** Those that are left, which then wait no more. */
  drain(): Denial[] {
    const left = [...this.waiting];
    this.waiting.clear();
    return left;
  }
}
