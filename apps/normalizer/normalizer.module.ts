import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { serve } from '#libs/transport/serve';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { BatchWorker } from './batch-worker';
import { Engine } from './engine/engine';
import { NormalizeJobs } from './normalize-jobs';
import { NormalizerService } from './normalizer.service';
import { Threads } from './engine/threads';
import { StepMetrics, stepMetricProviders } from './metrics/step-metrics';
import { Comparison } from './compare/comparison';
import { Lineage } from './lineage/lineage';
import { Previews } from './preview/previews';
import { Chunks } from './quarantine/chunks';
import { QuarantineListing } from './quarantine/listing';
import { Quarantine } from './quarantine/quarantine';
import { QuarantineTaskRunner } from './quarantine/task-runner';
import { QuarantineTasks } from './quarantine/tasks';
import { RedactionKeys } from './redaction-keys';
import { Reshaper } from './reshape/reshaper';
import { InstalledVersion } from './version.entity';
import { Versions } from './versions';

/** Turns raw batches into rows. */
@Module({
  imports: [
    ClockModule,
    AuditTrailModule.forSchema('normalizer'),
    IdempotencyModule.forSchema('normalizer'),
    TypeOrmModule.forFeature([InstalledVersion]),
  ],
  providers: [
    ...serve(NormalizerContract, NormalizerService),
    ...stepMetricProviders,
    Versions,
    RedactionKeys,
    Quarantine,
    QuarantineListing,
    QuarantineTasks,
    Chunks,
    QuarantineTaskRunner,
    Reshaper,
    Threads,
    Engine,
    Previews,
    Lineage,
    Comparison,
    StepMetrics,
    BatchWorker,
    NormalizeJobs,
  ],
})
export class NormalizerModule {}
