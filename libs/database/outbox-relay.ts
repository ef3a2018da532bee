import { BeforeApplicationShutdown, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { asChartlyError } from '#libs/errors/wire';
import { Outbox, OutboxEntry } from './outbox';

const BATCH = 200;
/** A commit is told of at once; this is for what another process left, and for a wake-up that came before the commit. */
const POLL_MS = 1_000;
const WAKE_MS = 20;
const BACKOFF_MAX_MS = 15_000;

/**
 * Ships a schema's outbox, at least once. It claims by a lease and not by "id above the last seen", since transactions
 * commit out of order (rule 5). No connection is held while entries are shipped: their receiver may need one from the
 * same pool. A crash before the deletion lets the lease run out, and the entries are shipped again.
 */
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger: Logger;
  private timer?: NodeJS.Timeout;
  private working?: Promise<void>;
  private failures = 0;
  private stopped = false;
  private begun = false;

  constructor(
    private readonly database: DataSource,
    private readonly outbox: Outbox,
    private readonly ship: (entries: readonly OutboxEntry[]) => Promise<unknown>,
    /** Whether no other process ships this outbox: then what is claimed at the start was claimed by a process that died. */
    private readonly isAlone = false,
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
        if (this.failures === 1) this.logger.warn(`The outbox waits: ${asChartlyError(error).message}`);
      })
      .finally(() => {
        this.working = undefined;
        this.schedule(Math.min(POLL_MS * 2 ** this.failures, BACKOFF_MAX_MS));
      });
  }

  private async drain(): Promise<void> {
    if (this.isAlone && !this.begun) await this.outbox.unclaimAll(this.database);
    this.begun = true;
    while ((await this.shipOnce()) === BATCH);
  }

  private async shipOnce(): Promise<number> {
    const entries = await this.outbox.claim(this.database, BATCH);
    if (entries.length === 0) return 0;
    let shipped: readonly OutboxEntry[];
    try {
      shipped = await this.shipAll(entries);
    } catch (thrown) {
      await this.outbox.unclaim(this.database, entries);
      throw thrown;
    }
    await this.outbox.delete(this.database, shipped);
    return entries.length;
  }

  /**
   * Gives what was shipped. All at once; when the receiver refuses them for good, one by one: one that is refused stays,
   * claimed, until its lease runs out and it is tried again, and holds up nobody.
   */
  private async shipAll(entries: readonly OutboxEntry[]): Promise<readonly OutboxEntry[]> {
    try {
      await this.ship(entries);
      return entries;
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      const shipped: OutboxEntry[] = [];
      for (const entry of entries) if (await this.shipAlone(entry)) shipped.push(entry);
      return shipped;
    }
  }

  private async shipAlone(entry: OutboxEntry): Promise<boolean> {
    try {
      await this.ship([entry]);
      return true;
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      this.logger.error({ entry: entry.id }, `An entry is refused and stays: ${asChartlyError(thrown).message}`);
      return false;
    }
  }
}

/** The receiver will not take it as it is, however often it comes. */
function isRefusal(thrown: unknown): boolean {
  const { status } = asChartlyError(thrown);
  return status < 500 && status !== 429;
}
