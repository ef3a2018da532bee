import { BeforeApplicationShutdown, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Periodic } from '#libs/queue/periodic';
import { Partitions } from '../inbox/partitions';
import { Mover } from './mover';
import { Resealer } from './resealer';
import { Retention } from './retention';

const MOVE_EVERY_MS = 10_000;
const KEEP_EVERY_MS = 10 * 60_000;

/** Keeps the inbox small: settled batches go to the object store, and from there when their time is over. */
@Injectable()
export class Archive implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly moves = new Periodic('RawMover', MOVE_EVERY_MS, () => this.alone(() => this.mover.move()));
  private readonly keeping = new Periodic('RawRetention', KEEP_EVERY_MS, () => this.keep());

  constructor(
    private readonly database: DataSource,
    private readonly mover: Mover,
    private readonly resealer: Resealer,
    private readonly retention: Retention,
    private readonly partitions: Partitions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.partitions.makeAhead();
    this.moves.start();
    this.keeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.moves.stop(), this.keeping.stop()]);
  }

  private async keep(): Promise<void> {
    await this.partitions.makeAhead();
    await this.alone(() => this.resealer.reseal());
    await this.alone(() => this.retention.apply());
    await this.alone(() => this.partitions.dropEmpty());
  }

  /** Two that move the same would do half of it for nothing: one process at a time, for as long as its session lives. */
  private async alone(work: () => Promise<unknown>): Promise<void> {
    const session = this.database.createQueryRunner();
    try {
      const [{ mine }] = (await session.query(TRY_LOCK)) as [{ mine: boolean }]; // one row, always
      if (!mine) return;
      try {
        await work();
      } finally {
        await session.query(UNLOCK);
      }
    } finally {
      await session.release();
    }
  }
}

const TRY_LOCK = `SELECT pg_try_advisory_lock(hashtextextended('connector_hub.archive', 0)) AS mine`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended('connector_hub.archive', 0))`;
