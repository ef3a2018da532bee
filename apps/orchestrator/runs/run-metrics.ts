import { Injectable } from '@nestjs/common';
import { InjectMetric, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Histogram } from 'prom-client';
import { RunRecord } from './run.entity';

const START_DELAY = 'chartly_run_start_delay_seconds';
const FIRST_CLAIM = 1;

export const runStartDelay = makeHistogramProvider({
  name: START_DELAY,
  help: 'Time from when a run was due, or asked for, until somebody took it in hand.',
  labelNames: ['trigger'],
  buckets: [0.1, 0.5, 1, 2, 5, 15, 60, 300],
});

/** Meters how soon runs begin. */
@Injectable()
export class RunMetrics {
  constructor(@InjectMetric(START_DELAY) private readonly delay: Histogram) {}

  /** A run that was claimed; counted when it is for the first time. */
  claimed({ epoch, trigger, dueAt, createdAt, startedAt }: RunRecord): void {
    if (epoch !== FIRST_CLAIM || !startedAt) return;
    const waitedMs = startedAt.getTime() - (dueAt ?? createdAt).getTime();
    this.delay.observe({ trigger }, Math.max(0, waitedMs) / 1_000);
  }
}
