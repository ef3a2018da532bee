import { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import { SqlParameters } from '#libs/contracts/sql';
import { SqlValues } from '../sql-values';
import { PlanPrinter, SourceTable } from './plan-relation';
import { BoundTable, StatementBinder } from './statement-binder';

const METRICS: BoundTable = {
  name: 'metrics',
  columns: [
    { name: 'host', type: VARCHAR },
    { name: 'time', type: TIMESTAMP },
    { name: 'value', type: DOUBLE },
    { name: 'hits', type: BIGINT },
    { name: 'ok', type: BOOLEAN },
  ],
};
const SOURCE: SourceTable = {
  from: 'rows_of_metrics',
  columns: METRICS.columns.map(({ name, type }) => ({
    sql: `\`${name}\``,
    type: { id: type.toString() },
    mayBeNaN: false,
    mayBeInfinite: false,
  })),
};

/** Statements that a gate refuses before: here they are read all the same. */
const OUTSIDE = [
  'SELECT * FROM chartly_rows_1',
  'SELECT * FROM system.tables',
  'SELECT * FROM pg_class',
  'SELECT * FROM duckdb_tables()',
  "SELECT * FROM query_table('metrics')",
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM 'events.duckdb'",
  "SELECT * FROM url('http://169.254.169.254/', CSV)",
  "SELECT getenv('CHARTLY_DATABASE_URL')",
  "SELECT current_setting('temp_directory')",
  "SELECT dictGet('a', 'b', 1)",
  "SELECT repeat('x', 3000000000)",
  'SELECT * FROM range(100000000000)',
  'SELECT unnest(range(1000000000))',
  'SELECT list(value) FROM metrics',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r',
  'DROP TABLE metrics',
  'INSERT INTO metrics SELECT * FROM metrics',
  "COPY (SELECT 1) TO '/tmp/x'",
  'SELECT 1; DROP TABLE metrics',
  'SELECT \0',
];

describe('a statement printed for ClickHouse', () => {
  const binder = new StatementBinder();
  afterAll(() => binder.close());

  async function print(
    sql: string,
    parameters: SqlParameters = {},
  ): Promise<{ sql: string; params: SqlValues['params'] }> {
    const { plan, constants } = await binder.bind(sql, [METRICS], parameters);
    const values = new SqlValues();
    const printer = new PlanPrinter({ values, constants, nowUs: 0n }, new Map([['metrics', SOURCE]]));
    return { sql: printer.print(plan, 10n).sql, params: values.params };
  }

  it('is one SELECT over the rows of the project, with names and numbers of its own', async () => {
    const { sql, params } = await print('SELECT host AS "h`x", hits FROM metrics WHERE host = $host ORDER BY hits', {
      host: "a' OR 1=1 --",
    });
    expect(sql).toBe(
      'SELECT c1, c2 FROM (SELECT c1, c2 FROM (SELECT `host` AS c1, `hits` AS c2 FROM rows_of_metrics) WHERE (c1 = {v1:String})) ORDER BY c2 ASC NULLS LAST LIMIT 10',
    );
    expect(params).toEqual({ v1: "a' OR 1=1 --" });
  });

  it('ends where whole numbers leave their type, and divides by nothing as DuckDB does', async () => {
    expect((await print('SELECT hits + 1, hits // 2 FROM metrics')).sql).toContain(
      "accurateCast(toInt128(c1) + toInt128(CAST('1', 'Nullable(Int64)')), 'Nullable(Int64)')",
    );
    expect((await print('SELECT hits // 2 FROM metrics')).sql).toMatch(/if\(.* = 0, NULL, intDiv\(/);
  });

  it('holds doubles that may be no number against each other as DuckDB does, and plain ones plainly', async () => {
    expect((await print('SELECT value > 1 FROM metrics')).sql).not.toContain('isNaN');
    expect((await print('SELECT value / hits > 1 FROM metrics')).sql).toContain('isNaN');
  });

  it('computes a common table once in its text, however often it is named', async () => {
    const { sql } = await print(
      'WITH a AS (SELECT host, max(value) AS v FROM metrics GROUP BY host) SELECT * FROM a x JOIN a y USING (host)',
    );
    expect(sql.match(/rows_of_metrics/g)).toHaveLength(1);
    expect(sql).toMatch(/^WITH with0 AS \(/);
  });

  const letters = 'x\\\'"`{v1:String}/*--\n%';
  it.each([
    ['a text', `SELECT '${letters.replaceAll("'", "''")}' || host FROM metrics`],
    ['a name', `SELECT host AS "${letters.replaceAll('"', '""')}" FROM metrics`],
    ['a table', `SELECT "${letters.replaceAll('"', '""')}".host FROM metrics AS "${letters.replaceAll('"', '""')}"`],
    ['a pattern', `SELECT regexp_matches(host, '${letters.replaceAll("'", "''")}') FROM metrics`],
    ['a path', `SELECT host LIKE '${letters.replaceAll("'", "''")}' FROM metrics`],
  ])('has nothing in it of what a user wrote as %s', async (_, sql) => {
    expect((await print(sql)).sql).not.toMatch(/[\\"]|--|\/\*|\n|'x/);
  });

  it.each([
    ['mode(', 'SELECT mode(hits) FROM metrics'],
    ['quantile_disc(', 'SELECT quantile_disc(hits, 0.5) FROM metrics'],
    ['string_agg with ORDER BY|string_agg(', "SELECT string_agg(host, ',') FROM metrics"],
    ['row(', "SELECT host FROM metrics WHERE (host, ok) = ('a', true)"],
    ['levenshtein(', "SELECT levenshtein(host, 'a') FROM metrics"],
    ['cast of DOUBLE to VARCHAR', 'SELECT value::VARCHAR FROM metrics'],
    ['interval as a column', "SELECT time - TIMESTAMP '2026-01-01' FROM metrics"],
    ['LIMIT that is not constant', 'SELECT host FROM metrics LIMIT (SELECT 1)'],
    ['outer join without an equality', 'SELECT a.host FROM metrics a LEFT JOIN metrics b ON a.hits > b.hits'],
    ['EXCEPT ALL', 'SELECT host FROM metrics EXCEPT ALL SELECT host FROM metrics'],
    ['IGNORE NULLS', 'SELECT first_value(host IGNORE NULLS) OVER (ORDER BY time) FROM metrics'],
    ['ASOF', 'SELECT a.host FROM metrics a ASOF JOIN metrics b ON a.host = b.host AND a.time >= b.time'],
    ['%y in strftime', "SELECT strftime(time, '%y') FROM metrics"],
    ['several rows', 'SELECT (SELECT b.host FROM metrics b WHERE b.hits = a.hits) FROM metrics a'],
    ['several rows', 'SELECT (SELECT max(b.host) FROM metrics b WHERE b.hits = a.hits GROUP BY b.ok) FROM metrics a'],
    ['TRY_CAST', 'SELECT TRY_CAST(host AS DOUBLE) FROM metrics'],
    ['TRY_CAST', 'SELECT TRY_CAST(host AS BIGINT) FROM metrics'],
    ['json_valid', 'SELECT json_valid(host) FROM metrics'],
    ['JSON path that is a number', 'SELECT host->>0 FROM metrics'],
    ['ends in its ESCAPE', "SELECT host LIKE 'a$' ESCAPE '$' FROM metrics"],
    ['ILIKE with such a letter', "SELECT host ILIKE 'ß' FROM metrics"],
    ['arithmetic of FLOAT', 'SELECT value::FLOAT + value::FLOAT FROM metrics'],
    ['avg of a DECIMAL', 'SELECT avg(hits::DECIMAL(20, 1)) FROM metrics'],
    ['%p in strftime', "SELECT strftime(time, '%p') FROM metrics"],
  ])('is refused by the name of what would differ: %s', async (name, sql) => {
    const thrown = await print(sql).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'sql.unsupported', status: 422 });
    const said = (thrown as Error).message;
    expect(name.split('|').some((part) => said.includes(part))).toBe(true);
  });

  it('does not print what would reach beyond the tables, or never end, even where no gate stood before', async () => {
    for (const sql of OUTSIDE) {
      const printed = await print(sql).then(
        (done) => done.sql,
        (thrown: { code?: string; message?: string }) => thrown.code ?? String(thrown.message),
      );
      expect([sql, printed]).toEqual([sql, expect.stringMatching(/^sql\.(refused|invalid|unsupported)$/)]);
    }
  });
});
