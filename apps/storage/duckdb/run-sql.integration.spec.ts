import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ColumnBatch } from '#libs/contracts/columns';
import { SqlRows } from '#libs/contracts/sql';
import { InstallDataset } from '#libs/contracts/storage.contract';
import { DuckDbEventStore } from './duckdb-event-store';
import { DuckDbFile } from './duckdb-file';

describe('a statement in the engine', () => {
  let folder: string;
  let events: DuckDbEventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-run-sql-'));
    events = await DuckDbEventStore.open({ folder, memoryLimit: 128 * 2 ** 20 });
    for (const [project, host] of [
      ['default', 'ours'],
      ['other', 'theirs'],
    ] as const) {
      const ref = { project, dataset: 'metrics' };
      const columns: InstallDataset['columns'] = [
        { name: 'time', type: 'timestamp', nullable: false },
        { name: 'host', type: 'string', nullable: false },
      ];
      await events.installDataset({ ...ref, time: 'time', key: ['host'], columns });
      const rows = ColumnBatch.of(1, [
        { name: 'time', type: 'timestamp', values: BigInt64Array.from([0n]) },
        { name: 'host', type: 'string', values: [host] },
      ]);
      await events.append({ ...ref, appendId: 'all', epoch: 0, rows });
    }
  });

  afterAll(async () => {
    await events.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (sql: string, tables: string[] = ['metrics']): Promise<SqlRows> =>
    events.sql({ project: 'default', sql, tables, parameters: {}, limit: 10, timeoutMs: 5_000 });

  it.each([
    '/* with /* nested */ */ SELECT host FROM metrics -- the end',
    '--\rSELECT host FROM metrics;',
    'WITH a AS (SELECT host FROM metrics) SELECT host FROM a WHERE true',
    "-- with\n/* with */ with a AS (SELECT host, 'with' AS w FROM metrics) SELECT host FROM a; -- with",
    'FROM metrics SELECT host',
    'SELECT host FROM (VALUES (true, 9007199254740993)) JOIN metrics ON true',
    '(WITH a AS (SELECT host FROM metrics) SELECT host FROM a) UNION SELECT host FROM metrics',
  ])('answers %j from the own project', async (sql) => {
    expect((await run(sql)).rows).toEqual([['ours']]);
  });

  it.each([
    'SELECT host FROM p_other.d_metrics',
    'SELECT host FROM metrics, p_other.d_metrics t',
    'SELECT (SELECT max(host) FROM events.p_other.d_metrics)',
    'WITH a AS (SELECT host FROM p_other.d_metrics) SELECT host FROM a',
    "SELECT * FROM read_text('/etc/passwd')",
    'SELECT 1; SELECT host FROM p_other.d_metrics',
    'SELECT 1\0',
  ])('refuses %j even where the gate would not have', async (sql) => {
    await expect(run(sql)).rejects.toMatchObject({ code: 'sql.refused' });
    await expect(run(sql, [])).rejects.toMatchObject({ code: 'sql.refused' });
  });

  it('keeps its whole instance away from files, networks and its own settings, and still spills', async () => {
    const own = await mkdtemp(join(tmpdir(), 'chartly-locked-'));
    const file = await DuckDbFile.open({ folder: own, memoryLimit: 64 * 2 ** 20 });
    try {
      const connection = await file.connect();
      for (const sql of [
        "SELECT * FROM read_text('/etc/passwd')",
        `COPY (SELECT 1) TO '${own}/out.csv'`,
        `ATTACH '${own}/more.duckdb'`,
      ])
        await expect(connection.run(sql)).rejects.toThrow('disabled by configuration');
      await expect(connection.run("SET memory_limit = '1TB'")).rejects.toThrow('has been locked');
      const sorted = await connection.runAndReadAll(
        'SELECT count(*), max(r) FROM (SELECT row_number() OVER (ORDER BY hash(i)) AS r, i FROM range(4000000) t(i))',
      );
      expect(sorted.getRows()).toEqual([[4_000_000n, 4_000_000n]]);
      expect((await readdir(own)).sort()).not.toContain('out.csv');
    } finally {
      await file.close();
      await rm(own, { recursive: true, force: true });
    }
  });
});
