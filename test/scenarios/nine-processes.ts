import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestRedis } from '#libs/testing/redis';
import { ChartlyUnderTest } from '../support/chartly';
import { Upstream } from './earthquakes';
import { eventAt, ndjson } from './pushed-events';
import { wholeSystem } from './whole-system';

/** Where the pipeline `metrics` takes pushes. */
export const EVENTS = '/v1/projects/default/pipelines/metrics/events';

export async function pushBatches(
  chartly: ChartlyUnderTest,
  from: number,
  batches: number,
  size: number,
): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    const events = Array.from({ length: size }, (_, at) => eventAt(from + batch * size + at));
    await chartly.api.ok(EVENTS, { body: ndjson(events), type: 'application/x-ndjson' });
  }
}

/** The main job on one process a role, then what else the suite asks of the same nine. */
export function nineProcesses(
  redis: () => TestRedis | undefined,
  more: (chartly: () => ChartlyUnderTest) => void,
): void {
  let chartly: ChartlyUnderTest;
  let upstream: Upstream;
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'chartly-upstream-'));
    upstream = await Upstream.start(scratch);
    const url = redis()?.url;
    chartly = await ChartlyUnderTest.start('nine processes', {
      CHARTLY_EGRESS_ALLOW: upstream.host,
      CHARTLY_CANARY_INTERVAL: '1s',
      ...(url === undefined ? {} : { CHARTLY_REDIS_URL: url }),
    });
  });
  afterAll(async () => {
    await chartly.end();
    await upstream.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  wholeSystem(
    () => chartly,
    () => upstream,
  );
  more(() => chartly);
}
