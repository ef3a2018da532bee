import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource, DataSourceOptions } from 'typeorm';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { migrate, roleOf, ServiceMigrations } from '#libs/database/migrations';

export interface TestPostgres {
  readonly ownerUrl: string;
  readonly appUrl: string;
  stop(): Promise<void>;
}

export interface TestDatabase extends TestPostgres {
  /** Connected as the services' role. */
  readonly dataSource: DataSource;
}

const POOL_MAX = 10;

/** A fresh embedded Postgres in a folder of its own, which `stop` removes. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chartly-postgres-'));
  await chmod(dataDir, 0o755); // as root, Postgres runs as nobody and must reach it
  const postgres = await EmbeddedPostgres.start({ dataDir });
  return {
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A fresh database with the given services' tables, on a Postgres that the databases open in this file share. */
export async function openTestDatabase(
  services: readonly ServiceMigrations[],
  entities: DataSourceOptions['entities'] = [],
): Promise<TestDatabase> {
  const postgres = await borrow();
  try {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await createDatabase(postgres.ownerUrl, name);
    const ownerUrl = withDatabase(postgres.ownerUrl, name);
    const appUrl = withDatabase(postgres.appUrl, name);
    await migrate({ ownerUrl, appRole: roleOf(appUrl), services });
    const dataSource = await new DataSource({
      type: 'postgres',
      url: appUrl,
      entities,
      poolErrorHandler: () => undefined, // a test may cut connections
      extra: { max: POOL_MAX },
    }).initialize();
    const stop = async (): Promise<void> => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await giveBack();
    };
    return { dataSource, ownerUrl, appUrl, stop };
  } catch (thrown) {
    await giveBack();
    throw thrown;
  }
}

let shared: Promise<TestPostgres> | undefined;
let borrowers = 0;

function borrow(): Promise<TestPostgres> {
  borrowers += 1;
  return (shared ??= startTestPostgres());
}

async function giveBack(): Promise<void> {
  borrowers -= 1;
  if (borrowers > 0 || shared === undefined) return;
  const last = shared;
  shared = undefined;
  await (await last).stop();
}

async function createDatabase(ownerUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
