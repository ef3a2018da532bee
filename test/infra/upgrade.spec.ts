import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '#apps/cli/up/child';
import { freePort } from '#libs/net/free-port';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { applyMetrics, eventAt, ledgerOf, ndjson, settledLedger } from '../scenarios/pushed-events';
import { Api } from '../support/api';
import { ROOT } from '../support/paths';
import { attempt, describeUnless } from './support/tools';

/** The commit that stands for the release before this one. */
const PREVIOUS = readFileSync(join(ROOT, 'deploy', 'previous-release'), 'utf8').trim();
const EVENTS = '/v1/projects/default/pipelines/metrics/events';
const BATCH = 200;
const STOP_MS = 40_000;

const reasons =
  attempt('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`]).status === 0
    ? []
    : [`the release before this one (${PREVIOUS.slice(0, 12)}) is not in the history that is here`];

describeUnless(reasons, 'an upgrade from the release before', () => {
  let scratch: string;
  let postgres: TestPostgres;
  let running: Child | undefined;
  let api: Api;

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'chartly-upgrade-'));
    chmodSync(scratch, 0o755);
    buildPrevious(join(scratch, 'previous'));
    postgres = await startTestPostgres();
  });
  afterAll(async () => {
    await running?.stop(STOP_MS);
    await postgres.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const previous = (): string => join(scratch, 'previous');

  async function start(release: string): Promise<void> {
    const env = await environment();
    running = new Child({
      args: [join(release, 'dist', 'src', 'main.js')],
      env,
      logFile: join(scratch, 'chartly.log'),
    });
    if (!(await running.ready)) throw new Error(`${release} did not start: ${running.complaint}`);
    api = new Api(`http://127.0.0.1:${env.CHARTLY_PORT}`, join(scratch, 'data'));
  }

  async function stop(): Promise<void> {
    await running?.stop(STOP_MS);
    expect(running?.exit?.code).toBe(0);
    running = undefined;
  }

  const environment = async (): Promise<NodeJS.ProcessEnv> => ({
    ...process.env,
    NODE_ENV: 'production',
    CHARTLY_ROLE: 'all',
    CHARTLY_DATA_DIR: join(scratch, 'data'),
    CHARTLY_DATABASE_URL: postgres.appUrl,
    CHARTLY_DATABASE_MIGRATION_URL: postgres.ownerUrl,
    CHARTLY_LOCAL_ACCESS: 'true',
    CHARTLY_PORT: String(await freePort()),
    CHARTLY_INTERNAL_PORT: String(await freePort()),
  });

  let pushed = 0;
  /** Pushes a batch and waits until the books balance with it. */
  async function pushes(): Promise<void> {
    const events = Array.from({ length: BATCH }, (_, at) => eventAt(pushed + at));
    await api.ok(EVENTS, { body: ndjson(events), type: 'application/x-ndjson' });
    pushed += BATCH;
    await settledLedger(api, 'metrics');
    const { records, dataset, balanced } = await ledgerOf(api, 'metrics');
    expect([records.accepted, dataset.held, balanced]).toEqual([pushed, pushed, true]);
  }

  it('finds the release before at work', async () => {
    await start(previous());
    await applyMetrics(api);
    await pushes();
  });

  it('extends the tables while it works, and it works on', async () => {
    const env = await environment();
    const migration = new Child({
      args: [join(ROOT, 'dist', 'src', 'main.js'), '--migrate-only'],
      env,
      logFile: join(scratch, 'migration.log'),
    });
    expect([(await migration.exited).code, migration.complaint]).toEqual([0, '']);
    await pushes();
  });

  it('goes on with what is there, in this release', async () => {
    await stop();
    await start(ROOT);
    expect((await ledgerOf(api, 'metrics')).records.accepted).toBe(pushed);
    await pushes();
  });
});

/** The previous release's sources, built with the packages of this one. */
function buildPrevious(folder: string): void {
  const script = `mkdir -p "${folder}" && git archive ${PREVIOUS} | tar -x -C "${folder}"`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The previous release could not be unpacked: ${stderr}`);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const built = attempt(process.execPath, [nest, 'build'], { cwd: folder });
  if (built.status !== 0) throw new Error(`The previous release could not be built: ${built.stderr}${built.stdout}`);
}
