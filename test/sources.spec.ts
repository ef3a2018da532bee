import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { Run } from '#libs/contracts/orchestrator.contract';
import { PipelinePreview } from '#libs/contracts/pipeline-preview';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { TestPrometheus } from '#libs/testing/prometheus';
import { describeWithTool } from '#libs/testing/tools';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const ROWS = 6_000;

/** Each kind of source against a real peer: what it has is stored, once, though Chartly dies while it pulls. */
describeWithTool('prometheus', 'sources beside http', () => {
  let chartly: ChartlyUnderTest;
  let postgres: TestPostgres;
  let prometheus: TestPrometheus;
  let feeds: Server;
  let feedUrl: string;
  let items: readonly string[] = [];
  let served = 0;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    prometheus = await TestPrometheus.start();
    feeds = createServer((request, response) => {
      served += 1;
      const body = `<rss><channel><title>News</title>${items.map(itemOf).join('')}</channel></rss>`;
      const etag = `"${items.length}"`;
      if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
      response.writeHead(200, { etag, 'content-type': 'application/rss+xml' }).end(body);
    });
    await new Promise<void>((resolve) => feeds.listen(0, '127.0.0.1', resolve));
    feedUrl = `http://127.0.0.1:${(feeds.address() as AddressInfo).port}/feed`; // it listens on a port
    const hosts = [postgres.ownerUrl, prometheus.url, feedUrl].map((url) => new URL(url).host);
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_EGRESS_ALLOW: hosts.join(',') });
  });
  afterAll(async () => {
    await chartly.end();
    await new Promise((resolve) => feeds.close(resolve));
    await prometheus.stop();
    await postgres.stop();
  });

  const applied = new Map<string, string>();
  const apply = async (document: string): Promise<void> => {
    await chartly.api.ok('/v1/projects/default/apply', { body: document, type: 'application/yaml' });
    applied.set(/name: ([a-z]+)/.exec(document)?.[1] ?? '', document);
  };
  const start = async (pipeline: string): Promise<string> =>
    (await chartly.api.ok<Run>(`/v1/projects/default/pipelines/${pipeline}/runs`, { method: 'POST' })).id;
  const ended = (id: string): Promise<Run> =>
    until(`the run ${id} to end`, async () => {
      const run = await chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return run.endedAt === undefined ? undefined : run;
    });
  const pulled = async (pipeline: string): Promise<void> => {
    const run = await ended(await start(pipeline));
    expect([run.state, run.reason]).toEqual(['succeeded', undefined]);
  };
  const rowsOf = async (dataset: string, ...columns: string[]): Promise<QueryReply['rows']> => {
    const ask = { dataset, columns, order: [{ by: columns[0] }], limit: 100_000 };
    return (await chartly.api.json<QueryReply>('/v1/projects/default/query', ask)).rows;
  };

  it('postgres: each row is accepted and stored once, though Chartly dies in the middle', async () => {
    const { host, username, password, pathname } = new URL(postgres.ownerUrl);
    const database = new Client({ connectionString: postgres.ownerUrl });
    await database.connect();
    await database.query(`CREATE TABLE moves (id int PRIMARY KEY, at timestamptz NOT NULL, price numeric);
      INSERT INTO moves SELECT n, timestamptz '2026-01-01' + n / 10 * interval '1 s', n / 4.0 FROM generate_series(1, ${ROWS}) n`);
    await chartly.api.ok('/v1/projects/default/secrets/moves', {
      method: 'PUT',
      body: JSON.stringify({ provider: 'own', value: decodeURIComponent(password) }),
      type: 'application/json',
    });
    await apply(`
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: moves, project: default }
spec:
  source:
    postgres:
      url: "postgres://${host}${pathname}"
      auth: { user: "${username}", password: "\${secret.moves}" }
      tls: off
      table: public.moves
      cursor: at
      tieBreaker: id
  steps:
    - map: { id: string(raw.id), time: timestamp(raw.at), price: double(raw.price) }
  store: { dataset: moves, time: time, key: [id], columns: { id: string, time: timestamp, price: double } }
`);
    const run = await start('moves');
    await until('some rows to be there', async () => {
      const { status, body } = await chartly.api.send<{ records: { accepted: number } }>(
        '/v1/projects/default/pipelines/moves/ledger',
      );
      return status === 200 && body.records.accepted > 0 ? true : undefined;
    });
    await chartly.crash();
    await chartly.boot();
    expect(await ended(run)).toMatchObject({ state: 'succeeded' });
    await database.query(`INSERT INTO moves VALUES (${ROWS + 1}, '2026-02-01', 0.25)`);
    await database.end();
    await pulled('moves');
    expect(await settledLedger(chartly.api, 'moves')).toMatchObject({
      records: { accepted: ROWS + 1, normalized: ROWS + 1 },
      rows: { stored: ROWS + 1, duplicate: 0 },
      balanced: true,
    });
    expect(new Set((await rowsOf('moves', 'id')).flat()).size).toBe(ROWS + 1);
  });

  it('feed: each item is stored once, however often it is there, and a feed that did not change is not read', async () => {
    items = ['1', '2'];
    await apply(`
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: news, project: default }
spec:
  source:
    feed: { url: "${feedUrl}" }
  steps:
    - map: { id: raw.id, time: timestamp(raw.published), title: raw.title, of: raw.feed.title }
  store: { dataset: news, time: time, key: [id], columns: { id: string, time: timestamp, title: string, of: string } }
`);
    await pulled('news');
    await pulled('news');
    expect((await settledLedger(chartly.api, 'news')).records).toMatchObject({ accepted: 2 });
    items = ['2', '3'].concat('4');
    const before = served;
    const run = await start('news');
    await until('the feed to be asked', async () => Promise.resolve(served > before ? true : undefined));
    await chartly.crash();
    await chartly.boot();
    expect(await ended(run)).toMatchObject({ state: 'succeeded' });
    await settledLedger(chartly.api, 'news');
    expect(await rowsOf('news', 'id', 'title', 'of')).toEqual(
      ['1', '2', '3', '4'].map((id) => [id, `No. ${id}`, 'News']),
    );
  });

  it('prometheus: a scrape becomes samples, all with its time', async () => {
    await until('Prometheus to be up', async () => ((await prometheus.samples('up')).length > 0 ? true : undefined));
    await apply(`
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: scraped, project: default }
spec:
  source:
    prometheus: { url: "${prometheus.url}/metrics" }
  steps:
    - filter: '!has(raw.special)'
    - map: { series: raw.series, name: raw.name, kind: raw.type, time: timestamp(raw.time), value: raw.value }
  store:
    dataset: scraped
    time: time
    key: [series]
    columns: { series: string, name: string, kind: string, time: timestamp, value: double }
`);
    await pulled('scraped');
    await pulled('scraped');
    const { records, rows } = await settledLedger(chartly.api, 'scraped');
    expect([records.quarantined, rows.duplicate]).toEqual([0, 0]);
    const stored = await rowsOf('scraped', 'name', 'kind', 'time');
    expect(stored.length).toBeGreaterThan(400);
    expect(new Set(stored.map(([, , time]) => time)).size).toBe(2);
    expect(stored.filter(([name]) => name === 'prometheus_build_info').map(([, kind]) => kind)).toEqual([
      'gauge',
      'gauge',
    ]);
  });

  const booksOf = async (pipeline: string): Promise<object> => {
    const { checkedAt: _later, ...books } = await settledLedger(chartly.api, pipeline);
    return books;
  };

  it.each(['moves', 'news', 'scraped'])(
    'a preview shows the first records of its source, and takes none of them: %s',
    async (name) => {
      const before = await booksOf(name);
      const preview = await chartly.api.ok<PipelinePreview>('/v1/projects/default/pipelines/preview', {
        body: applied.get(name),
        type: 'application/yaml',
      });
      expect(preview.fetched?.records).toBeGreaterThan(0);
      expect(preview.framed).toBe(preview.fetched?.records);
      expect(preview.records[0]?.outcome).toBe('normalized');
      expect(await booksOf(name)).toEqual(before);
    },
  );
});

const itemOf = (id: string): string =>
  `<item><guid>${id}</guid><title>No. ${id}</title><pubDate>Thu, 01 Jan 2026 00:00:0${id} GMT</pubDate></item>`;
