import { Run } from '#libs/contracts/orchestrator.contract';
import { verifyAudit } from './scenarios/audit';
import { applyMetrics, eventAt, METRICS_PIPELINE, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const BATCHES = 300;
const BATCH = 200;
const ROUNDS = Number(process.env.CHARTLY_FAULT_ROUNDS ?? 2);

/** Faults 1 and 2, for raw batches that pass again: the one process dies by kill -9 in the middle of it. */
describe('kill -9 in the middle of a replay', () => {
  let chartly: ChartlyUnderTest;
  let from: string;
  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    from = new Date(Date.now() - 60_000).toISOString();
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const events = Array.from({ length: BATCH }, (_, at) => eventAt(batch * BATCH + at));
      await chartly.api.ok('/v1/projects/default/pipelines/metrics/events', {
        body: ndjson(events),
        type: 'application/x-ndjson',
      });
    }
    await settledLedger(chartly.api, 'metrics');
  });
  afterAll(() => chartly.end());

  const sumOfValues = async (): Promise<number> => {
    const { rows } = await chartly.api.json<{ rows: [string][] }>('/v1/projects/default/query', {
      dataset: 'metrics',
      measures: { s: 'sum(value)' },
    });
    return Number(rows[0]?.[0]);
  };

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`L D P A, round ${round}: goes on where it was; each row is of the new version, once, and the books balance`, async () => {
      const before = await sumOfValues();
      const factor = round + 1;
      await chartly.api.ok('/v1/projects/default/apply', {
        body: METRICS_PIPELINE.replace('double(raw.v)', `double(raw.v) * ${factor}.0`),
        type: 'application/yaml',
      });
      const { id } = await chartly.api.json<Run>('/v1/projects/default/pipelines/metrics/replays', { from });
      const runOf = () => chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      await until(
        'the replay to be under way',
        async () => ((await runOf()).steps[0]?.counts.batches ?? 0) > 0 || undefined,
      );
      await chartly.crash();
      await chartly.boot();
      const run = await until('the replay to end', async () => {
        const found = await runOf();
        return found.endedAt === undefined ? undefined : found;
      });
      expect(run).toMatchObject({ state: 'succeeded' });
      expect(run.steps[0]?.counts).toMatchObject({ batches: BATCHES, records: BATCHES * BATCH, unavailable: 0 });
      const ledger = await settledLedger(chartly.api, 'metrics');
      expect({ problems: ledger.problems, balanced: ledger.balanced }).toEqual({ problems: [], balanced: true });
      expect(ledger.dataset.held).toBe(BATCHES * BATCH);
      expect(ledger.dataset.replaced).toBe(round * BATCHES * BATCH);
      expect(await sumOfValues()).toBe((before / (round === 1 ? 1 : round)) * factor);
      await verifyAudit(chartly.api);
    });
  }
});
