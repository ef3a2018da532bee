import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { EntryPage } from '#libs/contracts/audit.contract';
import { DatasetDescription, RowPage } from '#libs/contracts/dataset-rows';
import { Problem } from '#libs/errors/problem';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest, Layout } from './support/chartly';
import { ROOT } from './support/paths';
import { until } from './support/until';

const PROJECT = '/v1/projects/default';
const DATASET = `${PROJECT}/datasets/metrics`;
const EVENTS = 6_000;
const BATCH = 1_500;
const IDS = Array.from({ length: EVENTS }, (_, at) => eventAt(at).id).sort();

describe.each<Layout>(['one process', 'nine processes'])('exports of %s', (layout) => {
  let chartly: ChartlyUnderTest;
  /** How many exports were answered so far. */
  let answered = 0;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start(layout);
    await applyMetrics(chartly.api);
    for (let at = 0; at < EVENTS; at += BATCH) {
      const body = ndjson(Array.from({ length: BATCH }, (_, offset) => eventAt(at + offset)));
      await chartly.api.ok(`${PROJECT}/pipelines/metrics/events`, { body, type: 'application/x-ndjson' });
    }
    await settledLedger(chartly.api, 'metrics');
  });
  afterAll(() => chartly.end());

  async function download(path: string, body?: object): Promise<{ type: string | null; bytes: Buffer }> {
    const response = await fetch(new URL(path, chartly.api.url), {
      headers: {
        authorization: `Bearer ${await chartly.api.localToken()}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    expect(response.status).toBe(200);
    answered += 1;
    return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
  }

  const entries = async (): Promise<number> =>
    (await chartly.api.ok<EntryPage>('/v1/audit/entries?action=data.export&limit=1000')).entries.length;

  const chartlyCommand = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, ['bin/chartly.js', ...args, '--url', chartly.api.url], {
      cwd: ROOT,
      env: { ...process.env, CHARTLY_DATA_DIR: chartly.dataDir },
    });

  async function idsInParquet(file: string): Promise<unknown[]> {
    const duck = await (await DuckDBInstance.create()).connect();
    const rows = await duck.runAndReadAll(`SELECT id FROM read_parquet('${file}') ORDER BY id`);
    return rows.getRows().flat();
  }

  it('give every row of a dataset in the form that is asked, and leave one audit entry each', async () => {
    const lines = await download(`${DATASET}/export`);
    expect(lines.type).toContain('application/x-ndjson');
    const rows = lines.bytes.toString().trimEnd().split('\n');
    expect(rows.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual(IDS);

    const csv = await download(`${DATASET}/export?format=csv&columns=id,host`);
    const [head, ...cells] = csv.bytes.toString().trimEnd().split('\r\n');
    expect([head, cells.length]).toEqual(['id,host', EVENTS]);

    const arrow = await download(`${DATASET}/export?format=arrow`);
    expect(tableFromIPC(arrow.bytes).numRows).toBe(EVENTS);
    await until('an entry of each', async () => ((await entries()) >= answered ? true : undefined));
    expect(await entries()).toBe(3);
  });

  it('write a Parquet file with the command line, of a range and whole or not at all', async () => {
    const file = join(chartly.dataDir, 'metrics.parquet');
    const said = await chartlyCommand('export', 'metrics', '-o', file, '--from', '2026-01-01T00:10:00Z');
    answered += 1;
    expect(said.stderr).toContain('parquet');
    expect(await idsInParquet(file)).toEqual(IDS.filter((id) => Number(id.slice(2)) >= 600));

    const none = join(chartly.dataDir, 'none.csv');
    await expect(chartlyCommand('export', 'no-such', '-o', none)).rejects.toThrow('There is no dataset "no-such"');
    expect((await readdir(chartly.dataDir)).filter((name) => name.startsWith('none'))).toEqual([]);
    const { stdout } = await chartlyCommand('export', '--sql', "SELECT id FROM metrics WHERE host = 'host-1'");
    answered += 1;
    expect(stdout.trimEnd().split('\n').length).toBe(EVENTS / 4);
  });

  it('give what a question or a statement comes to, beyond what an answer may hold', async () => {
    const groups = await download(`${PROJECT}/query/export?format=csv`, {
      dataset: 'metrics',
      dimensions: ['id'],
      measures: { n: 'count()' },
    });
    expect(groups.bytes.toString().trimEnd().split('\r\n').length).toBe(EVENTS + 1);
    const rates = await download(`${PROJECT}/query/export`, {
      dataset: 'metrics',
      bucket: '1h',
      measures: { r: 'rate(count())' },
    });
    expect(rates.bytes.toString()).toContain('"r":1}');
    const pairs = await download(`${PROJECT}/sql/export`, {
      sql: 'SELECT a.id AS one, b.id AS other FROM metrics a JOIN metrics b ON a.host = b.host WHERE b.value < $least',
      parameters: { least: 20 },
    });
    expect(pairs.bytes.toString().trimEnd().split('\n').length).toBeGreaterThan(100_000);
  });

  it('say what is wrong as a problem, and leave no entry of it', async () => {
    const { api } = chartly;
    const unknown = await api.send<Problem>(`${PROJECT}/datasets/nothing/export`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'dataset.unknown']);
    const column = await api.send<Problem>(`${DATASET}/export?columns=hosst`);
    expect([column.status, column.body.detail]).toEqual([422, expect.stringContaining('"host"')]);
    const format = await api.send<Problem>(`${DATASET}/export?format=xlsx`);
    expect(format.status).toBe(400);
    await download(`${DATASET}/export?columns=id`); // whose entry comes after any of those before
    await until('an entry of each that was answered', async () => ((await entries()) >= answered ? true : undefined));
    expect(await entries()).toBe(answered);
  });

  it('let go of the engine when their reader leaves', async () => {
    for (let time = 0; time < 8; time += 1) {
      const leave = new AbortController();
      const response = await fetch(new URL(`${DATASET}/export`, chartly.api.url), {
        headers: { authorization: `Bearer ${await chartly.api.localToken()}` },
        signal: leave.signal,
      });
      expect(response.status).toBe(200);
      await response.body?.getReader().read();
      leave.abort();
    }
    expect((await download(`${DATASET}/export`)).bytes.toString().trimEnd().split('\n').length).toBe(EVENTS);
  });

  it('are beside pages that give every row once, and the newest values of each series', async () => {
    const { api } = chartly;
    const ids: unknown[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const page: RowPage = await api.ok<RowPage>(`${DATASET}/rows?columns=id&limit=1700${cursor}`);
      ids.push(...page.rows.flat());
      next = page.next;
    }
    expect(ids).toEqual(Array.from({ length: EVENTS }, (_, at) => eventAt(at).id));
    const malformed = await api.send<Problem>(`${DATASET}/rows?cursor=x`);
    expect([malformed.status, malformed.body.code]).toEqual([400, 'cursor.malformed']);

    const last = await api.ok<QueryReply>(`${DATASET}/last?by=host&columns=id`);
    expect(last.rows.map(([host, , id]) => [host, id])).toEqual(
      [0, 1, 2, 3].map((at) => [`host-${at}`, eventAt(EVENTS - 4 + at).id]),
    );
    const described = await api.ok<DatasetDescription>(DATASET);
    expect(described).toMatchObject({ time: 'time', key: ['id'], mode: 'append' });
    expect(described.columns.map(({ name }) => name)).toEqual(['id', 'time', 'host', 'value']);
  });

  it('end without a word when nobody reads them any more', async () => {
    const args = ['bin/chartly.js', 'export', 'metrics', '--url', chartly.api.url];
    const env = { ...process.env, CHARTLY_DATA_DIR: chartly.dataDir };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const ended = once(child, 'exit');
    expect(await text(child.stderr)).toBe('');
    expect((await ended)[0]).toBe(141);
  });
});
