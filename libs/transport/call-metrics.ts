import { Injectable } from '@nestjs/common';
import { InjectMetric, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Histogram } from 'prom-client';
import { ServiceName } from '#libs/contracts/contract';
import { ChartlyError } from '#libs/errors/errors';

const CALL_SECONDS = 'chartly_call_seconds';

export const callSeconds = makeHistogramProvider({
  name: CALL_SECONDS,
  help: 'Time that a call to a service took its caller, by how it ended: "ok" or the type of the error.',
  labelNames: ['service', 'method', 'outcome'],
  buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
});

/** Meters calls where they are made, whether the service is in this process or in another one. */
@Injectable()
export class CallMetrics {
  constructor(@InjectMetric(CALL_SECONDS) private readonly seconds: Histogram) {}

  async meter<T>(service: ServiceName, method: string, call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let outcome = 'ok';
    try {
      return await call();
    } catch (thrown) {
      outcome = thrown instanceof ChartlyError ? thrown.name : 'Internal';
      throw thrown;
    } finally {
      this.seconds.observe({ service, method, outcome }, (performance.now() - began) / 1_000);
    }
  }
}
