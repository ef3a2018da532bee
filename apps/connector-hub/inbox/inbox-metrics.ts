import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { ChartlyConfig } from '#libs/config/config';
import { askedOnScrape } from '#libs/telemetry/on-scrape';
import { Backlog } from './backlog';

const BYTES = 'chartly_inbox_bytes';
const LIMIT = 'chartly_inbox_limit_bytes';
const OLDEST = 'chartly_inbox_oldest_seconds';

export const inboxMetricProviders = [
  makeGaugeProvider({ name: BYTES, help: 'Accepted and not yet settled bytes, of all processes.' }),
  makeGaugeProvider({ name: LIMIT, help: 'Bytes at which pushes get 429 and pulls wait (CHARTLY_INBOX_MAX_BYTES).' }),
  makeGaugeProvider({
    name: OLDEST,
    help: 'Age of the oldest batch that is not settled, for each pipeline that has one.',
    labelNames: ['project', 'pipeline'],
  }),
];

/** Shows how full the inbox is. */
@Injectable()
export class InboxMetrics implements OnModuleInit {
  constructor(
    private readonly backlog: Backlog,
    private readonly config: ChartlyConfig,
    @InjectMetric(BYTES) private readonly bytes: Gauge,
    @InjectMetric(LIMIT) private readonly limit: Gauge,
    @InjectMetric(OLDEST) private readonly oldest: Gauge,
  ) {}

  onModuleInit(): void {
    this.limit.set(this.config.inboxMaxBytes);
    askedOnScrape(this.bytes, () => this.bytes.set(this.backlog.bytes));
    askedOnScrape(this.oldest, () => {
      for (const { project, pipeline, ageMs } of this.backlog.ages())
        this.oldest.set({ project, pipeline }, ageMs / 1_000);
    });
  }
}
