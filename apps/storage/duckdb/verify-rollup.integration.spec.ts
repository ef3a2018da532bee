import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trial } from '../conformance/trial.conformance';
import { DuckDbEventStore } from './duckdb-event-store';

describe('verifying a rollup', () => {
  it('finds a group that was changed, one that was taken away and one that nobody put there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartly-verify-'));
    const open = (): Promise<DuckDbEventStore> => DuckDbEventStore.open({ folder, memoryLimit: 128 * 2 ** 20 });
    let store = await open();
    const trial = await Trial.begin({
      store: () => store,
      reopen: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
    const measures = [{ name: 'n', fn: 'count' as const }];
    await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: 3_600_000, by: ['value'], measures });
    await trial.append([1, 2, 3].map((value) => ({ id: `e${value}`, at: `2026-01-01T0${value}:00:00Z`, value })));
    await trial.rollUp('hourly');
    await store.close();

    const instance = await DuckDBInstance.create(join(folder, 'events.duckdb'));
    const connection = await instance.connect();
    const tables = await connection.runAndReadAll(
      `SELECT schema_name, table_name FROM duckdb_tables() WHERE table_name LIKE 'r\\_%' ESCAPE '\\'`,
    );
    const [schema, table] = tables.getRows()[0]!.map(String);
    const name = `"${schema}"."${table}"`;
    await connection.run(`UPDATE ${name} SET n = 7 WHERE value = 1`);
    await connection.run(`DELETE FROM ${name} WHERE value = 2`);
    await connection.run(`INSERT INTO ${name} VALUES (TIMESTAMP '2026-01-01 05:00:00', 9, 1)`);
    connection.closeSync();
    instance.closeSync();

    store = await open();
    const verified = await store.verifyRollup({ ...trial.ref, rollup: 'hourly' });
    expect(verified).toEqual({
      buckets: 4,
      groups: 4,
      dirtyBuckets: 0,
      mismatches: 3,
      examples: [
        { bucket: '2026-01-01T01:00:00.000Z', group: [1], kept: [7], expected: [1] },
        { bucket: '2026-01-01T02:00:00.000Z', group: [2], expected: [1] },
        { bucket: '2026-01-01T05:00:00.000Z', group: [9], kept: [1] },
      ],
    });
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
});
