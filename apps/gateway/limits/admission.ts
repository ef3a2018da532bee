import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
import { ChartlyConfig } from '#libs/config/config';
import { Unavailable } from '#libs/errors/errors';
import { askedOnScrape } from '#libs/telemetry/on-scrape';

/** Who goes first when there is not room for all: the first of these is never turned away. */
export const PRIORITIES = ['health', 'control', 'query', 'bulk'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Which share of all places a priority may fill together with those below it: what is left is for those above. */
const SHARES: Readonly<Record<Exclude<Priority, 'health'>, number>> = { control: 1, query: 0.8, bulk: 0.6 };
const RETRY_AFTER_MS = 1_000;

const IN_FLIGHT = 'chartly_gateway_requests_in_flight';
const SHED = 'chartly_gateway_requests_shed_total';

export const admissionMetrics = [
  makeGaugeProvider({ name: IN_FLIGHT, help: 'Requests being answered, by priority.', labelNames: ['priority'] }),
  makeCounterProvider({ name: SHED, help: 'Requests turned away for want of room.', labelNames: ['priority'] }),
];

/** How many requests are answered at once. */
@Injectable()
export class Admission {
  private inFlight = 0;
  private readonly byPriority: Record<Priority, number> = { health: 0, control: 0, query: 0, bulk: 0 };

  constructor(
    private readonly config: ChartlyConfig,
    @InjectMetric(IN_FLIGHT) gauge: Gauge,
    @InjectMetric(SHED) private readonly shed: Counter,
  ) {
    askedOnScrape(gauge, () => {
      for (const priority of PRIORITIES) gauge.set({ priority }, this.byPriority[priority]);
    });
  }

  /** Lets a request in, and gives what lets it out again. Throws Unavailable `gateway.busy`. */
  enter(priority: Priority): () => void {
    if (priority === 'health') return () => undefined;
    const places = Math.max(1, Math.floor(this.config.concurrencyMax * SHARES[priority]));
    if (this.inFlight >= places) {
      this.shed.inc({ priority });
      throw new Unavailable('gateway.busy', 'Too many requests are being answered at once. Try again shortly.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.inFlight += 1;
    this.byPriority[priority] += 1;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.inFlight -= 1;
      this.byPriority[priority] -= 1;
    };
  }
}
