import { ChartlyUnderTest } from './support/chartly';
import { seededRandom } from './support/random';
import { Api } from './support/api';
import { applyMetrics, eventAt, ledgerOf, ndjson, settledLedger } from './scenarios/pushed-events';
import { verifyAudit } from './scenarios/audit';

const ROUNDS = Number(process.env.CHARTLY_FAULT_ROUNDS ?? 3);
const SEED = Number(process.env.CHARTLY_FAULT_SEED ?? Date.now() % 1_000_000);
const BATCH = 200;
const PUSHERS = 4;
const KILL_AFTER_BATCHES_MAX = 30;

interface Acknowledged {
  readonly from: number;
  readonly count: number;
}

/**
 * Fault 1 and 2: the one process dies by kill -9 at a random moment of ingest, again and again. Checked in Jepsen's
 * manner: lost = acknowledged - read, unexpected = read - attempted, duplicated = read twice.
 */
describe(`kill -9 in the middle of ingest (seed ${SEED}, ${ROUNDS} rounds)`, () => {
  const random = seededRandom(SEED);
  const acknowledged: Acknowledged[] = [];
  let next = 0;
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
  });
  afterAll(() => chartly.end());

  async function pushUntilDead(api: Api, stopped: () => boolean, onBatch: () => void): Promise<void> {
    while (!stopped()) {
      const from = next;
      next += BATCH;
      const events = Array.from({ length: BATCH }, (_, at) => eventAt(from + at));
      try {
        const { status } = await api.send('/v1/projects/default/pipelines/metrics/events', {
          body: ndjson(events),
          type: 'application/x-ndjson',
        });
        if (status === 202) acknowledged.push({ from, count: BATCH });
        onBatch();
      } catch {
        return; // the process is gone: this batch was attempted and not acknowledged
      }
    }
  }

  async function storedIds(api: Api): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    const step = 20_000;
    for (let from = 0; from < next; from += step) {
      const { rows } = await api.json<{ rows: [string][] }>('/v1/projects/default/query', {
        dataset: 'metrics',
        columns: ['id'],
        from: new Date(eventAt(from).t).toISOString(),
        to: new Date(eventAt(from + step).t).toISOString(),
        limit: 100_000,
      });
      for (const [id] of rows) seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    return seen;
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`L D P A, round ${round}: every acknowledged event is stored once, the books balance, the log verifies`, async () => {
      const killAfter = 1 + Math.floor(random() * KILL_AFTER_BATCHES_MAX);
      let batches = 0;
      let dead = false;
      const pushers = Array.from({ length: PUSHERS }, () =>
        pushUntilDead(
          chartly.api,
          () => dead,
          () => {
            batches += 1;
            if (batches >= killAfter && !dead) {
              dead = true;
              void chartly.crash();
            }
          },
        ),
      );
      await Promise.all(pushers);
      await chartly.crash();
      await chartly.boot();

      const { api } = chartly;
      const ledger = await settledLedger(api, 'metrics');
      const read = await storedIds(api);
      const lost = acknowledged.flatMap(({ from, count }) =>
        Array.from({ length: count }, (_, at) => eventAt(from + at).id).filter((id) => !read.has(id)),
      );
      const unexpected = [...read.keys()].filter((id) => Number(id.slice(2)) >= next);
      const doubled = [...read.values()].filter((times) => times > 1);

      expect(acknowledged.length).toBeGreaterThan(0);
      expect({ lost: lost.length, unexpected: unexpected.length, doubled: doubled.length }).toEqual({
        lost: 0,
        unexpected: 0,
        doubled: 0,
      });
      expect({ problems: ledger.problems, balanced: ledger.balanced }).toEqual({ problems: [], balanced: true });
      expect((await ledgerOf(api, 'metrics')).dataset.held).toBe(read.size);
      await verifyAudit(api);
    });
  }
});
