import { ChartlyError } from '#libs/errors/errors';
import { HOSTILE } from './hostile.testing';
import { checkStatement, CheckedStatement, refuseUnreadable } from './sql-gate';
import { SqlParser } from './sql-parser';

const TABLES = new Set(['metrics', 'metrics_hourly']);
const parser = new SqlParser();

async function check(sql: string): Promise<CheckedStatement> {
  refuseUnreadable(sql);
  return checkStatement(await parser.parse(sql), TABLES);
}

describe('the gate of SQL', () => {
  afterAll(() => parser.onApplicationShutdown());

  it('has a list of at least 60 hostile statements', () => expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60));

  it.each(HOSTILE.map((sql) => [sql.length > 100 ? `${sql.slice(0, 100)}...` : sql, sql]))(
    'refuses %s',
    async (_, sql) => {
      const thrown: unknown = await check(sql).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ChartlyError);
      expect(thrown).toMatchObject({ code: 'sql.refused', status: 422 });
    },
  );

  it.each([
    'SELECT * FROM metrics',
    "SELECT host, count(*) AS n, avg(value) FROM metrics WHERE host LIKE 'a%' GROUP BY host HAVING count(*) > 1 ORDER BY n DESC LIMIT 5",
    "SELECT date_trunc('day', time) AS day, quantile_cont(value, 0.95) FROM metrics GROUP BY ALL ORDER BY ALL",
    'WITH a AS (SELECT host, max(value) AS v FROM metrics GROUP BY host), b AS (SELECT * FROM a WHERE v > 1) SELECT * FROM b JOIN metrics_hourly USING (host)',
    'SELECT host, value - lag(value) OVER (PARTITION BY host ORDER BY time) AS step FROM metrics QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) <= 3',
    "SELECT CASE WHEN value > 1 THEN 'high' ELSE 'low' END, value::INT, time - INTERVAL '1 day', time BETWEEN TIMESTAMP '2026-01-01' AND now() FROM metrics",
    "SELECT host || '/' || id, json_extract_string('{\"a\":1}', '$.a') FROM metrics WHERE host IN ('a', 'b') AND host NOT IN (SELECT host FROM metrics_hourly) AND value IS NOT NULL",
    'SELECT 1 AS one UNION ALL SELECT 2 INTERSECT SELECT 2 ORDER BY 1',
    'SELECT DISTINCT host FROM metrics WHERE value > $least AND EXISTS (SELECT 1 FROM metrics_hourly h WHERE h.host = metrics.host)',
    'FROM metrics SELECT host -- a remark',
    'SELECT * EXCLUDE (id) FROM metrics; ',
    'VALUES (1, 2), (3, 4)',
  ])('lets %s pass', async (sql) => {
    const checked = await check(sql);
    expect(checked.tables.every((name) => TABLES.has(name))).toBe(true);
  });

  it('tells which tables a statement reads and which parameters it takes', async () => {
    expect(
      await check('SELECT * FROM metrics_hourly JOIN metrics USING (host) WHERE n > $least AND host = $host'),
    ).toEqual({
      tables: ['metrics', 'metrics_hourly'],
      parameters: ['host', 'least'],
      readsClock: false,
    });
  });
});
