import 'reflect-metadata';
import { ChartlyConfig } from '#libs/config/config';
import { ConfigError, loadConfig } from '#libs/config/load';
import { SERVICES } from '#libs/contracts/contract';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { migrate, roleOf } from '#libs/database/migrations';
import { ChartlyError } from '#libs/errors/errors';
import { migrateQueue } from '#libs/queue/queue-backend';
import { ChartlyProcess } from './process';
import { loadRoles } from './roles';

const INTERRUPTED = 130;

/** Where this process's tables are, as the role that migrates and as the role that serves. */
interface DatabaseUrls {
  readonly owner: string;
  readonly app: string;
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const migrateOnly = process.argv.includes('--migrate-only');
  const postgres = config.embedsPostgres ? await EmbeddedPostgres.start({ dataDir: config.dataDir }) : undefined;
  try {
    const urls = databaseUrls(config, postgres);
    if (migrateOnly || config.migrateOnStart) await applyMigrations(urls);
    if (!migrateOnly) await serve(config, urls.app);
  } finally {
    await postgres?.stop();
  }
}

/** Serves until it is told to stop, and then drains. */
async function serve(config: ChartlyConfig, databaseUrl: string): Promise<void> {
  const stop = stopSignal();
  const roles = await loadRoles(config.roles);
  const chartly = await ChartlyProcess.boot(config, roles, databaseUrl);
  await stop;
  const grace = setTimeout(() => {
    process.stderr.write('chartly: work in flight did not end within CHARTLY_SHUTDOWN_GRACE; leaving it.\n');
    process.exit(1);
  }, config.shutdownGraceMs);
  await chartly.drain();
  clearTimeout(grace);
}

async function applyMigrations({ owner, app }: DatabaseUrls): Promise<void> {
  const roles = await loadRoles(SERVICES);
  const services = roles.flatMap(({ migrations }) => (migrations ? [migrations] : []));
  await migrate({ ownerUrl: owner, appRole: roleOf(app), services });
  await migrateQueue({ ownerUrl: owner, appUrl: app });
}

function databaseUrls(config: ChartlyConfig, postgres: EmbeddedPostgres | undefined): DatabaseUrls {
  if (postgres) return { owner: postgres.ownerUrl, app: postgres.appUrl };
  if (config.databaseUrl === undefined) throw new TypeError('A configuration without a database was let through.');
  return { owner: config.databaseMigrationUrl ?? config.databaseUrl, app: config.databaseUrl };
}

/** SIGTERM, SIGINT, or the end of the process that started us. A second signal ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.once('disconnect', () => {
      if (!asked) stop();
    });
  });
}

main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    const expected = thrown instanceof ChartlyError || thrown instanceof ConfigError;
    const text =
      thrown instanceof Error ? (expected ? thrown.message : (thrown.stack ?? thrown.message)) : String(thrown);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  },
);
