import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { TestPrometheus } from '#libs/testing/prometheus';
import { describeWithTool } from '#libs/testing/tools';
import { ChartlyUnderTest } from './support/chartly';
import { SourceUnderTest } from './support/source-under-test';
import { until } from './support/until';

const ROWS = 6_000;

/**
 * The examples of sources that nobody tells what was taken, each against a real peer: what it has is stored, once, though
 * Chartly dies while it pulls.
 */
describeWithTool('prometheus', 'sources beside http', () => {
  let chartly: ChartlyUnderTest;
  let postgres: TestPostgres;
  let prometheus: TestPrometheus;
  let feeds: Server;
  let feedUrl: string;
  let items: readonly string[] = [];
  let served = 0;
  let sources: Readonly<Record<'postgres' | 'feed' | 'prometheus', SourceUnderTest>>;

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
    sources = {
      postgres: SourceUnderTest.on(chartly, 'postgres'),
      feed: SourceUnderTest.on(chartly, 'feed'),
      prometheus: SourceUnderTest.on(chartly, 'prometheus'),
    };
  });
  afterAll(async () => {
    await chartly.end();
    await new Promise((resolve) => feeds.close(resolve));
    await prometheus.stop();
    await postgres.stop();
  });

  it('postgres: each row is accepted and stored once, though Chartly dies in the middle', async () => {
    const source = sources.postgres;
    const { host, username, password, pathname } = new URL(postgres.ownerUrl);
    const database = new Client({ connectionString: postgres.ownerUrl });
    await database.connect();
    await database.query(`
      CREATE TABLE orders (id int PRIMARY KEY, updated_at timestamptz NOT NULL, customer_id int, total numeric);
      INSERT INTO orders SELECT n, timestamptz '2026-01-01' + n / 10 * interval '1 s', n % 7, n / 4.0
        FROM generate_series(1, ${ROWS}) n`);
    await source.secret('shop-reader', decodeURIComponent(password));
    await source.apply({ SHOP_URL: `postgres://${host}${pathname}`, SHOP_USER: username, SHOP_TLS: 'off' });
    await source.diesInTheMiddle();
    await database.query(`INSERT INTO orders VALUES (${ROWS + 1}, '2026-02-01', 1, 0.25)`);
    await database.end();
    await source.pulled();
    expect(await source.settled()).toMatchObject({
      records: { accepted: ROWS + 1, normalized: ROWS + 1 },
      rows: { stored: ROWS + 1, duplicate: 0 },
      balanced: true,
    });
    expect(new Set((await source.rows('id')).flat()).size).toBe(ROWS + 1);
  });

  it('feed: each item is stored once, however often it is there, and a feed that did not change is not read', async () => {
    const source = sources.feed;
    items = ['1', '2'];
    await source.apply({ FEED_URL: feedUrl });
    await source.pulled();
    await source.pulled();
    expect((await source.settled()).records).toMatchObject({ accepted: 2 });
    items = ['2', '3', '4'];
    const before = served;
    const run = await source.started();
    await until('the feed to be asked', async () => Promise.resolve(served > before ? true : undefined));
    await chartly.crash();
    await chartly.boot();
    await source.ended(run);
    expect(await source.settled()).toMatchObject({ balanced: true });
    expect(await source.rows('id', 'title')).toEqual(['1', '2', '3', '4'].map((id) => [id, `No. ${id}`]));
  });

  it('prometheus: a scrape becomes samples, all with its time', async () => {
    const source = sources.prometheus;
    await until('Prometheus to be up', async () => ((await prometheus.samples('up')).length > 0 ? true : undefined));
    await source.apply({ METRICS_URL: `${prometheus.url}/metrics` });
    await source.pulled();
    await source.pulled();
    const { records, rows } = await source.settled();
    expect([records.quarantined, rows.duplicate]).toEqual([0, 0]);
    const stored = await source.rows('name', 'kind', 'time');
    expect(stored.length).toBeGreaterThan(400);
    expect(new Set(stored.map(([, , time]) => time)).size).toBe(2);
    expect(stored.filter(([name]) => name === 'prometheus_build_info').map(([, kind]) => kind)).toEqual([
      'gauge',
      'gauge',
    ]);
  });

  it.each(['postgres', 'feed', 'prometheus'] as const)(
    'a preview shows the first records of its source, and takes none of them: %s',
    async (name) => {
      const source = sources[name];
      const booksOf = async (): Promise<object> => {
        const { checkedAt: _later, ...books } = await source.settled();
        return books;
      };
      const before = await booksOf();
      const preview = await source.preview();
      expect(preview.fetched?.records).toBeGreaterThan(0);
      expect(preview.framed).toBe(preview.fetched?.records);
      expect(preview.records[0]?.outcome).toBe('normalized');
      expect(await booksOf()).toEqual(before);
    },
  );
});

const itemOf = (id: string): string => `<item><guid>${id}</guid><title>No. ${id}</title>
  <link>https://news.example/${id}</link><pubDate>Thu, 01 Jan 2026 00:00:0${id} GMT</pubDate></item>`;
