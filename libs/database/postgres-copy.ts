import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { copyTree } from '#libs/backup/copy-tree';
import { Unavailable } from '#libs/errors/errors';
import { passwordsOf, ROLES } from './postgres-cluster';
import { findPlace } from './postgres-place';

/** The line of `postmaster.pid` that holds the port, from 0. */
const PORT_LINE = 3;
/** What belongs to the running server and not to its data: folders stay, empty. */
const OF_THE_SERVER =
  /^(postmaster\.(pid|opts)$|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/|.*pgsql_tmp)/;

const SLOT = `SELECT pg_create_physical_replication_slot('chartly_backup', true, true)`; // keeps the log; ends with the session
const START = `SELECT pg_backup_start('chartly', fast => true)`;
const STOP = `SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)`;

/**
 * Copies the embedded Postgres of a data folder while it runs. `beforeEnd` runs when all but the end is copied: what it
 * holds back stays out of the copy, and the copy is of the moment when it answers.
 */
export async function copyPostgres(dataDir: string, to: string, beforeEnd: () => Promise<void>): Promise<void> {
  const { folder } = await findPlace(dataDir);
  const { admin } = await passwordsOf(dataDir);
  const pidFile = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const port = Number(pidFile.split('\n')[PORT_LINE]);
  if (!(port > 0)) throw new Unavailable('postgres.away', `No Postgres runs in ${folder}.`);
  const client = new Client({ host: '127.0.0.1', port, user: ROLES.admin, password: admin, database: 'postgres' });
  await client.connect();
  try {
    await client.query(SLOT);
    await client.query(START);
    await copyTree(folder, to, (path) => OF_THE_SERVER.test(path));
    await beforeEnd();
    const { rows } = await client.query<{ labelfile: string }>(STOP);
    await writeFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 });
    await copyTree(join(folder, 'pg_wal'), join(to, 'pg_wal'));
  } finally {
    await client.end();
  }
}
