import { Injectable, Logger, OnApplicationBootstrap, BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BatchOffer } from '#libs/contracts/jobs';
import { Periodic } from '#libs/queue/periodic';
import { Backlog } from './backlog';
import { Dispatcher } from './dispatcher';
import { LEASE_SECONDS } from './insert-batches';

const SWEEP_EVERY_MS = 5_000;
const CLEAN_EVERY_MS = 10 * 60_000;
/** A long but healthy queue is not offered again all at once. */
const SWEEP_MAX_BATCHES = 500;
const LEASE_MAX_SECONDS = 60;
/** A settled batch whose raw bytes nobody wants is still known this long, for who asks late. */
const SETTLED_KEPT_HOURS = 1;
const RUNS_KEPT_DAYS = 30;
const CLEAN_MAX_ROWS = 5_000;

/**
 * Carries through what the queue lost (rule 2): a batch that is pending when its lease runs out is offered again under
 * the next epoch, and the lease doubles, up to a minute. A batch is never given up: it stays in the inbox with the
 * reason of its last failure until it is settled.
 */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Sweeper');
  private readonly sweeps = new Periodic('Sweeper', SWEEP_EVERY_MS, () => this.sweep());
  private readonly cleanings = new Periodic('InboxCleaning', CLEAN_EVERY_MS, () => this.clean());

  constructor(
    private readonly database: DataSource,
    private readonly dispatcher: Dispatcher,
    private readonly backlog: Backlog,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.backlog.refresh();
    this.sweeps.start();
    this.cleanings.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.sweeps.stop(), this.cleanings.stop()]);
  }

  /** Offers what is due and sets the backlog's counters right. Gives how many batches were offered. */
  async sweep(): Promise<number> {
    await this.backlog.refresh();
    const due = await this.database.query<(BatchOffer & { attempts: number; lastError: string | null })[]>(SWEEP, [
      SWEEP_MAX_BATCHES,
    ]);
    for (const { batchId, epoch, bytes, attempts, lastError } of due) {
      if (attempts > 3) this.logger.warn({ batchId, attempts, lastError }, 'A batch is offered again.');
      this.dispatcher.dispatch({ batchId, epoch, bytes });
    }
    await this.dispatcher.drain();
    return due.length;
  }

  /** Forgets settled batches without raw bytes (their sums are in the totals), old runs' sums, and idempotency keys that ran out. */
  async clean(): Promise<void> {
    for (const statement of [FORGET_SETTLED, FORGET_RUNS, FORGET_KEYS]) {
      let forgotten: number;
      do {
        const [row] = await this.database.query<[{ forgotten: number }]>(statement, [CLEAN_MAX_ROWS]);
        ({ forgotten } = row);
      } while (forgotten === CLEAN_MAX_ROWS);
    }
  }
}

const SWEEP = `
  WITH due AS (
    SELECT batch_id
    FROM connector_hub.batches
    WHERE status = 'pending' AND lease_until <= clock_timestamp()
    ORDER BY lease_until
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  ), offered AS (
    UPDATE connector_hub.batches b
    SET epoch = epoch + 1,
        attempts = attempts + 1,
        lease_until = clock_timestamp()
                      + least(${LEASE_SECONDS} * 2 ^ least(attempts, 10), ${LEASE_MAX_SECONDS}) * interval '1 second'
    FROM due
    WHERE b.batch_id = due.batch_id
    RETURNING b.batch_id, b.epoch, b.bytes, b.attempts, b.last_error
  )
  SELECT batch_id AS "batchId", epoch, bytes, attempts, last_error AS "lastError" FROM offered`;

const FORGET_SETTLED = `
  WITH forgotten AS (
    DELETE FROM connector_hub.batches
    WHERE batch_id IN (
      SELECT batch_id
      FROM connector_hub.batches
      WHERE status = 'settled' AND payload IS NULL AND segment_id IS NULL
        AND batch_id < connector_hub.first_id_at(clock_timestamp() - interval '${SETTLED_KEPT_HOURS} hours')
        AND settled_at < clock_timestamp() - interval '${SETTLED_KEPT_HOURS} hours'
      LIMIT $1
      FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
  )
  SELECT count(*)::int AS forgotten FROM forgotten`;

const FORGET_RUNS = `
  WITH forgotten AS (
    DELETE FROM connector_hub.run_outcomes
    WHERE run_id IN (
      SELECT run_id
      FROM connector_hub.run_outcomes
      WHERE settled_at < clock_timestamp() - interval '${RUNS_KEPT_DAYS} days'
      LIMIT $1
      FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
  )
  SELECT count(*)::int AS forgotten FROM forgotten`;

const FORGET_KEYS = `
  WITH forgotten AS (
    DELETE FROM connector_hub.idempotency
    WHERE (project, pipeline, key) IN (
      SELECT project, pipeline, key
      FROM connector_hub.idempotency
      WHERE expires_at < clock_timestamp()
      ORDER BY expires_at
      LIMIT $1
      FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
  )
  SELECT count(*)::int AS forgotten FROM forgotten`;
