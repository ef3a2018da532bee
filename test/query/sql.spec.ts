import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AMBIGUOUS, HOSTILE } from '#apps/analytics/sql/hostile.testing';
import { SqlParser } from '#apps/analytics/sql/sql-parser';
import { Statements } from '#apps/analytics/sql/statements';
import { ClickHouseEventStore } from '#apps/storage/clickhouse/clickhouse-event-store';
import { DuckDbEventStore } from '#apps/storage/duckdb/duckdb-event-store';
import { EventStore } from '#apps/storage/event-store';
import { storageMigrations } from '#apps/storage/storage.migrations';
import { ColumnBatch } from '#libs/contracts/columns';
import { ProjectOnly, RunSql, SqlRequest, SqlRows } from '#libs/contracts/sql';
import { InstallDataset, StorageContract } from '#libs/contracts/storage.contract';
import { clickHouseMissing, startTestClickHouse } from '#libs/testing/clickhouse';
import { openTestDatabase } from '#libs/testing/postgres';
import { seededRandom } from '../support/random';
import { appendEvents, EVENTS, randomEvents, ROLLUPS } from './events';

interface Opened {
  readonly events: EventStore;
  readonly close: () => Promise<void>;
}

async function openDuckDb(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'chartly-sql-'));
  const events = await DuckDbEventStore.open({ folder, memoryLimit: 128 * MIB, sqlMemory: SQL_MEMORY });
  return {
    events,
    close: async () => {
      await events.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openClickHouse(): Promise<Opened> {
  const [server, database] = await Promise.all([startTestClickHouse(), openTestDatabase([storageMigrations])]);
  const events = new ClickHouseEventStore({ url: server.url, sqlMemory: SQL_MEMORY }, database.dataSource);
  return {
    events,
    close: async () => {
      await events.close();
      await database.stop();
      await server.stop();
    },
  };
}

const MIB = 2 ** 20;
const SQL_MEMORY = 64 * MIB;
const ENGINES = [
  { engine: 'DuckDB', open: openDuckDb, missing: undefined },
  { engine: 'ClickHouse', open: openClickHouse, missing: clickHouseMissing() },
];

for (const { engine, open, missing } of ENGINES)
  (missing === undefined ? describe : describe.skip)(
    `SQL over a project in ${engine}${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
    () => {
      let close: () => Promise<void>;
      let events: EventStore;
      let parser: SqlParser;
      let statements: Statements;

      beforeAll(async () => {
        ({ events, close } = await open());
        await events.installDataset(EVENTS);
        await events.installDataset({ ...EVENTS, project: 'other', dataset: 'theirs' });
        for (const [project, secret] of [
          ['mine', 'mine'],
          ['other', 'hush'],
        ] as const) {
          const ref = { project, dataset: 'metrics' };
          const columns: InstallDataset['columns'] = [
            { name: 'time', type: 'timestamp', nullable: false },
            { name: 'host', type: 'string', nullable: false },
            { name: 'secret', type: 'string', nullable: false },
          ];
          await events.installDataset({ ...ref, time: 'time', key: ['host'], columns });
          const rows = ColumnBatch.of(1, [
            { name: 'time', type: 'timestamp', values: BigInt64Array.from([0n]) },
            { name: 'host', type: 'string', values: ['a'] },
            { name: 'secret', type: 'string', values: [secret] },
          ]);
          await events.append({ ...ref, appendId: 'all', epoch: 0, rows });
        }
        for (const rollup of ROLLUPS) await events.installRollup(rollup);
        await appendEvents(events, 'all', randomEvents(seededRandom(1), 300));
        await events.materialize({ ...EVENTS, rollup: 'fine', maxBuckets: 50 });
        parser = new SqlParser();
        const reads = {
          tables: (request: ProjectOnly) => events.tables(request),
          sql: (request: RunSql) => events.sql(request),
        };
        statements = new Statements(reads as unknown as StorageContract, parser); // all that running takes
      });
      afterAll(async () => {
        await parser.onApplicationShutdown();
        await close();
      });

      const run = (sql: string, more: Partial<SqlRequest> = {}): Promise<SqlRows> =>
        statements.run({ project: 'default', sql, ...more });
      const refusal = async (sql: string, more: Partial<SqlRequest> = {}): Promise<unknown> =>
        run(sql, more).then(
          () => 'it ran',
          (thrown: { code?: string }) => thrown.code,
        );

      it('reads datasets and rollups by their names, with types that an answer has', async () => {
        const { columns, rows, truncated } = await run(`
      -- how much of what
      SELECT region, count(*) AS n, avg(v)::DECIMAL(10, 2) AS mean, max(time) AS latest, bool_or(ok) AS any
      FROM events GROUP BY region ORDER BY region;`);
        expect(columns).toEqual([
          { name: 'region', type: 'string' },
          { name: 'n', type: 'int' },
          { name: 'mean', type: 'double' },
          { name: 'latest', type: 'timestamp' },
          { name: 'any', type: 'bool' },
        ]);
        expect(rows.map(([region]) => region)).toEqual(['north', 'south']);
        expect(rows.reduce((sum, row) => sum + Number(row[1]), 0)).toBe(300);
        expect(truncated).toBe(false);
        const rolled = await run('WITH all_of_it AS (SELECT sum("rows") AS n FROM fine) SELECT n FROM all_of_it');
        expect(rolled.rows).toEqual([[300]]);
      });

      it('shows the columns of the dataset and none of the engine', async () => {
        const { columns } = await run('SELECT * FROM events LIMIT 1');
        expect(columns.map(({ name }) => name)).toEqual(EVENTS.columns.map(({ name }) => name));
        expect(await refusal('SELECT _append FROM events')).toBe('sql.invalid');
      });

      it('knows nothing of another project', async () => {
        expect(await refusal('SELECT * FROM theirs')).toBe('sql.refused');
        expect((await statements.run({ project: 'other', sql: 'SELECT count(*) FROM theirs' })).rows).toEqual([[0]]);
        expect(await refusal('SELECT * FROM events', { project: 'other' })).toBe('sql.refused');
      });

      it('binds parameters by name, and wants each of them', async () => {
        const sql = 'SELECT count(*) FROM events WHERE region = $region AND n >= $least';
        expect((await run(sql, { parameters: { region: "north' OR 1=1 --", least: 0 } })).rows).toEqual([[0]]);
        expect(await refusal(sql, { parameters: { region: 'north' } })).toBe('sql.parameters');
        expect(await refusal(sql, { parameters: { region: 'north', least: 0, more: 1 } })).toBe('sql.parameters');
      });

      it('stops at its limit of rows and of time', async () => {
        const cut = await run('SELECT id FROM events ORDER BY id', { limit: 3 });
        expect([cut.rows, cut.truncated]).toEqual([[['e0000'], ['e0001'], ['e0002']], true]);
        const endless = `SELECT count(*) FROM ${Array.from({ length: 7 }, (_, at) => `events e${at}`).join(', ')} WHERE e0.v > e6.v`;
        expect(await refusal(endless, { timeoutMs: 100 })).toBe('query.cancelled');
        expect((await run('SELECT count(*) FROM events')).rows).toEqual([[300]]);
      });

      it.each(['median(a.v + b.v)', 'quantile_cont(a.v * b.v, 0.9)'])(
        'ends a statement that would fill the memory with %s, and answers the next',
        async (bomb) => {
          const from = Array.from({ length: 3 }, (_, at) => `events ${'abc'[at]}`).join(', ');
          expect(await refusal(`SELECT ${bomb} FROM ${from}`, { timeoutMs: 30_000 })).toBe('sql.memory');
          expect((await run('SELECT count(*) FROM events')).rows).toEqual([[300]]);
        },
      );

      it("says in the engine's words what its writer has to mend", async () => {
        await expect(run('SELECT nothing FROM events')).rejects.toMatchObject({ code: 'sql.invalid', status: 422 });
        await expect(run('SELECT v + host FROM events')).rejects.toMatchObject({ code: 'sql.invalid' });
      });

      it('refuses every hostile statement', async () => {
        for (const sql of HOSTILE) expect([sql, await refusal(sql)]).toEqual([sql, 'sql.refused']);
      });

      it('shows nothing of another project to a statement that can be read in two ways, through the gate or past it', async () => {
        for (const sql of AMBIGUOUS) {
          for (const ask of [
            () => run(sql, { project: 'mine' }),
            () =>
              events.sql({ project: 'mine', sql, tables: ['metrics'], parameters: {}, limit: 100, timeoutMs: 5_000 }),
          ]) {
            const seen = await ask().then(
              ({ columns, rows }) => ({ columns: columns.map(({ name }) => name), rows: JSON.stringify(rows) }),
              ({ code }: { code?: string }) => ({ columns: [], rows: String(code) }),
            );
            expect([sql, seen.columns]).not.toEqual([sql, ['secret']]);
            expect([sql, seen.rows]).toEqual([sql, expect.not.stringContaining('hush')]);
            expect([sql, seen.rows]).toEqual([sql, expect.stringMatching(/^(\[|sql\.(refused|invalid|unsupported)$)/)]);
          }
        }
      });

      it('changes its data version with the data and at no other time', async () => {
        const version = async (): Promise<string> => (await run('SELECT 1 FROM events')).dataVersion;
        const before = await version();
        expect(await version()).toBe(before);
        await appendEvents(events, 'more', randomEvents(seededRandom(2), 301).slice(300));
        expect(await version()).not.toBe(before);
      });
    },
  );
