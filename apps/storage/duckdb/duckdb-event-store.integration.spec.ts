import { DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryPlan } from '#libs/contracts/query-plan';
import { Engine, Trial } from '../conformance/trial.conformance';
import { conformsAsEventStore } from '../event-store.conformance';
import { DuckDbEventStore } from './duckdb-event-store';

const MEMORY_LIMIT = 256 * 2 ** 20;

async function duckDb(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'chartly-events-'));
  const open = (): Promise<DuckDbEventStore> => DuckDbEventStore.open({ folder, memoryLimit: MEMORY_LIMIT });
  let store = await open();
  return {
    store: () => store,
    reopen: async () => {
      await store.close();
      store = await open();
    },
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('events in DuckDB', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await duckDb();
  });
  afterAll(() => engine.close());

  it('knows the rows again that a replay took out before its commit failed', async () => {
    const trial = await Trial.begin(engine);
    const row = { id: 'a', at: '2026-01-01T00:00:00Z', value: 1 };
    await trial.append([row], { appendId: 'b/1/1' });
    await engine.reopen(); // nothing of the dataset is remembered now
    const { run } = DuckDBConnection.prototype;
    const failing = jest.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(function (
      this: DuckDBConnection,
      ...asked
    ) {
      return asked[0] === 'COMMIT' ? Promise.reject(new Error('the disk is full')) : run.apply(this, asked);
    });
    await expect(trial.append([], { appendId: 'b/2/2', replaces: ['b/1/1'] })).rejects.toThrow();
    failing.mockRestore();
    expect(await trial.append([row], { appendId: 'c/1/1' })).toMatchObject({ stored: 0, duplicate: 1 });
  });

  it('opens no transaction for a question that takes one statement, whatever rollups there are', async () => {
    const trial = await Trial.begin(engine);
    const measures: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
    await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: 3_600_000, by: [], measures });
    await trial.append([{ id: 'a', at: '2026-01-01T00:00:00Z', value: 1 }]);
    await trial.query({}); // the first and last time are known now
    const run = jest.spyOn(DuckDBConnection.prototype, 'run');
    const begun = async (plan: Partial<QueryPlan>): Promise<unknown[]> => {
      run.mockClear();
      const { usedRollup } = await trial.query(plan);
      return [usedRollup, run.mock.calls.filter(([sql]) => sql.startsWith('BEGIN')).length];
    };
    expect(await begun({})).toEqual([undefined, 0]);
    expect(await begun({ measures, dimensions: ['id'] })).toEqual([undefined, 0]);
    expect(await begun({ measures, raw: true })).toEqual([undefined, 0]);
    expect(await begun({ measures })).toEqual(['hourly', 1]);
    expect(await begun({ rollup: 'hourly' })).toEqual(['hourly', 1]);
    run.mockRestore();
  });

  conformsAsEventStore(() => engine);
});
