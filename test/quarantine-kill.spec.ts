import { QuarantineTask } from '#libs/contracts/quarantine';
import { verifyAudit } from './scenarios/audit';
import { applyMetrics, eventAt, METRICS_PIPELINE, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const BATCHES = 24;
const BATCH = 500;
const ROUNDS = Number(process.env.CHARTLY_FAULT_ROUNDS ?? 2);
const PIPELINE = '/v1/projects/default/pipelines/metrics';

/** Fault 2, for records that are retried out of quarantine: the one process dies by kill -9 in the middle of it. */
describe('kill -9 in the middle of a retry of quarantined records', () => {
  let chartly: ChartlyUnderTest;
  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
  });
  afterAll(() => chartly.end());

  const apply = async (value: string): Promise<void> => {
    const body = METRICS_PIPELINE.replace('double(raw.v)', value);
    await chartly.api.ok('/v1/projects/default/apply', { body, type: 'application/yaml' });
  };

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`L D P A, round ${round}: each record becomes a row once, and the books balance`, async () => {
      await apply(`double(raw.missing${round})`);
      for (let batch = (round - 1) * BATCHES; batch < round * BATCHES; batch += 1) {
        const events = Array.from({ length: BATCH }, (_, at) => eventAt(batch * BATCH + at));
        await chartly.api.ok(`${PIPELINE}/events`, { body: ndjson(events), type: 'application/x-ndjson' });
      }
      expect(await settledLedger(chartly.api, 'metrics')).toMatchObject({ records: { quarantined: BATCHES * BATCH } });
      await applyMetrics(chartly.api);
      const { id } = await chartly.api.json<QuarantineTask>('/v1/projects/default/quarantine/retry', {
        pipeline: 'metrics',
      });
      const taskOf = () => chartly.api.ok<QuarantineTask>(`/v1/projects/default/quarantine/tasks/${id}`);
      await until('the retry to be under way', async () => (await taskOf()).normalized > 0 || undefined);
      await chartly.crash();
      await chartly.boot();
      const task = await until('the retry to end', async () => {
        const found = await taskOf();
        return found.state === 'done' ? found : undefined;
      });
      expect(task).toMatchObject({ normalized: BATCHES * BATCH, filtered: 0, failed: 0 });
      const ledger = await settledLedger(chartly.api, 'metrics');
      expect({ problems: ledger.problems, balanced: ledger.balanced }).toEqual({ problems: [], balanced: true });
      expect(ledger.records).toMatchObject({ quarantined: 0, discarded: 0 });
      expect(ledger.dataset.held).toBe(round * BATCHES * BATCH);
      await verifyAudit(chartly.api);
    });
  }
});
