import { Clock } from '#libs/clock/clock';
import { Bucket, LimitStore } from './limit-store';
import { take, Verdict } from './token-bucket';

/** Past this the oldest bucket is forgotten, which is a full one again. */
const BUCKETS_MAX = 100_000;

/** Buckets of this process alone. */
export class MemoryLimits extends LimitStore {
  private readonly fullAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async take(buckets: readonly Bucket[]): Promise<readonly Verdict[]> {
    const now = this.clock.now().getTime();
    const taken = buckets.map(({ id, rate }) => take(this.fullAt.get(id), now, rate));
    if (taken.every(({ allowed }) => allowed)) {
      for (const [at, { fullAt }] of taken.entries()) this.keep(buckets[at]!.id, fullAt); // one for each
    }
    return taken;
  }

  async close(): Promise<void> {
    this.fullAt.clear();
  }

  private keep(id: string, fullAt: number): void {
    this.fullAt.delete(id);
    this.fullAt.set(id, fullAt);
    if (this.fullAt.size <= BUCKETS_MAX) return;
    const [oldest] = this.fullAt.keys();
    if (oldest !== undefined) this.fullAt.delete(oldest);
  }
}
