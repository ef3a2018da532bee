import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { setTimeout as pause } from 'node:timers/promises';
import { Gauge, Histogram } from 'prom-client';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { CanaryHealth } from '#libs/contracts/observer.contract';
import { Periodic } from '#libs/queue/periodic';
import { CanaryPipeline, Whereabouts } from './canary-pipeline';

export const CANARY_OK = 'chartly_canary_ok';
export const CANARY_SECONDS = 'chartly_canary_seconds';

const LATE_MS = 30_000;
/** Looks come closer together while the answer is due soon. Unit: milliseconds. */
const LOOK_MS = 50;
const LOOK_MAX_MS = 1_000;

interface Flight {
  readonly beganMs: number;
  waitingFor: Exclude<Whereabouts, 'through'>;
}

/**
 * Rule 8: each service may say that it is ready while nothing flows. So a record is sent the whole way, from push to
 * query, and is late when it takes over 30 s. One is under way at a time.
 */
@Injectable()
export class Canary implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Canary');
  private readonly flights: Periodic;
  private readonly stopping = new AbortController();
  private readonly off: boolean;
  private installed = false;
  private flight?: Flight;
  private told = false;
  private last?: { readonly tookMs: number; readonly at: Date };

  constructor(
    private readonly pipeline: CanaryPipeline,
    private readonly clock: Clock,
    @InjectMetric(CANARY_OK) private readonly ok: Gauge,
    @InjectMetric(CANARY_SECONDS) private readonly seconds: Histogram,
    config: ChartlyConfig,
  ) {
    this.off = config.canaryIntervalMs === 0;
    this.flights = new Periodic('Canary', config.canaryIntervalMs, () => this.fly());
  }

  onApplicationBootstrap(): void {
    if (!this.off) this.flights.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.flights.stop();
  }

  health(): CanaryHealth {
    return {
      state: this.state(),
      ...(this.last && { tookMs: this.last.tookMs, lastAt: this.last.at.toISOString() }),
      ...(this.flight && { waitingFor: this.flight.waitingFor }),
    };
  }

  private state(): CanaryHealth['state'] {
    if (this.off) return 'off';
    if (this.isLate()) return 'late';
    return this.last ? 'ok' : 'on its way';
  }

  private isLate(): boolean {
    return this.flight !== undefined && performance.now() - this.flight.beganMs > LATE_MS;
  }

  private async fly(): Promise<void> {
    const flight: Flight = { beganMs: performance.now(), waitingFor: 'connector-hub' };
    this.flight = flight;
    const id = await this.until(() => this.takeOff(flight));
    const through = id && (await this.until(() => this.look(flight, id)));
    if (!through) return; // the process ends
    const tookMs = Math.round(performance.now() - flight.beganMs);
    if (this.told) this.logger.log({ tookMs }, 'The data plane flows again.');
    this.told = false;
    this.last = { tookMs, at: this.clock.now() };
    this.flight = undefined;
    this.ok.set(1);
    this.seconds.observe(tookMs / 1_000);
  }

  /** Nobody was pushed to when it fails, or nobody knows: another record goes then, and one too many does no harm. */
  private async takeOff(flight: Flight): Promise<string | undefined> {
    try {
      if (!this.installed) await this.pipeline.install((service) => (flight.waitingFor = service));
      this.installed = true;
      return await this.pipeline.push();
    } catch (thrown) {
      this.logger.debug({ waitingFor: flight.waitingFor }, `The canary did not take off: ${String(thrown)}`);
      return undefined;
    }
  }

  private async look(flight: Flight, id: string): Promise<true | undefined> {
    const where = await this.pipeline.whereabouts(id);
    if (where === 'through') return true;
    flight.waitingFor = where;
    return undefined;
  }

  /** Asks until there is an answer, more and more seldom; undefined when the process ends before. */
  private async until<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    const { signal } = this.stopping;
    for (let waitMs = LOOK_MS; !signal.aborted; waitMs = Math.min(waitMs * 1.5, LOOK_MAX_MS)) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (this.isLate()) this.tellLate();
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  private tellLate(): void {
    this.ok.set(0);
    if (!this.told) this.logger.error(`The canary is late: it waits for ${this.flight?.waitingFor}.`);
    this.told = true;
  }
}
