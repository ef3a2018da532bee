import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NormalizeBatches } from '#libs/contracts/jobs';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { HandlesJob } from '#libs/queue/handles-job';
import { serve } from '#libs/transport/serve';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { BatchWorker } from './batch-worker';
import { Engine } from './engine/engine';
import { NormalizerService } from './normalizer.service';
import { Threads } from './engine/threads';
import { StepMetrics, stepMetricProviders } from './metrics/step-metrics';
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

/** Jobs under way at once, and batches of one job: some wait on engines while another is worked on. */
const JOBS_AT_ONCE = 4;
const BATCHES_AT_ONCE = 8;

@Injectable()
class NormalizeJobs {
  constructor(private readonly worker: BatchWorker) {}

  @HandlesJob(NormalizeBatches, { concurrency: JOBS_AT_ONCE })
  async normalize({ offers }: NormalizeBatches): Promise<void> {
    const waiting = [...offers];
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let offer = waiting.shift(); offer; offer = waiting.shift()) {
        await this.worker.normalize(offer).catch((thrown: unknown) => failures.push(thrown));
      }
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
    if (failures.length > 0) throw failures[0];
  }
}

/** Turns raw batches into rows. */
@Module({
  imports: [ClockModule, AuditTrailModule.forSchema('normalizer'), TypeOrmModule.forFeature([InstalledVersion])],
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
    StepMetrics,
    BatchWorker,
    NormalizeJobs,
  ],
})
export class NormalizerModule {}
