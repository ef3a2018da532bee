import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { DATABASE, passwordsOf, ROLES } from '#libs/database/postgres-cluster';
import { findPlace } from '#libs/database/postgres-place';

/** The line of `postmaster.pid` that holds the port, from 0. */
const PORT_LINE = 3;
const SCHEMAS = ['orchestrator', 'connector_hub', 'normalizer', 'storage', 'audit', 'auth'];
const HOLD = `
  SELECT pg_advisory_xact_lock(hashtextextended(schema || '.idempotency/' || scope || ' ' || $3, 0))
    FROM unnest($1::text[]) AS schema, unnest($2::text[]) AS scope`;

/** Does `work` while the requests of `scopes` are under way in another process, each under the key `key`. */
export async function whileUnderWay<T>(
  dataDir: string,
  { scopes, key }: { readonly scopes: readonly string[]; readonly key: string },
  work: () => Promise<T>,
): Promise<T> {
  const { folder } = await findPlace(dataDir);
  const { app } = await passwordsOf(dataDir);
  const port = Number((await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n')[PORT_LINE]);
  const client = new Client({ host: '127.0.0.1', port, user: ROLES.app, password: app, database: DATABASE });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(HOLD, [SCHEMAS, scopes, key]);
    return await work();
  } finally {
    await client.end();
  }
}
