import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DatasetTotals } from '#libs/contracts/storage.contract';
import { DocumentPage } from '#libs/contracts/orchestrator.contract';
import { PipelinePreview } from '#libs/contracts/pipeline-preview';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';

const pipeline = (origin: string, more = ''): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: readings }
spec:
  source:
    http: { url: "${origin}/readings", records: "$.items[*]", auth: { bearer: { token: "\${secret.api}" } } }
    paginate: { cursor: { path: $.next, param: after } }
  steps:
    - filter: raw.v >= 0
    - map: { id: raw.id, at: timestamp_ms(raw.t), v: double(raw.v) }
  store: { dataset: readings, time: at, key: [id], columns: { id: string, at: timestamp, v: double } }
${more}`;

const ITEMS = [
  { id: 'a', t: 1_767_225_600_000, v: 1 },
  { id: 'b', t: 1_767_225_600_000, v: -1 },
  { id: 'c', t: 'yesterday', v: 2 },
];

/** What a server gives that shows how it was asked, with the token in every way that such servers write it. */
const echoOf = ({ authorization = '', 'x-pair': pair = '' }: IncomingHttpHeaders): object => ({
  items: [
    { id: authorization, t: 0, v: 1, pair },
    { id: Buffer.from(authorization).toString('base64'), t: 0, v: 1 },
    { id: `basic ${Buffer.from('me:t0ken').toString('base64')}`, t: 0, v: 1 },
    { id: 'plain', t: 0, v: 1, url: '/echo?key=t0ken' },
  ],
  next: 'http://t0ken:x',
});

/** What somebody sees before anything is stored, by the API and by the command line. */
describe('a preview', () => {
  let chartly: ChartlyUnderTest;
  let upstream: Server;
  let origin: string;
  let folder: string;
  let requests = 0;

  beforeAll(async () => {
    upstream = createServer(({ headers, url }, response) => {
      requests += 1;
      if (headers.authorization !== 'Bearer t0ken') return response.writeHead(401).end();
      if (url?.startsWith('/echo')) return response.end(JSON.stringify(echoOf(headers)));
      const items = url?.includes('after') ? [{ id: 'd', t: 1_767_225_600_000, v: 3 }] : ITEMS;
      return response.end(JSON.stringify({ items, next: url?.includes('after') ? null : 'more' }));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo; // it listens on a port
    origin = `http://127.0.0.1:${port}`;
    folder = await mkdtemp(join(tmpdir(), 'chartly-preview-'));
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_EGRESS_ALLOW: `127.0.0.1:${port}` });
    const secret = JSON.stringify({ provider: 'own', value: 't0ken' });
    await chartly.api.ok('/v1/projects/default/secrets/api', { method: 'PUT', body: secret, type: 'application/json' });
  });
  afterAll(async () => {
    await chartly.end();
    await rm(folder, { recursive: true, force: true });
    await new Promise((resolve) => upstream.close(resolve));
  });

  const preview = (body: string, query = '') =>
    chartly.api.send<PipelinePreview & { code: string; detail: string }>(
      `/v1/projects/default/pipelines/preview${query}`,
      { body, type: 'application/yaml' },
    );

  const command = async (...args: readonly string[]) => {
    const env = { ...process.env, NODE_OPTIONS: '', CHARTLY_DATA_DIR: chartly.dataDir, CHARTLY_URL: chartly.api.url };
    const child = spawn(process.execPath, ['bin/chartly.js', ...args], { cwd: ROOT, env });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>, // node's own event
    ]);
    return { status, stdout, stderr };
  };

  it('shows each record of the first page as it came, with its rows or why it has none', async () => {
    const { status, body } = await preview(pipeline(origin));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      pipeline: 'readings',
      fetched: { pages: 1, records: 3, done: false },
      framed: 3,
      normalized: 1,
      filtered: 1,
      quarantined: 1,
      produced: 1,
    });
    expect(body.records.map(({ outcome, raw }) => [outcome, JSON.parse(raw) as unknown])).toEqual([
      ['normalized', ITEMS[0]],
      ['filtered', ITEMS[1]],
      ['quarantined', ITEMS[2]],
    ]);
    expect(body.records[0]?.rows).toEqual([{ id: 'a', at: '2026-01-01T00:00:00.000Z', v: 1 }]);
    expect(body.records[2]).toMatchObject({ step: expect.any(String) as string, reason: expect.any(String) as string });
    expect(body.recorded).toBeUndefined();
  });

  it('keeps nothing: no document, no dataset, no checkpoint, so the next one begins at the beginning', async () => {
    const before = requests;
    await preview(pipeline(origin), '?pages=5');
    const { body } = await preview(pipeline(origin), '?pages=5');
    expect(requests - before).toBe(4);
    expect(body).toMatchObject({ fetched: { pages: 2, records: 4, done: true }, framed: 4 });
    expect((await chartly.api.ok<DocumentPage>('/v1/projects/default/documents?kind=pipelines')).documents).toEqual([]);
    const { status } = await chartly.api.send<DatasetTotals>('/v1/projects/default/pipelines/readings/ledger');
    expect(status).toBe(404);
  });

  it('tells what is wrong with the document, or with the source, in their own words', async () => {
    const broken = await preview(pipeline(origin).replace('double(raw.v)', 'dbl(raw.v)'));
    expect([broken.status, broken.body.code]).toEqual([422, 'document.invalid']);
    const unauthorized = await preview(pipeline(origin).replace('${secret.api}', 'wrong'));
    expect([unauthorized.status, unauthorized.body.code]).toEqual([422, 'pull.auth']);
    const elsewhere = await preview(pipeline('http://169.254.169.254'));
    expect([elsewhere.status, elsewhere.body.code]).toEqual([422, 'egress.refused']);
    const none = await preview(
      'apiVersion: chartly.io/v1\nkind: Connection\nmetadata: { name: c }\nspec: { url: "https://x.example" }\n',
    );
    expect([none.status, none.body.code]).toEqual([422, 'preview.pipeline']);
  });

  it('shows no secret, however the source repeats it', async () => {
    const echo = `${origin}/echo`;
    const asked = pipeline(echo).replace('auth: {', 'headers: { x-pair: "a:${secret.api}" }, auth: {');
    const { status, body } = await preview(asked, '?record=true');
    expect(status).toBe(200);
    expect(body.records.map(({ raw }) => JSON.parse(raw) as unknown)).toEqual([
      { id: 'Bearer [secret api]', t: 0, v: 1, pair: 'a:[secret api]' },
      { id: '[secret api]', t: 0, v: 1 },
      { id: 'basic [secret api]', t: 0, v: 1 },
      { id: 'plain', t: 0, v: 1, url: '/echo?key=[secret api]' },
    ]);
    for (const form of ['t0ken', 'dDBrZW', 'QwaxZW', 'IHQwa2Vu']) expect(JSON.stringify(body)).not.toContain(form);
    const refused = await preview(asked.replace('cursor: { path: $.next, param: after }', 'nextUrl: { path: $.next }'));
    expect(refused).toMatchObject({ status: 422, body: { code: 'pull.page_malformed' } });
    expect(refused.body.detail).toContain('http://[secret api]');
    const file = join(folder, 'echo.yaml');
    await writeFile(file, asked);
    const shown = await command('dry-run', '-f', file);
    expect(shown.stdout).toContain('[secret api]');
    const saved = await command('record', '-f', file, '--out', join(folder, 'echo'));
    expect(saved.status).toBe(0);
    const page = await readFile(join(folder, 'echo', 'readings-1.json'), 'utf8');
    expect(page).toContain('Bearer [secret api]');
    expect([shown.stdout, shown.stderr, saved.stdout, saved.stderr, page].join()).not.toContain('t0ken');
  });

  it('is there on the command line: dry-run shows, record saves, test runs what was saved without the source', async () => {
    const file = join(folder, 'readings.yaml');
    const tests = (stored: number): string =>
      `  tests:\n    - { given: pages/readings-1.json, expect: { stored: ${stored}, quarantined: 1, filtered: 1 } }\n`;
    await writeFile(file, pipeline(origin, tests(1)));

    const shown = await command('dry-run', '-f', file);
    expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining('3 records: 1 normalized') as string });
    expect(shown.stdout).toContain('quarantined');

    expect(await command('record', '-f', file, '--out', join(folder, 'pages'))).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('{"stored":1,"quarantined":1,"filtered":1}') as string,
    });
    expect(JSON.parse(await readFile(join(folder, 'pages', 'readings-1.json'), 'utf8'))).toEqual(ITEMS);

    const before = requests;
    expect(await command('test', '-f', file)).toMatchObject({ status: 0, stderr: '1 tests passed.\n' });
    await writeFile(file, pipeline(origin, tests(2)));
    const failed = await command('test', '-f', file);
    expect(failed).toMatchObject({ status: 1, stdout: expect.stringContaining('stored: 1 instead of 2') as string });
    expect(requests).toBe(before);
  });
});
