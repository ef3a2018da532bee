import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Gauge, Histogram } from 'prom-client';
import { metered } from '#libs/telemetry/meter';
import { askedOnScrape } from '#libs/telemetry/on-scrape';
import { JobQueue } from './job-queue';

const QUEUE_JOBS = 'chartly_queue_jobs';
const JOB_SECONDS = 'chartly_job_seconds';

export const queueMetricProviders = [
  makeGaugeProvider({
    name: QUEUE_JOBS,
    help: 'Jobs in the queues that this process knows, by what they wait for. The same from every process.',
    labelNames: ['queue', 'state'],
  }),
  makeHistogramProvider({
    name: JOB_SECONDS,
    help: 'Time that this process took over a job, by how it ended: "ok" or "failed".',
    labelNames: ['queue', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120],
  }),
];

/** Meters jobs where they are worked off, and the queues at each scrape. */
@Injectable()
export class QueueMetrics implements OnModuleInit {
  constructor(
    private readonly queue: JobQueue,
    @InjectMetric(QUEUE_JOBS) private readonly jobs: Gauge,
    @InjectMetric(JOB_SECONDS) private readonly seconds: Histogram,
  ) {}

  onModuleInit(): void {
    askedOnScrape(this.jobs, async () => {
      for (const { queue, state, count } of await this.queue.counts()) this.jobs.set({ queue, state }, count);
    });
  }

  meter<T>(queue: string, work: () => Promise<T>): Promise<T> {
    return metered(this.seconds, { queue }, work);
  }
}
