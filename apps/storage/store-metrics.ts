import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';
import { AppendReceipt } from '#libs/contracts/storage.contract';
import { metered } from '#libs/telemetry/meter';

const STORE_SECONDS = 'chartly_store_seconds';
const STORE_ROWS = 'chartly_store_rows_total';

export const storeMetricProviders = [
  makeHistogramProvider({
    name: STORE_SECONDS,
    help: 'Time of an operation of the event engine, by how it ended: "ok", "refused" or "failed".',
    labelNames: ['operation', 'outcome'],
    buckets: [0.002, 0.01, 0.05, 0.1, 0.25, 1, 5, 15, 60],
  }),
  makeCounterProvider({
    name: STORE_ROWS,
    help: 'Rows that appends brought, by what became of them; an append that is repeated counts again.',
    labelNames: ['outcome'],
  }),
];

/** Meters what the event engine does. */
@Injectable()
export class StoreMetrics {
  constructor(
    @InjectMetric(STORE_SECONDS) private readonly seconds: Histogram,
    @InjectMetric(STORE_ROWS) private readonly rows: Counter,
  ) {}

  meter<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return metered(this.seconds, { operation }, work);
  }

  appended({ stored, merged, stale, duplicate }: AppendReceipt): void {
    for (const [outcome, count] of Object.entries({ stored, merged, stale, duplicate })) {
      if (count > 0) this.rows.inc({ outcome }, count);
    }
  }
}
