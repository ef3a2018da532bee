import { DynamicModule, Module } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock, ClockModule, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { AuditContract, AuditEntry } from '#libs/contracts/audit.contract';
import { Outbox } from '#libs/database/outbox';
import { OutboxRelay } from '#libs/database/outbox-relay';
import { entryOf, Recorded } from './audit-entry';

/**
 * Records what a service does in the transaction that does it, so that an acknowledged change without its entry cannot
 * be. The outbox carries the entry to the log.
 */
export class AuditTrail {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async record(tx: EntityManager, recorded: Recorded): Promise<void> {
    const entry = entryOf(recorded, this.clock, this.ids);
    await this.outbox.add(tx, { id: entry.id, body: entry });
  }
}

/** The audit trail of the service that owns `schema`, with the relay that ships it. */
@Module({})
export class AuditTrailModule {
  static forSchema(schema: string): DynamicModule {
    const outbox = new Outbox(schema);
    return {
      module: AuditTrailModule,
      imports: [ClockModule],
      providers: [
        {
          provide: AuditTrail,
          inject: [Clock, Ids],
          useFactory: (clock: Clock, ids: Ids) => new AuditTrail(outbox, clock, ids),
        },
        {
          provide: OutboxRelay,
          inject: [DataSource, AuditContract, ChartlyConfig],
          useFactory: (database: DataSource, audit: AuditContract, { embedsPostgres }: ChartlyConfig) =>
            new OutboxRelay(
              database,
              outbox,
              (entries) => audit.append({ entries: entries.map(({ body }) => body as AuditEntry) }), // what `record` put there
              embedsPostgres,
            ),
        },
      ],
      exports: [AuditTrail],
    };
  }
}
