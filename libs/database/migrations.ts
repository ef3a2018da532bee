import { DataSource, MigrationInterface } from 'typeorm';

/** The tables of one service: its schema and the migrations that make them, oldest first. */
export interface ServiceMigrations {
  readonly schema: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
}

interface MigrateOptions {
  /** The database as the role that owns it. */
  readonly ownerUrl: string;
  /** The role that the services use; may be the owner itself. */
  readonly appRole: string;
  readonly services: readonly ServiceMigrations[];
}

const MIGRATION_LOCK = 7_241_690_113;
const HISTORY = 'schema_migrations';

/**
 * Applies what is missing, under one advisory lock, so that any number of processes may try at once. The application's
 * role gets plain DML by default privileges before a migration runs, so that a migration can take some of it away.
 */
export async function migrate({ ownerUrl, appRole, services }: MigrateOptions): Promise<string[]> {
  const lock = await new DataSource({ type: 'postgres', url: ownerUrl, extra: { max: 1 } }).initialize();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied: string[] = [];
    for (const service of services) applied.push(...(await migrateService(ownerUrl, appRole, service)));
    return applied;
  } finally {
    await lock.destroy();
  }
}

/** The schemas that lack a migration. */
export async function pendingMigrations(
  database: DataSource,
  services: readonly ServiceMigrations[],
): Promise<string[]> {
  const pending: string[] = [];
  for (const { schema, migrations } of services) {
    const [{ there }] = await database.query<[{ there: boolean }]>('SELECT to_regclass($1) IS NOT NULL AS there', [
      `${schema}.${HISTORY}`,
    ]);
    const rows = there ? await database.query<{ name: string }[]>(`SELECT name FROM ${schema}.${HISTORY}`) : [];
    if (rows.length < migrations.length) pending.push(schema);
  }
  return pending;
}

async function migrateService(ownerUrl: string, appRole: string, service: ServiceMigrations): Promise<string[]> {
  const { schema, migrations } = service;
  await openSchema(ownerUrl, appRole, schema);
  const runner = await new DataSource({
    type: 'postgres',
    url: ownerUrl,
    schema,
    migrations: [...migrations],
    migrationsTableName: HISTORY,
    migrationsTransactionMode: 'each',
    extra: { max: 2 },
  }).initialize();
  try {
    const ran = await runner.runMigrations();
    return ran.map(({ name }) => `${schema}: ${name}`);
  } finally {
    await runner.destroy();
  }
}

/** Makes a schema whose tables, once they are made, the application's role may read and write. */
export async function openSchema(ownerUrl: string, appRole: string, schema: string): Promise<void> {
  const database = await new DataSource({ type: 'postgres', url: ownerUrl, extra: { max: 1 } }).initialize();
  try {
    const role = `"${appRole.replaceAll('"', '""')}"`;
    const privileges = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT`;
    await database.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await database.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    await database.query(`${privileges} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`);
    await database.query(`${privileges} USAGE, SELECT ON SEQUENCES TO ${role}`);
  } finally {
    await database.destroy();
  }
}

export const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);
