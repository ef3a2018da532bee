import { BeforeApplicationShutdown, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Outbox, OutboxEntry } from './outbox';

const BATCH = 200;
/** A commit is told of at once; this is for what another process left, and for a wake-up that came before the commit. */
const POLL_MS = 1_000;
const WAKE_MS = 20;
const BACKOFF_MAX_MS = 15_000;

/**
 * Ships a schema's outbox, at least once. It claims by lock and not by "id above the last seen", since transactions
 * commit out of order (rule 5). An entry is deleted in the transaction that holds its lock while it is shipped, so a
 * crash in between ships it again.
 */
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger: Logger;
  private timer?: NodeJS.Timeout;
  private working?: Promise<void>;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly database: DataSource,
    private readonly outbox: Outbox,
    private readonly ship: (entries: readonly OutboxEntry[]) => Promise<unknown>,
  ) {
    this.logger = new Logger(`OutboxRelay:${outbox.schema}`);
  }

  onApplicationBootstrap(): void {
    this.outbox.onAdd(() => this.schedule(WAKE_MS));
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
    if (this.failures === 0) await this.drain().catch(() => undefined); // what cannot be shipped now is shipped at the next start
  }

  private schedule(delayMs: number): void {
    if (this.stopped || this.working) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.work(), delayMs);
  }

  private work(): void {
    if (this.working || this.stopped) return;
    this.working = this.drain()
      .then(() => {
        this.failures = 0;
      })
      .catch((error: unknown) => {
        this.failures += 1;
        if (this.failures === 1)
          this.logger.warn(`The outbox waits: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.working = undefined;
        this.schedule(Math.min(POLL_MS * 2 ** this.failures, BACKOFF_MAX_MS));
      });
  }

  private async drain(): Promise<void> {
    while ((await this.shipOnce()) === BATCH);
  }

  private shipOnce(): Promise<number> {
    const { schema } = this.outbox;
    return this.database.transaction(async (tx) => {
      const entries = await tx.query<OutboxEntry[]>(
        `SELECT id, body FROM ${schema}.outbox ORDER BY created_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      );
      if (entries.length === 0) return 0;
      await this.ship(entries);
      await tx.query(`DELETE FROM ${schema}.outbox WHERE id = ANY($1)`, [entries.map(({ id }) => id)]);
      return entries.length;
    });
  }
}
