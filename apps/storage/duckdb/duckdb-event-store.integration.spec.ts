import { DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  conformsAsEventStore(() => engine);
});
