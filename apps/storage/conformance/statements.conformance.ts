import { ColumnDef } from '#libs/contracts/columns';
import { Cell } from '#libs/contracts/query-plan';
import { SqlParameters, SqlRows } from '#libs/contracts/sql';
import { STATEMENTS } from './statements';
import { Engine, refusal, Row, Trial } from './trial.conformance';

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'host', type: 'string', nullable: true },
  { name: 'usage', type: 'double', nullable: true },
  { name: 'hits', type: 'int', nullable: true },
  { name: 'ok', type: 'bool', nullable: true },
  { name: 'tags', type: 'json', nullable: true },
];

const ROWS: Row[] = [
  { id: '1', at: '2026-03-28T22:30:00Z', host: 'a', usage: 1.5, hits: 10, ok: true, tags: '{"zone":"eu","n":[1,2.5]}' },
  { id: '2', at: '2026-03-28T23:30:00.25Z', host: 'a', usage: 2.5, hits: 20, ok: false, tags: '{"zone":"us","n":"7"}' },
  { id: '3', at: '2026-03-29T21:30:00Z', host: 'b', usage: 0.1, hits: null, ok: true, tags: '{"zone":null}' },
  { id: '4', at: '2026-03-29T22:30:00.000001Z', host: null, usage: null, hits: 5, ok: null, tags: '{"zone":{"x":1}}' },
  { id: '5', at: '2026-04-01T00:00:00Z', host: 'Ärö', usage: -2.5, hits: 9007199254740993n, ok: false, tags: null },
  { id: '6', at: '2026-04-01T00:00:00Z', host: 'a', usage: null, hits: -7, ok: true, tags: '{"zone":"eu"}' },
];

/** Statements of users mean the same to every engine; doubles agree within 1e-12 of their size. */
export function runsStatementsAlike(engine: () => Engine): void {
  describe('a statement', () => {
    let events: Trial;

    beforeAll(async () => {
      events = await Trial.begin(engine(), { project: 'statements', dataset: 'events', columns: COLUMNS });
      await events.append(ROWS);
      await events.append([{ ...ROWS[0], id: 'gone' }], { appendId: 'gone' });
      await events.append([], { appendId: 'none', replaces: ['gone'] });
      const zones = await Trial.begin(engine(), {
        project: 'statements',
        dataset: 'zones',
        columns: COLUMNS.slice(0, 3),
      });
      await zones.append([
        { id: 'z1', at: '2026-01-01T00:00:00Z', host: 'a' },
        { id: 'z2', at: '2026-01-02T00:00:00Z', host: 'c' },
        { id: 'z3', at: '2026-01-03T00:00:00Z', host: null },
      ]);
      await engine()
        .store()
        .installRollup({
          ...events.ref,
          rollup: 'hourly',
          bucketMs: 3_600_000,
          by: ['host'],
          measures: [
            { name: 'rows', fn: 'count' },
            { name: 'total', fn: 'sum', column: 'hits' },
            { name: 'peak', fn: 'max', column: 'usage' },
          ],
        });
      await events.rollUp('hourly', 2); // the rest stays dirty
    });

    const run = (sql: string, parameters: SqlParameters = {}, limit = 100): Promise<SqlRows> =>
      engine()
        .store()
        .sql({
          project: 'statements',
          sql,
          tables: ['events', 'zones', 'hourly'].filter((name) => sql.includes(name)),
          parameters,
          limit,
          timeoutMs: 20_000,
        });

    it.each(STATEMENTS.map(([sql, rows]) => ({ sql, rows })))('answers $sql', async ({ sql, rows }) => {
      expect((await run(sql)).rows.map((row) => row.map(rounded))).toEqual(rows.map((row) => row.map(rounded)));
    });

    it('names its columns as they are written, and their types', async () => {
      const { columns } = await run(
        'SELECT id, count(*) AS "n of""it", avg(usage), max("at") AS latest, bool_or(ok), id, sum(hits), min("at")::DATE AS day FROM events GROUP BY ALL LIMIT 1',
      );
      expect(columns).toEqual([
        { name: 'id', type: 'string' },
        { name: 'n of"it', type: 'int' },
        { name: 'avg(usage)', type: 'double' },
        { name: 'latest', type: 'timestamp' },
        { name: 'bool_or(ok)', type: 'bool' },
        { name: 'id:1', type: 'string' },
        { name: 'sum(hits)', type: 'int' },
        { name: 'day', type: 'string' },
      ]);
    });

    it('takes the values of its parameters as they are', async () => {
      const sql =
        'SELECT id FROM events WHERE host = $host OR usage > $least OR ok = $ok OR "at" >= $since ORDER BY id';
      const nothing = { host: null, least: null, ok: null, since: null };
      expect((await run(sql, { ...nothing, host: "a' OR 1=1 --" })).rows).toEqual([]);
      expect((await run(sql, { ...nothing, host: 'Ärö' })).rows).toEqual([['5']]);
      expect((await run(sql, { ...nothing, least: 1 })).rows).toEqual([['1'], ['2']]);
      expect((await run(sql, { ...nothing, least: 1.75 })).rows).toEqual([['2']]);
      expect((await run(sql, { ...nothing, ok: false })).rows).toEqual([['2'], ['5']]);
      expect((await run(sql, { ...nothing, since: '2026-04-01' })).rows).toEqual([['5'], ['6']]);
      expect((await run('SELECT $a || $b', { a: '\\\'"`{v1:String}', b: '\n' })).rows).toEqual([
        ['\\\'"`{v1:String}\n'],
      ]);
      expect((await run('SELECT id FROM events ORDER BY id LIMIT 2 OFFSET 1', {})).rows).toEqual([['2'], ['3']]);
    });

    it('stops at its limit of rows, and says that it did', async () => {
      const cut = await run('SELECT id FROM events ORDER BY id DESC', {}, 2);
      expect([cut.rows, cut.truncated]).toEqual([[['6'], ['5']], true]);
      const whole = await run('SELECT id FROM events ORDER BY id LIMIT 2', {}, 2);
      expect([whole.rows, whole.truncated]).toEqual([[['1'], ['2']], false]);
    });

    it('gives all of its rows to an export', async () => {
      const rows: (readonly Cell[])[] = [];
      const sql = 'SELECT a.id FROM events a CROSS JOIN events b ORDER BY a.id, b.id';
      const request = { project: 'statements', sql, tables: ['events'], parameters: {} };
      for await (const part of engine().store().streamSql(request)) rows.push(...part.rows);
      expect(rows).toHaveLength(36);
      expect(rows.at(-1)).toEqual(['6']);
    });

    it.each([
      'SELECT nothing FROM events',
      'SELECT usage + host FROM events',
      "SELECT at > 'yesterday' FROM events",
      'SELECT 9223372036854775807 + hits FROM events',
      'SELECT hits * hits FROM events',
      'SELECT ln(usage) FROM events',
      "SELECT (id || 'x')::INT FROM events",
      'SELECT (hits * 1000)::SMALLINT FROM events',
      'SELECT host, count(*) FROM events',
      'SELECT max(count(*)) FROM events',
      'SELECT (SELECT id FROM events)',
    ])('says of %s that it cannot run', async (sql) => {
      expect(await refusal(run(sql))).toMatchObject({ code: 'sql.invalid' });
    });

    it.each([
      'SELECT * FROM unheard_of',
      'SELECT * FROM other.events',
      'SELECT 1; SELECT 2',
      "SELECT * FROM read_text('/etc/passwd')",
    ])('refuses %s also past the gate', async (sql) => {
      expect((await refusal(run(sql))).code).toMatch(/^sql\.(refused|invalid|unsupported)$/);
    });
  });
}

const rounded = (cell: Cell): Cell => (typeof cell === 'number' ? Number(cell.toPrecision(12)) + 0 : cell);
