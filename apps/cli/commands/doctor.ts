import { Command } from 'commander';

import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { CanaryHealth } from '#libs/contracts/observer.contract';
import { installedBinaries } from '#libs/database/postgres-binaries';
import { clientOf, dataDirOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print } from '../output';

const DISK_MIN_GIB = 1;
const GIB = 2 ** 30;

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
}

export function doctorCommand(program: Command): void {
  remote(program.command('doctor').description('check this machine and the Chartly that runs on it')).action(
    async (options: RemoteOptions) => {
      const findings = [
        node(),
        await dataFolder(),
        await disk(),
        await postgresBinaries(),
        await duckdb(),
        ...(await services(options)),
      ];
      print(options.output, findings, {
        columns: ['check', 'ok', 'found'],
        rows: findings.map(({ check, ok, found }) => [check, ok ? 'yes' : 'NO', found]),
      });
      const wrong = findings.filter(({ ok }) => !ok);
      if (wrong.length > 0) throw new CommandFailed(`${wrong.length} of ${findings.length} checks failed.`);
    },
  );
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { check: 'Node >= 20.19', ok, found: process.versions.node };
}

async function dataFolder(): Promise<Finding> {
  const folder = dataDirOf(process.env);
  return attempt('data folder is writable', async () => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  });
}

async function disk(): Promise<Finding> {
  const { bavail, bsize } = await statfs(process.cwd());
  const free = (bavail * bsize) / GIB;
  return { check: `disk has ${DISK_MIN_GIB} GiB free`, ok: free >= DISK_MIN_GIB, found: `${free.toFixed(1)} GiB` };
}

const postgresBinaries = (): Promise<Finding> => attempt('embedded Postgres is installed', installedBinaries);

function duckdb(): Promise<Finding> {
  return attempt('DuckDB loads', async () => (await import('@duckdb/node-api')).version());
}

async function services(options: RemoteOptions): Promise<Finding[]> {
  try {
    const health = await clientOf(options).ask((api) => api.GET('/v1/health'));
    const findings = health.services.map(({ service, state, waitingFor }) => ({
      check: `${service} is ready`,
      ok: state === 'ready',
      found: waitingFor.length > 0 ? `${state}: ${waitingFor.join(', ')}` : state,
    }));
    return [...findings, canary(health.canary)];
  } catch (thrown) {
    return [{ check: 'Chartly answers', ok: false, found: thrown instanceof Error ? thrown.message : String(thrown) }];
  }
}

/** Late is a fault; not there yet is none. */
function canary({ state, tookMs, waitingFor }: CanaryHealth): Finding {
  const took = tookMs === undefined ? '' : `, ${tookMs} ms from push to query`;
  const waits = state === 'late' && waitingFor !== undefined ? `, waits for ${waitingFor}` : '';
  return { check: 'a record comes through', ok: state !== 'late', found: `${state}${took}${waits}` };
}

async function attempt(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, found: await look() };
  } catch (thrown) {
    return { check, ok: false, found: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
