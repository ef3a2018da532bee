import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { applyMetrics } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';

const IN_DEFAULT = '/v1/projects/default';
const JSON_TYPE = 'application/json';
/** More than all pipes and sockets between a server and a command hold. */
const EXPORTED_ROWS = 40_000;
const HOST = 'h'.repeat(1_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command, as it is called from scripts and by hand. */
describe('the chartly command against a server', () => {
  let chartly: ChartlyUnderTest;
  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
  });
  afterAll(() => chartly.end());

  function start(...words: readonly string[]): ChildProcessWithoutNullStreams {
    const env = { ...process.env, CHARTLY_DATA_DIR: chartly.dataDir, CHARTLY_URL: chartly.api.url };
    return spawn(process.execPath, [join(ROOT, 'bin', 'chartly.js'), ...words], { env });
  }

  async function run(...words: readonly string[]): Promise<Ended> {
    const child = start(...words);
    child.stdin.end();
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await closed) as [number | null]; // node's own event
    return { code, stdout, stderr };
  }

  it('explains what a request of somebody would meet, and by which binding of which group', async () => {
    const { api } = chartly;
    const put = (path: string, value: unknown) =>
      api.ok(path, { method: 'PUT', body: JSON.stringify(value), type: JSON_TYPE });
    await api.json('/v1/users', { name: 'ada' });
    await put('/v1/groups/crew', { members: ['ada'] });
    await put(`${IN_DEFAULT}/roles/starter`, { rules: [{ permissions: ['runs:write'], names: ['met*'] }] });
    const subjects = [{ kind: 'group', name: 'crew' }];
    await put(`${IN_DEFAULT}/bindings/crew-starts`, { role: 'starter', subjects });
    await put(`${IN_DEFAULT}/bindings/crew-sees`, { role: 'viewer', subjects });
    const explain = (method: string, path: string) => run('route', 'explain', method, path, '--as', 'user:ada');

    const allowed = await explain('post', `${IN_DEFAULT}/pipelines/metrics/runs`);
    expect(allowed.code).toBe(0);
    expect(allowed.stdout.split('\n')).toEqual([
      'route       /v1/projects/:project/pipelines/:pipeline/runs (RunsController.start)',
      'permission  runs:write',
      'priority    control',
      expect.stringMatching(/^deadline {4}\d+ s$/),
      expect.stringMatching(/^limits {6}address \d+ in 1 s, user \d+ in 1 s, project \d+ in 1 s$/),
      'as          ada',
      'policy      viewer in default by RoleBinding default/crew-sees through group crew: has no "runs:write"',
      'policy      starter in default by RoleBinding default/crew-starts through group crew: has "runs:write"',
      'verdict     allowed: ada holds "runs:write" in project "default".',
      '',
    ]);
    const denied = await explain('POST', `${IN_DEFAULT}/pipelines/other/runs`);
    expect(denied.stdout).toMatch(/crew-starts through group crew: is bound to other names or labels\n/);
    expect(denied.stdout).toMatch(/^verdict {5}denied: ada lacks "runs:write" in project "default": 403\.$/m);
    const stranger = await explain('POST', '/v1/projects/elsewhere/pipelines/metrics/runs');
    expect(stranger.stdout).toMatch(/^verdict {5}stranger: ada holds nothing in project "elsewhere".*: 404\.$/m);
    const own = await run('route', 'explain', 'GET', '/v1/me/sessions');
    expect(own.stdout).toMatch(/^permission {2}none: it is about the caller$/m);
    expect(own.stdout).toMatch(/^verdict {5}denied: local command line is no person who is logged in: 403\.$/m);
    expect((await explain('GET', '/v1/me/sessions')).stdout).toMatch(/^verdict {5}allowed: ada may call it/m);
  });

  it('says once what is wrong, in words that were sent or meant', async () => {
    const refused = await run('cancel', 'it');
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'chartly: run: run must be a UUID.\n' });
    const file = join(chartly.dataDir, 'wrong.yaml');
    await writeFile(file, 'kind: Nope\n');
    const { code, stderr } = await run('apply', '-f', file);
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(
      new Set(
        lines.map((line) =>
          line
            .trim()
            .replace(/^chartly: /, '')
            .replace(/\.$/, ''),
        ),
      ).size,
    ).toBe(lines.length);
    const empty = await run('runs', 'nope');
    expect([empty.code, empty.stderr]).toEqual([0, 'There are no runs of "nope".\n']);
  });

  it('tells in one sentence that the server went away in the middle, and that it is away', async () => {
    const row = (at: number): string =>
      `${JSON.stringify({ id: `r${at}`, time: '2026-01-01T00:00:00Z', host: HOST, value: at })}\n`;
    const file = join(chartly.dataDir, 'rows.ndjson');
    await writeFile(file, Array.from({ length: EXPORTED_ROWS }, (_, at) => row(at)).join(''));
    expect((await run('import', 'metrics', file)).code).toBe(0);

    const head = start('export', 'metrics');
    const reading = once(head, 'close');
    await once(head.stdout, 'data');
    head.stdout.destroy(); // as `| head` does
    expect(await text(head.stderr)).toBe('');
    expect(await reading).toEqual([141, null]);

    const child = start('export', 'metrics');
    const closed = once(child, 'close');
    await once(child.stdout, 'readable');
    await chartly.crash();
    child.stdout.resume();
    const address = chartly.api.url;
    expect(await text(child.stderr)).toBe(
      `chartly: The connection to Chartly at ${address} broke off; what came is not all.\n`,
    );
    expect(await closed).toEqual([1, null]);
    const away = await run('runs');
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(away.stderr).toMatch(`Chartly does not answer at ${address}. `);
  });
});
