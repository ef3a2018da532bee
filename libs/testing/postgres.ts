import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, DataSourceOptions } from 'typeorm';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { migrate, roleOf, ServiceMigrations } from '#libs/database/migrations';

export interface TestPostgres {
  readonly ownerUrl: string;
  readonly appUrl: string;
  stop(): Promise<void>;
}

/** A fresh embedded Postgres in a folder of its own, which `stop` removes. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chartly-postgres-'));
  await chmod(dataDir, 0o755); // as root, Postgres runs as nobody, and then stays inside the folder
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

export interface TestDatabase extends TestPostgres {
  /** Connected as the application's role, as services are. */
  readonly dataSource: DataSource;
  readonly database: DataSource;
}

/** A fresh database with the given services' tables. */
export async function openTestDatabase(
  services: readonly ServiceMigrations[],
  entities: DataSourceOptions['entities'] = [],
): Promise<TestDatabase> {
  const postgres = await startTestPostgres();
  await migrate({ ownerUrl: postgres.ownerUrl, appRole: roleOf(postgres.appUrl), services });
  const dataSource = await new DataSource({
    type: 'postgres',
    url: postgres.appUrl,
    entities,
    extra: { max: 10 },
  }).initialize();
  return {
    ...postgres,
    dataSource,
    database: dataSource,
    stop: async () => {
      await dataSource.destroy();
      await postgres.stop();
    },
  };
}
