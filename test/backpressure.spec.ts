import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Run } from '#libs/contracts/orchestrator.contract';
import { pushAll } from '../bench/pushers';
import { residentBytes } from '../bench/resident-memory';
import { bodyAt, BODY_RECORDS, slowedPipeline, SLOWING_TURNS } from '../bench/slowed-pipeline';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const MIB = 1024 * 1024;
const PUSHED_BYTES = 300e6;
const PUSHERS = 6;
/** The first is number 1. */
const PULLED_PAGES = 10;
const INBOX_MAX_BYTES = 48 * MIB;
/** Of a project of its own. */
const CANARY_MAX_BYTES = MIB;
const RSS_MAX_BYTES = 1e9;

/**
 * Fault 14, with the normalizer for the sink: its mapping takes a hundred times as long as it would, and far more comes
 * than it gets through. What is too much is refused or waits, nothing of it is lost, and memory stays flat.
 */
describe('a normalizer that is slowed 100 times', () => {
  let chartly: ChartlyUnderTest;
  let upstream: Server;
  let origin: string;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      const page = Number(new URL(request.url ?? '/', 'http://upstream').searchParams.get('page') ?? 0);
      const body = page <= PULLED_PAGES ? bodyAt(page) : '';
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(body);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    origin = `127.0.0.1:${(upstream.address() as AddressInfo).port}`; // it listens on a port
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_EGRESS_ALLOW: origin,
      CHARTLY_INBOX_PROJECT_MAX_BYTES: String(INBOX_MAX_BYTES),
    });
    await apply(slowedPipeline('pushed', SLOWING_TURNS));
    await apply(slowedPipeline('pulled', SLOWING_TURNS, sourceOf(origin)));
  });
  afterAll(async () => {
    await chartly.end();
    await new Promise((resolve) => upstream.close(resolve));
  });

  const apply = (body: string): Promise<unknown> =>
    chartly.api.ok('/v1/projects/default/apply', { body, type: 'application/yaml' });

  it('answers pushes with 429, holds pulls back, loses nothing of 300 MB and stays under 1 GB', async () => {
    const bodies = Math.ceil(PUSHED_BYTES / bodyAt(0).byteLength);
    const authorization = `Bearer ${await chartly.api.localToken()}`;
    const { id } = await chartly.api.ok<Run>('/v1/projects/default/pipelines/pulled/runs', { method: 'POST' });
    let fullest = 0;
    let watching = true;
    const watched = until('the pushes to end', async () => {
      fullest = Math.max(fullest, await inboxBytes());
      return watching ? undefined : true;
    });
    const pushed = await pushAll({
      url: chartly.api.url,
      authorization,
      pipeline: 'pushed',
      bodies,
      bodyAt,
      pushers: PUSHERS,
    });
    watching = false;
    await watched;
    const run = await until(`the run ${id} to end`, async () => {
      const found = await chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return found.endedAt === undefined ? undefined : found;
    });

    expect(pushed.bytes).toBeGreaterThanOrEqual(PUSHED_BYTES);
    expect(pushed.refused).toBeGreaterThan(0);
    expect(run.state).toBe('succeeded');
    expect(fullest).toBeLessThanOrEqual(INBOX_MAX_BYTES + CANARY_MAX_BYTES);
    for (const [pipeline, records] of [
      ['pushed', bodies * BODY_RECORDS],
      ['pulled', PULLED_PAGES * BODY_RECORDS],
    ] as const) {
      const ledger = await settledLedger(chartly.api, pipeline);
      expect(ledger.records).toMatchObject({ accepted: records, normalized: records, quarantined: 0 });
      expect(ledger.rows.stored).toBe(records);
      expect(ledger.balanced).toBe(true);
    }
    expect(residentBytes(chartly.pid).peak).toBeLessThan(RSS_MAX_BYTES);
  }, 900_000);

  async function inboxBytes(): Promise<number> {
    return Number(/^chartly_inbox_bytes(?:\{[^}]*\})? (\d+)/m.exec(await chartly.metrics())?.[1] ?? 0);
  }
});

const sourceOf = (host: string): string => `  source:
    http: { url: "http://${host}/pages", format: ndjson }
    paginate: { page: { param: page } }
`;
