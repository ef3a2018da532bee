import { DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JobQueue } from './job-queue';
import { JobWorkers } from './job-workers';
import { QueueBackend, QueueOptions } from './queue-backend';
import { queueMetricProviders, QueueMetrics } from './queue-metrics';

/** Gives `JobQueue` to every service of the process, and runs the jobs that they handle. */
@Global()
@Module({})
export class QueueModule {
  static forRoot(options: QueueOptions): DynamicModule {
    return {
      module: QueueModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: QueueBackend, useValue: new QueueBackend(options) },
        JobQueue,
        JobWorkers,
        QueueMetrics,
        ...queueMetricProviders,
      ],
      exports: [JobQueue],
    };
  }
}
