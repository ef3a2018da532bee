import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { Ledger } from '#libs/contracts/observer.contract';
import { Periodic } from '#libs/queue/periodic';
import { Ledgers } from './ledgers';

export const LEDGER_BALANCED = 'chartly_ledger_balanced';

const RECORD = `
  INSERT INTO observer.checks (id, project, pipeline, checked_at, balanced, problems) VALUES ($1, $2, $3, $4, $5, $6)`;

const FORGET = `DELETE FROM observer.checks WHERE checked_at < clock_timestamp() - interval '30 days'`;

/** Checks the books of every pipeline again and again, and says so loudly when they do not balance. */
@Injectable()
export class LedgerCheck implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('LedgerCheck');
  private readonly round: Periodic;

  constructor(
    private readonly ledgers: Ledgers,
    private readonly database: DataSource,
    private readonly ids: Ids,
    @InjectMetric(LEDGER_BALANCED) private readonly balanced: Gauge,
    config: ChartlyConfig,
  ) {
    this.round = new Periodic('LedgerCheck', config.ledgerIntervalMs, () => this.check());
  }

  onApplicationBootstrap(): void {
    this.round.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.round.stop();
  }

  private async check(): Promise<void> {
    for (const { project, pipeline, active } of await this.ledgers.all()) {
      if (!active) continue;
      await this.record(await this.ledgers.of({ project, pipeline }));
    }
    await this.database.query(FORGET);
  }

  private async record({ project, pipeline, checkedAt, balanced, problems }: Ledger): Promise<void> {
    this.balanced.set({ project, pipeline }, balanced ? 1 : 0);
    if (!balanced) this.logger.error({ project, pipeline }, `The books do not balance: ${problems.join('; ')}`);
    const values = [this.ids.uuidv7(), project, pipeline, checkedAt, balanced, JSON.stringify(problems)];
    await this.database.query(RECORD, values);
  }
}
