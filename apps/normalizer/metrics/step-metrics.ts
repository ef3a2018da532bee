import { Injectable, Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { StepTally } from '../core/run';

const STEP_RECORDS = 'chartly_step_records_total';
const STEP_SECONDS = 'chartly_step_seconds';
const LABELS = ['project', 'pipeline', 'step'];

export const stepMetricProviders: readonly Provider[] = [
  makeCounterProvider({
    name: STEP_RECORDS,
    help: 'Records that a step passed on, filtered out or sent to quarantine, attempts of a batch counted each.',
    labelNames: [...LABELS, 'outcome'],
  }),
  makeHistogramProvider({
    name: STEP_SECONDS,
    help: 'Time that a step takes over one record, measured on one record of 64.',
    labelNames: LABELS,
    buckets: [0.000001, 0.00001, 0.0001, 0.001, 0.01, 0.05, 0.25, 1],
  }),
];

/** Counts what each step does, by its name in the document. */
@Injectable()
export class StepMetrics {
  constructor(
    @InjectMetric(STEP_RECORDS) private readonly records: Counter,
    @InjectMetric(STEP_SECONDS) private readonly seconds: Histogram,
  ) {}

  observe({ project, pipeline }: PipelineName, tallies: readonly StepTally[]): void {
    for (const { label: step, passed, filtered, quarantined, seconds } of tallies) {
      const labels = { project, pipeline, step };
      for (const [outcome, count] of Object.entries({ passed, filtered, quarantined })) {
        if (count > 0) this.records.inc({ ...labels, outcome }, count);
      }
      for (const one of seconds) this.seconds.observe(labels, one);
    }
  }
}
