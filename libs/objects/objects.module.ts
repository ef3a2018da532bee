import { Module } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';
import { ChartlyConfig } from '#libs/config/config';
import { MeteredObjectStore, OBJECT_BYTES, OBJECT_SECONDS, objectMetricProviders } from './metered-object-store';
import { ObjectStore } from './object-store';
import { openObjects } from './open-objects';

/** Gives the process's one object store to the services that import it. */
@Module({
  providers: [
    ...objectMetricProviders,
    {
      provide: ObjectStore,
      inject: [ChartlyConfig, getToken(OBJECT_SECONDS), getToken(OBJECT_BYTES)],
      useFactory: async (config: ChartlyConfig, seconds: Histogram, bytes: Counter): Promise<ObjectStore> =>
        new MeteredObjectStore(await openObjects(config), seconds, bytes),
    },
  ],
  exports: [ObjectStore],
})
export class ObjectsModule {}
