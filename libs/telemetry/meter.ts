import { Histogram } from 'prom-client';
import { ChartlyError } from '#libs/errors/errors';

const OURS = 500;

/**
 * Runs `work` and observes how long it took and how it ended: `ok`, `refused` when what was asked for was wrong or is
 * not there, `failed` when it is us.
 */
export async function metered<T>(
  seconds: Histogram,
  labels: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let outcome = 'ok';
  try {
    return await work();
  } catch (thrown) {
    outcome = thrown instanceof ChartlyError && thrown.status < OURS ? 'refused' : 'failed';
    throw thrown;
  } finally {
    seconds.observe({ ...labels, outcome }, (performance.now() - began) / 1_000);
  }
}
