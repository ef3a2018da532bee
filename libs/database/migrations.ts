import { Client } from 'pg';
import { DataSource, MigrationInterface } from 'typeorm';
import { Unavailable } from '#libs/errors/errors';

/** The tables of one service: its schema and the migrations that make them, oldest first, names schema-qualified. */
export interface ServiceMigrations {
  readonly schema: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
}

interface MigrateOptions {
  /** The database as the role that owns it; a direct connection, not through a pooler that shares sessions. */
  readonly ownerUrl: string;
  /** The role of the services; may be the owner itself. */
  readonly appRole: string;
  readonly services: readonly ServiceMigrations[];
}

const MIGRATION_LOCK = 7_241_690_113;
const HISTORY = 'schema_migrations';
const APPLICATION_NAME = 'chartly-migrate';

/** The role that a database URL logs in as. */
export const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);

/**
 * Applies what is missing, each migration in a transaction of its own, and gives the names of what it applied. Under
 * one advisory lock, so that any number of processes may try at once. The services' role gets plain DML by default
 * privileges before a migration runs, so that a migration can take some of it away for good (rule 12).
 */
export async function migrate({ ownerUrl, appRole, services }: MigrateOptions): Promise<string[]> {
  const client = new Client({ connectionString: ownerUrl, application_name: APPLICATION_NAME });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied: string[] = [];
    for (const service of services) {
      await openSchema(client, service.schema, appRole);
      applied.push(...(await runMigrations(ownerUrl, service)));
      await sealHistory(client, service.schema, appRole);
    }
    return applied;
  } finally {
    await client.end(); // which gives the lock back
  }
}

/** The migrations that the database lacks, as `schema.Name`. Works as the services' role. */
export async function pendingMigrations(
  database: DataSource,
  services: readonly ServiceMigrations[],
): Promise<string[]> {
  const pending: string[] = [];
  for (const { schema, migrations } of services) {
    const history = `${quoted(schema)}.${HISTORY}`;
    const [found] = await database.query<{ there: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS there', [
      history,
    ]);
    const rows = found?.there ? await database.query<{ name: string }[]>(`SELECT name FROM ${history}`) : [];
    const applied = new Set(rows.map(({ name }) => name));
    const names = migrations.map((migration) => new migration().name ?? migration.name);
    pending.push(...names.filter((name) => !applied.has(name)).map((name) => `${schema}.${name}`));
  }
  return pending;
}

async function openSchema(client: Client, schema: string, appRole: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  if (await isSelf(client, appRole)) return;
  await client.query(`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(appRole)}`);
  const inFuture = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoted(schema)} GRANT`;
  await client.query(`${inFuture} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${quoted(appRole)}`);
  await client.query(`${inFuture} USAGE, SELECT ON SEQUENCES TO ${quoted(appRole)}`);
}

async function runMigrations(ownerUrl: string, { schema, migrations }: ServiceMigrations): Promise<string[]> {
  const database = await new DataSource({
    type: 'postgres',
    url: ownerUrl,
    schema,
    migrations: [...migrations],
    migrationsTableName: HISTORY,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    applicationName: APPLICATION_NAME,
    extra: { max: 2 },
  }).initialize();
  try {
    const ran = await database.runMigrations();
    return ran.map(({ name }) => `${schema}.${name}`);
  } finally {
    await database.destroy();
  }
}

/** The services may read which migrations ran, and not claim that one did. */
async function sealHistory(client: Client, schema: string, appRole: string): Promise<void> {
  if (await isSelf(client, appRole)) return;
  await client.query(`REVOKE INSERT, UPDATE, DELETE ON ${quoted(schema)}.${HISTORY} FROM ${quoted(appRole)}`);
}

/** True when the owner is the services' role too. Throws Unavailable `database.no_role` when there is no such role. */
async function isSelf(client: Client, appRole: string): Promise<boolean> {
  const { rows } = await client.query<{ self: boolean }>(
    'SELECT rolname = current_user AS self FROM pg_roles WHERE rolname = $1',
    [appRole],
  );
  const [role] = rows;
  if (role) return role.self;
  throw new Unavailable(
    'database.no_role',
    `The database has no role "${appRole}", which CHARTLY_DATABASE_URL names. Create it with LOGIN, then migrate again.`,
  );
}

/** An identifier for DDL, which takes no parameters. */
const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
