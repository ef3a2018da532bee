import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Run } from '#libs/contracts/orchestrator.contract';
import { ledgerOf, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { seededRandom } from './support/random';
import { until } from './support/until';

const ROUNDS = Number(process.env.CHARTLY_FAULT_ROUNDS ?? 3);
const SEED = Number(process.env.CHARTLY_FAULT_SEED ?? Date.now() % 1_000_000);
const RECORDS = 2_000;
const PAGE = 25;
const KILLS_MAX = 3;
const KILL_AFTER_PAGES_MAX = 25;

const pipeline = (name: string, origin: string): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: ${name}, project: default }
spec:
  source:
    http: { url: "${origin}/${name}", records: "$.items[*]" }
    paginate: { cursor: { path: $.next, param: after } }
    cursor: { path: $.t, type: number, param: since }
    limits: { retry: { max: 20, backoff: fixed, initial: 5ms } }
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t) }
  store: { dataset: ${name}, time: time, key: [id], columns: { id: string, time: timestamp } }
`;

/**
 * Fault 19: the one process dies by kill -9 at a random moment of a pull, again and again, from a source that fails and
 * hangs up now and then. A page's checkpoint is committed with its records, so every record is accepted once: not even a
 * duplicate that the store would tell apart comes of it.
 */
describe(`kill -9 in the middle of pulls (seed ${SEED}, ${ROUNDS} rounds)`, () => {
  const random = seededRandom(SEED);
  let chartly: ChartlyUnderTest;
  let upstream: Server;
  let origin: string;
  let pages = 0;
  let onPage = (): void => undefined;

  /** Serves pages of a fixed series; one in ten fails, one in ten ends in the middle. */
  async function serve(url: URL, response: ServerResponse): Promise<void> {
    const at = Number(url.searchParams.get('after') ?? url.searchParams.get('since') ?? 0);
    const dice = random();
    pages += 1;
    onPage();
    await setTimeout(2);
    if (dice < 0.1) return void response.writeHead(500).end();
    const items = Array.from({ length: Math.max(0, Math.min(PAGE, RECORDS - at)) }, (_, index) => ({
      id: `r-${at + index}`,
      t: at + index + 1,
    }));
    const next = at + PAGE < RECORDS ? at + PAGE : null;
    const body = JSON.stringify({ items, next });
    if (dice < 0.2) {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, body.length / 2));
      return void response.destroy();
    }
    response.end(body);
  }

  beforeAll(async () => {
    upstream = createServer(
      (request, response) => void serve(new URL(request.url ?? '/', 'http://upstream'), response),
    );
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo; // it listens on a port
    origin = `http://127.0.0.1:${port}`;
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_EGRESS_ALLOW: `127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await chartly.end();
    await new Promise((resolve) => upstream.close(resolve));
  });

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`L D P, round ${round}: every record of the source is accepted and stored once, and the books balance`, async () => {
      const name = `round-${round}`;
      await chartly.api.ok('/v1/projects/default/apply', { body: pipeline(name, origin), type: 'application/yaml' });
      const { id } = await chartly.api.ok<Run>(`/v1/projects/default/pipelines/${name}/runs`, { method: 'POST' });
      const kills = 1 + Math.floor(random() * KILLS_MAX);
      for (let kill = 0; kill < kills; kill += 1) {
        const killAt = pages + 1 + Math.floor(random() * KILL_AFTER_PAGES_MAX);
        await new Promise<void>((resolve) => (onPage = () => pages >= killAt && resolve()));
        await chartly.crash();
        await chartly.boot();
      }
      const run = await until(`the run ${id} to end`, async () => {
        const found = await chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
        return found.endedAt === undefined ? undefined : found;
      });
      expect(run).toMatchObject({ state: 'succeeded' });
      const { records, rows, problems, balanced } = await settledLedger(chartly.api, name);
      expect({ problems, balanced }).toEqual({ problems: [], balanced: true });
      expect(records).toMatchObject({ accepted: RECORDS, normalized: RECORDS, quarantined: 0 });
      expect(rows).toMatchObject({ produced: RECORDS, stored: RECORDS, duplicate: 0 });
      expect((await ledgerOf(chartly.api, name)).dataset.held).toBe(RECORDS);
    });
  }
});
