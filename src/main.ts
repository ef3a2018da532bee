import 'reflect-metadata';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { ChartlyConfig } from '#libs/config/config';
import { ConfigError, loadConfig } from '#libs/config/load';
import { SERVICES } from '#libs/contracts/contract';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { migrate, roleOf } from '#libs/database/migrations';
import { databaseError } from '#libs/database/database-errors';
import { ChartlyError, DeadlineExceeded } from '#libs/errors/errors';
import { migrateQueue } from '#libs/queue/queue-backend';
import { mapStacks } from './mapped-stacks';
import { ChartlyProcess } from './process';
import { loadRoles } from './roles';
import { waitForMigrations } from './waiting-room';

const INTERRUPTED = 130;

/** Where this process's tables are, as the role that migrates and as the role that serves. */
interface DatabaseUrls {
  readonly owner: string;
  readonly app: string;
}

async function main(): Promise<void> {
  const stop = stopSignal();
  const config = loadConfig(process.env);
  const migrateOnly = process.argv.includes('--migrate-only');
  const postgres = config.embedsPostgres ? await EmbeddedPostgres.start({ dataDir: config.dataDir }) : undefined;
  const abandon = (): void => abandonPostgres(postgres);
  process.once('exit', abandon);
  try {
    const urls = databaseUrls(config, postgres);
    if (migrateOnly || config.migrateOnStart) await applyMigrations(urls);
    if (!migrateOnly && !stop.aborted) await serve(config, urls.app, stop);
  } finally {
    await postgres?.stop();
    process.off('exit', abandon);
  }
}

/** Serves until it is told to stop, and then drains. */
async function serve(config: ChartlyConfig, databaseUrl: string, stop: AbortSignal): Promise<void> {
  const roles = await loadRoles(config.roles);
  const migrations = roles.flatMap((role) => (role.migrations ? [role.migrations] : []));
  if (!config.migrateOnStart && !(await waitForMigrations(config, migrations, databaseUrl, stop))) return;
  const chartly = await ChartlyProcess.boot(config, roles, databaseUrl);
  process.send?.({ ready: true }); // to who started us, which would not believe whoever answers at our address
  if (!stop.aborted) await once(stop, 'abort');
  await withGrace(chartly.drain(), config.shutdownGraceMs);
}

/** Throws DeadlineExceeded when work in flight takes too long to end; it is left then. */
async function withGrace(drained: Promise<void>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const sentence = 'Work in flight did not end within CHARTLY_SHUTDOWN_GRACE and was left.';
    timer = setTimeout(() => reject(new DeadlineExceeded('shutdown.grace', sentence)), graceMs);
  });
  await Promise.race([drained, tooLong]).finally(() => clearTimeout(timer));
}

/** The queue's tables first: who waits for a service's tables finds both. */
async function applyMigrations({ owner, app }: DatabaseUrls): Promise<void> {
  const roles = await loadRoles(SERVICES);
  const services = roles.flatMap(({ migrations }) => (migrations ? [migrations] : []));
  await migrateQueue({ ownerUrl: owner, appUrl: app });
  await migrate({ ownerUrl: owner, appRole: roleOf(app), services });
}

function databaseUrls(config: ChartlyConfig, postgres: EmbeddedPostgres | undefined): DatabaseUrls {
  if (postgres) return { owner: postgres.ownerUrl, app: postgres.appUrl };
  if (config.databaseUrl === undefined) throw new TypeError('A configuration without a database was let through.');
  return { owner: config.databaseMigrationUrl ?? config.databaseUrl, app: config.databaseUrl };
}

/** A process that must end at once takes its Postgres along, which recovers at the next start. */
function abandonPostgres(postgres: EmbeddedPostgres | undefined): void {
  if (!postgres) return;
  try {
    process.kill(postgres.pid, 'SIGQUIT');
  } catch {
    // it has ended already
  }
}

/** Aborts at SIGTERM, SIGINT, or the end of the process that started us. A second signal ends at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.once('disconnect', () => stop.abort());
  return stop.signal;
}

mapStacks(dirname(__dirname));
main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    process.stderr.write(`${sentenceOf(thrown)}\n`);
    process.exit(1);
  },
);

/** One sentence for what an operator can mend; the stack of what only we can. */
function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof ChartlyError || thrown instanceof ConfigError) return thrown.message;
  const code: unknown = Reflect.get(thrown, 'code');
  const refused = typeof code === 'string' && /^(28|3D)\w{3}$/.test(code); // the role, its password or the database's name
  if (refused) return `Postgres refuses CHARTLY_DATABASE_URL: ${thrown.message}.`;
  return databaseError(thrown)?.message ?? thrown.stack ?? thrown.message;
}
