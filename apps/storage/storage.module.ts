import { Module, OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { StorageContract } from '#libs/contracts/storage.contract';
import { ObjectsModule } from '#libs/objects/objects.module';
import { Readiness } from '#libs/telemetry/readiness';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { serve } from '#libs/transport/serve';
import { ArchiveRemovals } from './archive/archive-removals';
import { Archives } from './archive/archives';
import { AppendNews } from './append-news';
import { Backups } from './backup/backups';
import { ClickHouseEventStore } from './clickhouse/clickhouse-event-store';
import { DuckDbEventStore } from './duckdb/duckdb-event-store';
import { Erasures } from './erasures';
import { EventStore } from './event-store';
import { Imports } from './imports/imports';
import { StorageService } from './storage.service';
import { storeMetricProviders, StoreMetrics } from './store-metrics';
import { Upkeep } from './upkeep';

function openEventStore(config: ChartlyConfig, database: DataSource): EventStore | Promise<EventStore> {
  const { eventsUrl: url, eventsCluster: cluster, eventsQueryUrl: queryUrl, sqlMemoryLimit: sqlMemory } = config;
  if (url !== undefined) return new ClickHouseEventStore({ url, cluster, queryUrl, sqlMemory }, database);
  const { eventsMemoryLimit: memoryLimit, eventsDiskReserve: diskReserve } = config;
  return DuckDbEventStore.open({ folder: join(config.dataDir, 'events'), memoryLimit, diskReserve, sqlMemory });
}

/** Durable rows by dataset, on the engine that the configuration names. */
@Module({
  imports: [ClockModule, ObjectsModule, AuditTrailModule.forSchema('storage'), IdempotencyModule.forSchema('storage')],
  providers: [
    ...serve(StorageContract, StorageService),
    AppendNews,
    StoreMetrics,
    ...storeMetricProviders,
    Backups,
    Erasures,
    Imports,
    Archives,
    ArchiveRemovals,
    Upkeep,
    {
      provide: EventStore,
      inject: [ChartlyConfig, DataSource, Readiness],
      useFactory: async (config: ChartlyConfig, database: DataSource, readiness: Readiness): Promise<EventStore> => {
        const store = await openEventStore(config, database);
        readiness.register('event store', () => store.ready());
        return store;
      },
    },
  ],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(private readonly events: EventStore) {}

  /** After everything that appends or asks has stopped. */
  onApplicationShutdown(): Promise<void> {
    return this.events.close();
  }
}
