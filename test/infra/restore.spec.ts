import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { SERVICES } from '#libs/contracts/contract';
import { Run } from '#libs/contracts/orchestrator.contract';
import { findPlace } from '#libs/database/postgres-place';
import { applyMetrics, eventAt, ledgerOf, ndjson, settledLedger } from '../scenarios/pushed-events';
import { ChartlyUnderTest } from '../support/chartly';
import { until } from '../support/until';
import { run } from './support/tools';

const BATCH = 100;
const BATCHES = 6;
const ALL = BATCHES * BATCH;
const EVENTS = '/v1/projects/default/pipelines/metrics/events';

/** Pushes batches by their numbers, up to `to` and without it. */
async function accepted({ api }: ChartlyUnderTest, from: number, to: number): Promise<void> {
  for (let batch = from; batch < to; batch += 1) {
    const body = ndjson(Array.from({ length: BATCH }, (_, at) => eventAt(batch * BATCH + at)));
    await api.ok(EVENTS, { body, type: 'application/x-ndjson' });
  }
}

/** What docs/deploy.md says of a restore in which Postgres and events are of one moment. */
describe('a restore of events as they were while storage was stopped, and of Postgres to a moment of that pause', () => {
  let chartly: ChartlyUnderTest;
  afterEach(async () => {
    await chartly?.end();
  });

  /** Ends the nine at once, as whoever restores does not wait for them, and Postgres after them. */
  async function ended(): Promise<void> {
    for (const service of SERVICES) await chartly.split.kill(service);
    await chartly.stop();
  }

  it('balances, with what was accepted up to that moment and nothing of later ones', async () => {
    const copy = (from: string, to: string): string => run('cp', ['-a', from, to]); // owners stay: Postgres minds
    chartly = await ChartlyUnderTest.start('nine processes');
    const events = join(chartly.dataDir, 'events');
    const { folder: postgres } = await findPlace(chartly.dataDir);
    await applyMetrics(chartly.api);
    await accepted(chartly, 0, 3);
    await settledLedger(chartly.api, 'metrics');
    await chartly.split.kill('normalizer'); // one that is killed with a batch in hand keeps it for half a minute
    await chartly.split.kill('storage');
    copy(events, `${events}-kept`);
    await accepted(chartly, 3, 5);
    await ended();
    copy(postgres, `${postgres}-kept`);
    await chartly.boot();
    await accepted(chartly, 5, BATCHES);
    expect((await settledLedger(chartly.api, 'metrics')).dataset.held).toBe(ALL);
    await ended();

    for (const folder of [events, postgres]) {
      await rm(folder, { recursive: true });
      copy(`${folder}-kept`, folder);
    }
    await chartly.boot();
    const { records, dataset, balanced, problems } = await settledLedger(chartly.api, 'metrics');
    expect([records.accepted, dataset.held, balanced, problems]).toEqual([5 * BATCH, 5 * BATCH, true, []]);
  });
});

/** What docs/deploy.md says of a restore in which Postgres is of a later moment than the events. */
describe('a restore', () => {
  let chartly: ChartlyUnderTest;

  const events = (): string => join(chartly.dataDir, 'events');
  const kept = (): string => join(chartly.dataDir, 'events-before');
  async function push(from: number, to: number): Promise<void> {
    await accepted(chartly, from, to);
    await settledLedger(chartly.api, 'metrics');
  }

  async function replay(into?: string): Promise<Run> {
    const range = { from: '2020-01-01T00:00:00Z', ...(into === undefined ? {} : { dataset: into }) };
    const { id } = await chartly.api.json<Run>('/v1/projects/default/pipelines/metrics/replays', range);
    return until('the replay to end', async () => {
      const run = await chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return run.endedAt === undefined ? undefined : run;
    });
  }

  async function counted(dataset: string): Promise<unknown> {
    const question = { dataset, measures: { n: 'count()' } };
    const { rows } = await chartly.api.json<QueryReply>('/v1/projects/default/query', question);
    return rows[0]?.[0];
  }

  beforeEach(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    await push(0, BATCHES / 2);
    await chartly.stop();
    await cp(events(), kept(), { recursive: true });
    await chartly.boot();
    await push(BATCHES / 2, BATCHES);
    await chartly.stop();
    await rm(events(), { recursive: true });
  });
  afterEach(async () => {
    await chartly?.end();
  });

  it('of older events is told by the books; a replay makes the rows again, and the loss is not forgotten', async () => {
    await cp(kept(), events(), { recursive: true });
    await chartly.boot();
    expect((await ledgerOf(chartly.api, 'metrics')).problems).toEqual([
      `storage gave receipts for ${ALL / 2} stored rows, and the inbox counts ${ALL}`,
    ]);
    expect(await replay()).toMatchObject({ state: 'succeeded' });
    const { dataset, problems } = await settledLedger(chartly.api, 'metrics');
    expect([dataset.held, await counted('metrics')]).toEqual([ALL, ALL]);
    expect(problems).toEqual([
      expect.stringMatching(/^storage gave receipts for \d+ stored rows, and the inbox counts/),
    ]);
  });

  it('of older events, or of none, is made good by a replay into a new dataset, whose books balance', async () => {
    await chartly.boot();
    expect(await replay('metrics_again')).toMatchObject({ state: 'succeeded' });
    const { records, dataset, balanced, problems } = await settledLedger(chartly.api, 'metrics_again');
    expect([records.accepted, dataset.held, balanced, problems]).toEqual([ALL, ALL, true, []]);
    expect(await counted('metrics_again')).toBe(ALL);
  });
});
