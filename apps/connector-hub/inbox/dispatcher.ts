import { Injectable, Logger, BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BatchOffer, NormalizeBatches, OFFERED_BATCHES_MAX } from '#libs/contracts/jobs';
import { JobQueue } from '#libs/queue/job-queue';
import { GroupCommit } from '#libs/database/group-commit';

const OFFERS_AT_ONCE = 500;

/**
 * Tells the normalizer of batches. Only a hint (rule 2): when the queue does not take it, the batch's lease is given
 * back, and the next sweep offers it again.
 */
@Injectable()
export class Dispatcher implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Dispatcher');
  private readonly offers = new GroupCommit<BatchOffer, void>((offers) => this.send(offers), {
    items: OFFERS_AT_ONCE,
    flights: 1,
  });
  private queueAway = false;

  constructor(
    private readonly database: DataSource,
    private readonly queue: JobQueue,
  ) {}

  /** Returns at once and never fails. */
  dispatch(offer: BatchOffer): void {
    this.offers.submit(offer).catch((thrown: unknown) => this.logger.warn(thrown));
  }

  /** Resolves when the queue has taken what was dispatched, or refused it. */
  async drain(): Promise<void> {
    await this.offers.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain();
  }

  private async send(offers: readonly BatchOffer[]): Promise<undefined[]> {
    try {
      await this.queue.addBulk(
        chunks(offers, OFFERED_BATCHES_MAX).map((together) => ({
          job: Object.assign(new NormalizeBatches(), { offers: together }),
          options: { jobId: jobIdOf(together[0]!) }, // a chunk is never empty
        })),
      );
      this.queueAway = false;
    } catch (thrown) {
      if (!this.queueAway) this.logger.warn(`Batches wait for the sweeper: ${String(thrown)}`);
      this.queueAway = true;
      await this.giveBack(offers);
    }
    return offers.map(() => undefined);
  }

  /** Best effort: a lease that is not given back runs out by itself. */
  private async giveBack(offers: readonly BatchOffer[]): Promise<void> {
    try {
      await this.database.query(GIVE_BACK, [offers.map(({ batchId }) => batchId), offers.map(({ epoch }) => epoch)]);
    } catch (thrown) {
      this.logger.warn(`Leases run out by themselves: ${String(thrown)}`);
    }
  }
}

/** Each offer is made once, so the first of a job tells it from all others. */
const jobIdOf = ({ batchId, epoch }: BatchOffer): string => `${batchId}-${epoch}`;

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

const GIVE_BACK = `
  UPDATE connector_hub.batches b
  SET lease_until = clock_timestamp()
  FROM unnest($1::uuid[], $2::int[]) AS offer (batch_id, epoch)
  WHERE b.batch_id = offer.batch_id AND b.epoch = offer.epoch AND b.status = 'pending'`;
