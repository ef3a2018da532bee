import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '#apps/cli/up/child';
import { Run } from '#libs/contracts/orchestrator.contract';
import { PipelinePreview } from '#libs/contracts/pipeline-preview';
import { substituteEnv } from '#libs/documents/substitute-env';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { EXAMPLES_FOLDER } from './support/paths';
import { until } from './support/until';

const FOLDER = join(EXAMPLES_FOLDER, 'shops');

describe('the example of the shops', () => {
  let chartly: ChartlyUnderTest;
  let upstream: Child;
  let folder: string;
  let documents: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-shops-'));
    upstream = new Child({
      args: [join(FOLDER, 'upstream.mjs'), '--port', '0'],
      env: process.env,
      logFile: join(folder, 'upstream.log'),
    });
    const [, url = ''] = (await upstream.line(/upstream listening on (http:\/\/127\.0\.0\.1:\d+)/)) ?? [];
    documents = substituteEnv(await readFile(join(FOLDER, 'pipelines.yaml'), 'utf8'), { SHOPS_URL: url });
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_EGRESS_ALLOW: new URL(url).host });
    await chartly.api.json(
      '/v1/projects/default/secrets/shops',
      { provider: 'own', value: 'demo-secret' },
      { method: 'PUT' },
    );
    await chartly.api.ok('/v1/projects/default/apply', { body: documents, type: 'application/yaml' });
  });
  afterAll(async () => {
    await chartly.end();
    await upstream.stop(5_000);
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['orders', 35],
    ['readings', 240],
  ])('pulls all of %s: %d rows, and books that balance', async (pipeline, rows) => {
    const path = '/v1/projects/default';
    const { id } = await chartly.api.ok<Run>(`${path}/pipelines/${pipeline}/runs`, { method: 'POST' });
    const run = await until('the run to end', async () => {
      const found = await chartly.api.ok<Run>(`${path}/runs/${id}`);
      return found.endedAt === undefined ? undefined : found;
    });
    expect(run).toMatchObject({ state: 'succeeded' });
    const ledger = await settledLedger(chartly.api, pipeline);
    expect(ledger).toMatchObject({ balanced: true, rows: { stored: rows }, records: { quarantined: 0 } });
  });

  it('passes its own test over the recorded page', async () => {
    const text = await readFile(join(FOLDER, 'pages', 'orders-1.json'), 'utf8');
    const given = { documents, pipeline: 'orders', given: { format: 'json', text } };
    expect(await chartly.api.json<PipelinePreview>('/v1/projects/default/pipelines/test', given)).toMatchObject({
      produced: 3,
      quarantined: 0,
    });
  });
});
