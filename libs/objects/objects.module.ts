import { Module } from '@nestjs/common';
import { ChartlyConfig } from '#libs/config/config';
import { ObjectStore } from './object-store';
import { openObjects } from './open-objects';

/** Gives the process's one object store to the services that import it. */
@Module({
  providers: [{ provide: ObjectStore, inject: [ChartlyConfig], useFactory: openObjects }],
  exports: [ObjectStore],
})
export class ObjectsModule {}
