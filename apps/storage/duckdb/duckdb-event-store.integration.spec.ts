import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servesFromRollups } from '../conformance/rolling-up.conformance';
import { Engine } from '../conformance/trial.conformance';
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

  conformsAsEventStore(() => engine);
  servesFromRollups(() => engine);
});
