import { Clock } from '#libs/clock/clock';
import { Bucket, LimitStore } from './limit-store';
import { take, Verdict } from './token-bucket';

/** Past this those that were not asked for in the longest time are forgotten, which are full ones again. */
const BUCKETS_MAX = 100_000;

/** Buckets of this process alone. */
export class MemoryLimits extends LimitStore {
  /** When each bucket is full again. Those asked for since the last turn; at most half of all. */
  private young = new Map<string, number>();
  /** Those asked for before. */
  private old = new Map<string, number>();

  constructor(private readonly clock: Clock) {
    super();
  }

  take(buckets: readonly Bucket[]): readonly Verdict[] {
    const now = this.clock.now().getTime();
    const taken = buckets.map(({ id, rate }) => take(this.young.get(id) ?? this.old.get(id), now, rate));
    if (taken.every(({ allowed }) => allowed)) {
      for (let at = 0; at < taken.length; at += 1) this.keep(buckets[at]!.id, taken[at]!.fullAt); // one for each
    }
    return taken;
  }

  async close(): Promise<void> {
    this.young.clear();
    this.old.clear();
  }

  private keep(id: string, fullAt: number): void {
    this.young.set(id, fullAt);
    if (this.young.size < BUCKETS_MAX / 2) return;
    this.old = this.young;
    this.young = new Map();
  }
}
