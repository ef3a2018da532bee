import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NormalizeBatch } from '#libs/contracts/jobs';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { HandlesJob } from '#libs/queue/handles-job';
import { serve } from '#libs/transport/serve';
import { BatchWorker } from './batch-worker';
import { NormalizerService } from './normalizer.service';
import { Quarantine } from './quarantine/quarantine';
import { InstalledVersion } from './version.entity';
import { Versions } from './versions';

/** Batches that wait on engines while another is worked on; more would only hold more memory. */
const CONCURRENCY = 8;

@Injectable()
class NormalizeJobs {
  constructor(private readonly worker: BatchWorker) {}

  @HandlesJob(NormalizeBatch, { concurrency: CONCURRENCY })
  normalize(job: NormalizeBatch): Promise<void> {
    return this.worker.normalize(job);
  }
}

/** Turns raw batches into rows. */
@Module({
  imports: [TypeOrmModule.forFeature([InstalledVersion])],
  providers: [...serve(NormalizerContract, NormalizerService), Versions, Quarantine, BatchWorker, NormalizeJobs],
})
export class NormalizerModule {}
