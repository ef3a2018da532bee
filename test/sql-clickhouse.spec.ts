import { Problem } from '#libs/errors/problem';
import { SqlRows } from '#libs/contracts/sql';
import { clickHouseMissing, startTestClickHouse, TestClickHouse } from '#libs/testing/clickhouse';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';

const PROJECT = '/v1/projects/default';
const EVENTS = 400;
const missing = clickHouseMissing();

(missing === undefined ? describe : describe.skip)(
  `SQL of a Chartly whose events are in ClickHouse${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let server: TestClickHouse;
    let chartly: ChartlyUnderTest;

    beforeAll(async () => {
      server = await startTestClickHouse();
      chartly = await ChartlyUnderTest.start('one process', {
        CHARTLY_EVENTS_URL: server.url,
        CHARTLY_EVENTS_QUERY_URL: server.url,
        CHARTLY_SQL_MEMORY_LIMIT: '64MiB',
      });
      await applyMetrics(chartly.api);
      const body = ndjson(Array.from({ length: EVENTS }, (_, at) => eventAt(at)));
      await chartly.api.ok(`${PROJECT}/pipelines/metrics/events`, { body, type: 'application/x-ndjson' });
      await settledLedger(chartly.api, 'metrics');
    });
    afterAll(async () => {
      await chartly?.end();
      await server?.stop();
    });

    const ask = (sql: string, more: object = {}): Promise<{ status: number; body: SqlRows & Problem }> =>
      chartly.api.send(`${PROJECT}/sql`, { body: JSON.stringify({ sql, ...more }), type: 'application/json' });

    it('answers over datasets and rollups, with parameters', async () => {
      const sql =
        'SELECT host, count(*) AS n, min(time) AS first FROM metrics WHERE value >= $least GROUP BY host ORDER BY host';
      const { status, body } = await ask(sql, { parameters: { least: 0 } });
      expect(status).toBe(200);
      expect(body.rows).toEqual([0, 1, 2, 3].map((at) => [`host-${at}`, EVENTS / 4, `2026-01-01T00:00:0${at}.000Z`]));
      expect((await ask('SELECT sum(n) AS n FROM metrics_hourly')).body.rows).toEqual([[EVENTS]]);
    });

    it('gives every row of a statement as a file', async () => {
      const response = await fetch(new URL(`${PROJECT}/sql/export?format=csv`, chartly.api.url), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await chartly.api.localToken()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ sql: 'SELECT a.id, b.id AS other FROM metrics a JOIN metrics b USING (host)' }),
      });
      expect(response.status).toBe(200);
      const [head, ...lines] = (await response.text()).trimEnd().split('\r\n');
      expect([head, lines.length]).toEqual(['id,other', 4 * (EVENTS / 4) ** 2]);
    });

    it.each([
      ['sql.refused', 422, 'SELECT * FROM system.tables'],
      ['sql.invalid', 422, 'SELECT nothing FROM metrics'],
      ['sql.unsupported', 422, 'SELECT mode(value) FROM metrics'],
      ['sql.memory', 422, 'SELECT median(a.value + b.value) FROM metrics a, metrics b, metrics c'],
    ])('says %s as a problem', async (code, status, sql) => {
      const { status: answered, body } = await ask(sql, { timeoutMs: 30_000 });
      expect([answered, body.code]).toEqual([status, code]);
    });
  },
);
