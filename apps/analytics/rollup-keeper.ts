import { BeforeApplicationShutdown, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { StorageContract, RollupRef } from '#libs/contracts/storage.contract';
import { Periodic } from '#libs/queue/periodic';

const SWEEP_MS = 5_000;
const BUCKETS_A_TURN = 500;
/** Under constant ingest upkeep takes at most this part of the time. */
const SHARE = 0.1;
const REST_MIN_MS = 500;
const REST_MAX_MS = 30_000;

/**
 * Keeps rollups up to date. Which buckets are dirty stands in storage, in the transaction that made them so; a message
 * or a sweep only says that it is time to look. What is dirty meanwhile is answered from raw rows.
 */
@Injectable()
export class RollupKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly round: Periodic;
  private restUntil = 0;

  constructor(private readonly storage: StorageContract) {
    this.round = new Periodic('RollupKeeper', SWEEP_MS, () => this.sweep());
  }

  onApplicationBootstrap(): void {
    this.round.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.round.stop();
  }

  /** Rows came: look soon, unless the last look was so dear that it is not time yet. */
  rowsCame(): void {
    if (Date.now() >= this.restUntil) this.round.wake();
  }

  /** Recomputes a rollup until nothing of it is dirty; gives the number of buckets. */
  async refresh(rollup: RollupRef): Promise<number> {
    let refreshed = 0;
    for (let remaining = 1; remaining > 0;) {
      const done = await this.storage.materialize({ ...rollup, maxBuckets: BUCKETS_A_TURN });
      refreshed += done.refreshed;
      remaining = done.refreshed === 0 ? 0 : done.remaining;
    }
    return refreshed;
  }

  private async sweep(): Promise<void> {
    if (Date.now() < this.restUntil) return;
    const began = Date.now();
    const { rollups } = await this.storage.rollups({});
    for (const { project, dataset, rollup, dirtyBuckets } of rollups) {
      if (dirtyBuckets > 0) await this.storage.materialize({ project, dataset, rollup, maxBuckets: BUCKETS_A_TURN });
    }
    const costMs = Date.now() - began;
    this.restUntil = Date.now() + Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, costMs / SHARE));
  }
}
