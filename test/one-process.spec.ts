import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChartlyUnderTest } from './support/chartly';
import { wholeSystem } from './scenarios/whole-system';
import { Upstream } from './scenarios/earthquakes';

describe('one process on embedded engines', () => {
  let chartly: ChartlyUnderTest;
  let upstream: Upstream;
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'chartly-upstream-'));
    upstream = await Upstream.start(scratch);
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_EGRESS_ALLOW: upstream.host });
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

  it('keeps the data over a restart', async () => {
    const before = await chartly.api.ok('/v1/projects/default/pipelines/earthquakes/ledger');
    await chartly.stop();
    await chartly.boot();
    const after = await chartly.api.ok('/v1/projects/default/pipelines/earthquakes/ledger');
    const books = ({ records, rows, dataset }: Record<string, unknown>): unknown => ({ records, rows, dataset });
    expect(books(after as Record<string, unknown>)).toEqual(books(before as Record<string, unknown>));
  });

  it('mounts no /internal at all', async () => {
    expect((await chartly.api.send('/internal/storage/totals', { method: 'POST' })).status).toBe(404);
    expect((await chartly.api.send('/metrics')).status).toBe(404);
  });
});
