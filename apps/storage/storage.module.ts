import { Module, OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import { ChartlyConfig } from '#libs/config/config';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Readiness } from '#libs/telemetry/readiness';
import { serve } from '#libs/transport/serve';
import { AppendNews } from './append-news';
import { DuckDbEventStore } from './duckdb/duckdb-event-store';
import { EventStore } from './event-store';
import { StorageService } from './storage.service';
import { storeMetricProviders, StoreMetrics } from './store-metrics';

/** Durable rows by dataset, on the engine that the configuration names. */
@Module({
  providers: [
    ...serve(StorageContract, StorageService),
    AppendNews,
    StoreMetrics,
    ...storeMetricProviders,
    {
      provide: EventStore,
      inject: [ChartlyConfig, Readiness],
      useFactory: async (config: ChartlyConfig, readiness: Readiness): Promise<EventStore> => {
        const folder = join(config.dataDir, 'events');
        const store = await DuckDbEventStore.open({ folder, memoryLimit: config.eventsMemoryLimit });
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
