import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { applyMetrics, ledgerOf, settledLedger } from '../scenarios/pushed-events';
import { Api } from '../support/api';
import { ROOT } from '../support/paths';
import { Release, Rollout } from './support/rollout/rollout';
import { Traffic } from './support/rollout/traffic';
import { attempt, describeUnless } from './support/tools';

/** The commit that stands for the release before this one. */
const PREVIOUS = readFileSync(join(ROOT, 'deploy', 'previous-release'), 'utf8').trim();
const NEW: Release = { name: 'this release', folder: ROOT, drains: true };
/** On the way back several roles change at once, as `helm rollback` does it. */
const TOGETHER: readonly (readonly ServiceName[])[] = [
  ['observer', 'auth', 'audit'],
  ['analytics', 'storage', 'normalizer'],
  ['connector-hub', 'orchestrator', 'gateway'],
];

const reasons = [
  ...(process.platform === 'linux' ? [] : ['only Linux answers at every loopback address']),
  ...(attempt('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`]).status === 0
    ? []
    : [`the release before this one (${PREVIOUS.slice(0, 12)}) is not in the history that is here`]),
];

describeUnless(reasons, 'an upgrade from the release before, and the way back', () => {
  let scratch: string;
  let old: Release;
  let postgres: TestPostgres;
  let rollout: Rollout;
  let traffic: Traffic;
  let api: Api;

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'chartly-upgrade-'));
    chmodSync(scratch, 0o755);
    old = { name: 'the release before', folder: join(scratch, 'previous'), drains: false };
    buildPrevious(old.folder);
    postgres = await startTestPostgres();
    rollout = Rollout.prepare(scratch, postgres);
    await rollout.migrate(old);
    await rollout.install(old);
    api = new Api(rollout.publicAddress.url, rollout.dataDir);
    await applyMetrics(api);
    const { key } = await api.json<CreatedKey>('/v1/keys', { name: 'client', role: 'admin', project: '*' });
    traffic = Traffic.begin(api, key, 0);
  });
  afterAll(async () => {
    await traffic?.end();
    await rollout?.remove();
    await postgres?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** What clients met so far: nothing but answers, and 503 with Retry-After where a role was away. */
  async function served(): Promise<void> {
    await traffic.passes();
    expect(traffic.tally.wrong).toEqual([]);
  }

  it('begins with nine processes of the release before, at work', async () => {
    await served();
    expect(rollout.releases).toEqual(SERVICES.map(() => old.name));
  });

  it('extends the tables while they work, and they work on', async () => {
    await rollout.migrate(NEW);
    await served();
  });

  it.each(SERVICES)('replaces %s beside the old ones, and clients are served', async (service) => {
    await rollout.replace(service, NEW);
    await served();
  });

  it('goes back to the release before, on the tables of this one', async () => {
    for (const services of TOGETHER) {
      await Promise.all(services.map((service) => rollout.replace(service, old)));
    }
    await served();
    expect(rollout.releases).toEqual(SERVICES.map(() => old.name));
  });

  it('has ended each process that it replaced within its grace', async () => {
    expect(await rollout.ended()).toEqual([]);
  });

  it('has lost nothing and counted nothing twice on the way', async () => {
    const { pushed, wrong, unavailable, pushes, queries } = await traffic.end();
    process.stdout.write(`upgrade: ${pushes} pushes, ${queries} queries, ${unavailable} times 503\n`);
    expect(wrong).toEqual([]);
    await settledLedger(api, 'metrics');
    const { records, dataset, balanced, problems } = await ledgerOf(api, 'metrics');
    expect([records.accepted, dataset.held, balanced, problems]).toEqual([pushed, pushed, true, []]);
  });
});

/** The previous release, built and run with the packages that it was released with. */
function buildPrevious(folder: string): void {
  const script = `mkdir -p "${folder}" && git archive ${PREVIOUS} | tar -x -C "${folder}"`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The previous release could not be unpacked: ${stderr}`);
  const lock = (of: string): string => readFileSync(join(of, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(ROOT)) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else {
    const installed = attempt('npm', ['ci', '--prefer-offline', '--loglevel=error'], { cwd: folder });
    if (installed.status !== 0)
      throw new Error(`The previous release's packages could not be installed: ${installed.stderr}`);
  }
  const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const built = attempt(process.execPath, [nest, 'build'], { cwd: folder });
  if (built.status !== 0) throw new Error(`The previous release could not be built: ${built.stderr}${built.stdout}`);
}
