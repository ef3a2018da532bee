import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyMetrics, METRICS_PIPELINE } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';

const exec = promisify(execFile);

/** Somebody's program, which knows the package and nothing of where it was made. */
const CONSUMER = `
import { answer, chartlyClient, RequestRefused, type ChartlyClient, type Schemas } from '@chartly/client';

const { CHARTLY_URL: url = '', CHARTLY_KEY: key = '', PIPELINE: yaml = '' } = process.env;
const chartly: ChartlyClient = chartlyClient({ url: url + '/', key: async () => key });
const path = { project: 'default' };

export async function main(): Promise<object> {
  const { documents } = await answer(
    chartly.POST('/v1/projects/{project}/apply', {
      params: { path, header: { 'idempotency-key': 'of-a-consumer' } },
      body: yaml,
      headers: { 'content-type': 'application/yaml' },
    }),
  );
  const created: Schemas['CreatedKey'] = await answer(
    chartly.POST('/v1/keys', { body: { name: 'made by a consumer', role: 'viewer', project: 'default' } }),
  );
  const seen = await answer(chartly.GET('/v1/projects/{project}/documents', { params: { path, query: { limit: 1 } } }));
  const nothing: unknown = await answer(chartly.DELETE('/v1/keys/{key}', { params: { path: { key: created.id } } }));
  const refused = await answer(chartly.GET('/v1/projects/{project}/runs/{run}', {
    params: { path: { ...path, run: created.id } },
  })).catch((thrown: unknown) => thrown);
  const dataset = { ...path, dataset: 'metrics' };
  const bytes = new TextEncoder().encode('{"id":"a","time":"2026-01-01T00:00:00Z","host":"a","value":1}\\n');
  const imported = await answer(
    chartly.POST('/v1/projects/{project}/datasets/{dataset}/import', {
      params: { path: dataset },
      body: bytes,
      headers: { 'content-type': 'application/x-ndjson' },
    }),
  );
  const exported = await answer(
    chartly.GET('/v1/projects/{project}/datasets/{dataset}/export', {
      params: { path: dataset, query: { format: 'csv', columns: 'id,value' } },
      parseAs: 'stream',
    }),
  );
  const asked = await answer(
    chartly.POST('/v1/projects/{project}/query', { params: { path }, body: { dataset: 'metrics', columns: ['id'] } }),
  );
  const first: unknown = asked.rows[0]?.[0];
  const stranger = chartlyClient({ url });
  const { error, response } = await stranger.GET('/v1/whoami');
  return {
    kinds: documents.map(({ kind }) => kind),
    role: created.role,
    listed: seen.documents.length,
    nothing: String(nothing),
    refused: refused instanceof RequestRefused ? [refused.status, refused.code] : String(refused),
    stranger: [response.status, error?.code],
    imported: imported.stored,
    exported: await new Response(exported).text(),
    first,
  };
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such path
  await chartly.GET('/v1/nowhere');
  // @ts-expect-error a name is missing
  await chartly.GET('/v1/projects/{project}/runs/{run}', { params: { path } });
  // @ts-expect-error no such role
  await chartly.POST('/v1/keys', { body: { name: 'x', role: 'emperor', project: 'default' } });
  // @ts-expect-error bytes are taken where documents and rows are, and not where an object is
  await chartly.POST('/v1/keys', { body: new Uint8Array() });
  // @ts-expect-error no such parameter
  await chartly.GET('/v1/keys', { params: { query: { surely_unknown: 1 } } });
}

void main().then((found) => console.log(JSON.stringify(found)));
`;

describe('the package @chartly/client, to somebody who has nothing else of ours', () => {
  let chartly: ChartlyUnderTest;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-consumer-'));
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    const { stdout } = await exec(process.execPath, [join(ROOT, 'scripts', 'client-pack.mjs'), '--out', folder]);
    await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true }');
    /* Its dependency comes from here and not from the network. */
    const modules = ['openapi-fetch', 'openapi-typescript-helpers'].map((name) => join(ROOT, 'node_modules', name));
    const flags = ['--install-links', '--offline', '--no-audit', '--no-fund', '--no-package-lock'];
    await exec('npm', ['install', ...flags, ...modules, stdout.trim()], { cwd: folder });
  });
  afterAll(async () => {
    await chartly.end();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['module', 'commonjs'])('fits what it says, and asks a running Chartly, from a %s', async (type) => {
    const consumer = join(folder, type);
    await mkdir(consumer);
    await writeFile(join(consumer, 'package.json'), JSON.stringify({ type }));
    await writeFile(join(consumer, 'main.ts'), `declare const process: { env: Record<string, string> };\n${CONSUMER}`);
    const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, lib: ['es2022', 'dom'], types: [] };
    await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = await exec(process.execPath, [tsc, '-p', consumer]).catch((thrown: { stdout: string }) => thrown);
    expect(compiled.stdout).toBe('');
    const env = {
      CHARTLY_URL: chartly.api.url,
      CHARTLY_KEY: await chartly.api.localToken(),
      PIPELINE: METRICS_PIPELINE,
    };
    const { stdout } = await exec(process.execPath, [join(consumer, 'main.js')], { env });
    expect(JSON.parse(stdout)).toEqual({
      kinds: ['Pipeline'],
      role: 'viewer',
      listed: 1,
      nothing: 'undefined',
      refused: [404, 'run.unknown'],
      stranger: [401, 'auth.missing'],
      imported: expect.any(Number),
      exported: expect.stringMatching(/^id,value\r?\na,1\r?\n$/),
      first: 'a',
    });
  });
});
