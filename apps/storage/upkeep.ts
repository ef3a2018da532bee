import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { eachByItself } from '#libs/queue/each-by-itself';
import { Periodic } from '#libs/queue/periodic';
import { ArchiveRemovals } from './archive/archive-removals';
import { Erasures } from './erasures';
import { EventStore } from './event-store';

const EVERY_MS = 300_000;

/** What an event store does beside its calls: it takes out what is too old, finishes erasures and deletions of archives, and makes room. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Upkeep');
  private readonly round = new Periodic('Upkeep', EVERY_MS, () => this.keep());

  constructor(
    private readonly events: EventStore,
    private readonly erasures: Erasures,
    private readonly removals: ArchiveRemovals,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.round.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.round.stop();
  }

  private async keep(): Promise<void> {
    const steps = [
      () => this.erasures.finish(),
      () => this.removals.finish(),
      () => this.expire(),
      () => this.events.vacuum(),
    ];
    await eachByItself(steps, (step) => step());
  }

  private async expire(): Promise<void> {
    const expired = await this.events.expire(BigInt(this.clock.now().getTime()) * 1_000n);
    if (expired > 0) this.logger.log(`${expired} rows were older than their datasets keep, and are gone.`);
  }
}
