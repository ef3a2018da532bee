import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseEventStore } from '#apps/storage/clickhouse/clickhouse-event-store';
import { Trial } from '#apps/storage/conformance/trial.conformance';
import { DuckDbEventStore } from '#apps/storage/duckdb/duckdb-event-store';
import { EventStore } from '#apps/storage/event-store';
import { storageMigrations } from '#apps/storage/storage.migrations';
import { ColumnDef } from '#libs/contracts/columns';
import { Cell } from '#libs/contracts/query-plan';
import { clickHouseMissing, startTestClickHouse } from '#libs/testing/clickhouse';
import { openTestDatabase } from '#libs/testing/postgres';
import { ALIKE } from './sql-alike.statements';

const ROWS = 60;
const INTS = [-7, 0, 3, null, 4611686018427387904n, 1, -1, 100];
const DOUBLES = [-2.5, 0, 1e-300, 1.5, null, -0.0, 2.5, 0.1, 123456.789, -0.5, 1e18];
const TEXTS = [
  '',
  'a',
  'Äé',
  '%_',
  'a\nb',
  null,
  ' x ',
  'abcabc',
  "it's",
  '\\',
  '日本語',
  '12',
  '-1.5e3',
  '2026-01-02',
];
const TIMES = [
  '1969-12-31T23:59:59.999999Z',
  '2000-02-29T12:30:15.5Z',
  '2026-03-31T00:00:00Z',
  null,
  '2026-01-04T10:00:00.000001Z',
  '1900-01-01T00:00:00Z',
  '2024-12-30T05:06:07Z',
];
const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at0', type: 'timestamp', nullable: false },
  { name: 'i', type: 'int', nullable: true },
  { name: 'j', type: 'int', nullable: true },
  { name: 'd', type: 'double', nullable: true },
  { name: 'e', type: 'double', nullable: true },
  { name: 's', type: 'string', nullable: true },
  { name: 't', type: 'string', nullable: true },
  { name: 'b', type: 'bool', nullable: true },
  { name: 'ts', type: 'timestamp', nullable: true },
  { name: 'ts2', type: 'timestamp', nullable: true },
];

const pick = <T>(values: readonly T[], at: number): T => values[at % values.length]!; // it has some

const rows = Array.from({ length: ROWS }, (_, at) => ({
  id: String(at).padStart(2, '0'),
  at0: BigInt(at),
  i: pick(INTS, at),
  j: pick(INTS, at * 3 + 1),
  d: pick(DOUBLES, at),
  e: pick(DOUBLES, at * 5 + 2),
  s: pick(TEXTS, at),
  t: pick(TEXTS, at * 3 + 1),
  b: pick([true, false, null], at),
  ts: pick(TIMES, at),
  ts2: pick(TIMES, at * 2 + 1),
}));

const missing = clickHouseMissing();

(missing === undefined ? describe : describe.skip)(
  `a statement means the same to both engines${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let duckDb: EventStore;
    let clickHouse: EventStore;
    let close: () => Promise<void>;

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chartly-sql-alike-'));
      const [server, database] = await Promise.all([startTestClickHouse(), openTestDatabase([storageMigrations])]);
      duckDb = await DuckDbEventStore.open({ folder, memoryLimit: 128 * 2 ** 20 });
      clickHouse = new ClickHouseEventStore({ url: server.url }, database.dataSource);
      close = async () => {
        await Promise.all([duckDb.close(), clickHouse.close()]);
        await Promise.all([database.stop(), server.stop(), rm(folder, { recursive: true, force: true })]);
      };
      for (const store of [duckDb, clickHouse]) {
        const engine = { store: () => store, reopen: () => Promise.resolve(), close: () => store.close() };
        const trial = await Trial.begin(engine, { project: 'p', dataset: 'vals', time: 'at0', columns: COLUMNS });
        await trial.append(rows);
      }
    });
    afterAll(() => close());

    /** The rows, or the code of what was refused. */
    const told = async (store: EventStore, asked: string): Promise<unknown> => {
      const isWhole = /^(SELECT|WITH)/.test(asked);
      const sql = isWhole ? asked : `SELECT id, ${asked} FROM vals ORDER BY id`;
      const request = { project: 'p', sql, tables: ['vals'], parameters: {}, limit: 1_000, timeoutMs: 20_000 };
      return store.sql(request).then(
        (answer) => answer.rows.map((row) => row.map(rounded)),
        (thrown: { code?: string }) => thrown.code,
      );
    };

    it.each([
      "SELECT upper('stra' || x) FROM (VALUES ('ß')) v(x)",
      "SELECT lower(x) FROM (VALUES ('İ')) v(x)",
      "SELECT upper(x) FROM (VALUES ('ﬁ')) v(x)",
      "SELECT lower(x) FROM (VALUES ('ΟΔΟΣ')) v(x)",
      "SELECT x ILIKE 'k' FROM (VALUES ('\u212A')) v(x)",
      "SELECT x ILIKE 's' FROM (VALUES ('ſ')) v(x)",
      "SELECT sin(x) FROM (VALUES ('inf'::DOUBLE)) v(x)",
    ])('ends on ClickHouse where only a row tells that it would differ: %s', async (asked) => {
      expect(await told(clickHouse, asked)).toBe('sql.invalid');
    });

    it.each(ALIKE.map((asked) => ({ asked })))('$asked', async ({ asked }) => {
      const expected = await told(duckDb, asked);
      expect(expected).not.toBe('sql.refused');
      expect(await told(clickHouse, asked)).toEqual(expected);
    });
  },
);

/** Doubles agree within 1e-12 of their size. */
const rounded = (cell: Cell): Cell => (typeof cell === 'number' ? Number(cell.toPrecision(12)) + 0 : cell);
