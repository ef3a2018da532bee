import { Denial } from '#libs/contracts/auth.contract';

/** More than a gateway refuses while auth restarts; about 10 MiB. */
const WAITING_MAX = 10_000;

/** Refused so often, a second apart, an entry is none that any auth will take: not even one that is upgraded meanwhile. */
const REFUSED_MAX = 600;

/** Refusals whose audit entry waits for auth to be back, the oldest first. Past {@link WAITING_MAX} they are counted. */
export class WaitingDenials {
  /** How often auth did not take each. */
  private readonly waiting = new Map<Denial, number>();
  private uncounted = 0;

  get size(): number {
    return this.waiting.size;
  }

  add(denial: Denial): void {
    if (this.waiting.size < WAITING_MAX) this.waiting.set(denial, 0);
    else this.uncounted += 1;
  }

  /**
   * Tells of each in turn, and leaves those that cannot be told of yet. Stops at the first for which `isOver` holds: the
   * rest would come to the same. Gives those that were refused {@link REFUSED_MAX} times, which wait no more.
   */
  async tell(one: (denial: Denial) => Promise<unknown>, isOver: (thrown: unknown) => boolean): Promise<Denial[]> {
    const dead: Denial[] = [];
    for (const [denial, refused] of [...this.waiting]) {
      try {
        await one(denial);
        this.waiting.delete(denial);
      } catch (thrown) {
        if (isOver(thrown)) break;
        if (refused + 1 < REFUSED_MAX) this.waiting.set(denial, refused + 1);
        else {
          this.waiting.delete(denial);
          dead.push(denial);
        }
      }
    }
    return dead;
  }

  /** How many there was no room for since the last time. */
  takeUncounted(): number {
    const many = this.uncounted;
    this.uncounted = 0;
    return many;
  }

  /** Those that are left, which then wait no more. */
  drain(): Denial[] {
    const left = [...this.waiting.keys()];
    this.waiting.clear();
    return left;
  }
}
