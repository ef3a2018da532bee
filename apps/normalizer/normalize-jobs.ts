import { Injectable } from '@nestjs/common';
import { NormalizeBatches } from '#libs/contracts/jobs';
import { HandlesJob } from '#libs/queue/handles-job';
import { throwAll } from '#libs/queue/each-by-itself';
import { BatchWorker } from './batch-worker';
import { Room } from './room';

/**
 * Jobs under way at once, and batches of one job. Many, since most of them wait: for a thread, and for the commit that
 * they share. The more share one, the fewer there are.
 */
const JOBS_AT_ONCE = 12;
const BATCHES_AT_ONCE = 8;
const MIB = 1024 * 1024;
/** Payloads that are worked on at once. */
const PAYLOADS_MAX_BYTES = 32 * MIB;
/** What an offer weighs that does not say so. */
const ASSUMED_BYTES = MIB;

/** Takes the batches that are offered. */
@Injectable()
export class NormalizeJobs {
  private readonly room = new Room(PAYLOADS_MAX_BYTES);

  constructor(private readonly worker: BatchWorker) {}

  @HandlesJob(NormalizeBatches, { concurrency: JOBS_AT_ONCE })
  async normalize({ offers }: NormalizeBatches): Promise<void> {
    const waiting = [...offers];
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let offer = waiting.shift(); offer; offer = waiting.shift()) {
        const leave = await this.room.enter(offer.bytes ?? ASSUMED_BYTES);
        try {
          await this.worker.normalize(offer);
        } catch (thrown) {
          failures.push(thrown);
        } finally {
          leave();
        }
      }
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
    throwAll(failures);
  }
}
