import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { Unavailable } from '#libs/errors/errors';
import { PostgresPlace } from './postgres-place';

const PASSWORDS_FILE = 'postgres-passwords.json';
const PASSWORD_BYTES = 24;
export const DATABASE = 'chartly';

/** The three roles of an embedded Postgres: who may do anything, who owns the tables, and who the services are. */
export const ROLES = { admin: 'chartly_admin', owner: 'chartly_owner', app: 'chartly_app' } as const;
type Passwords = Record<keyof typeof ROLES, string>;

/** The passwords, made once; they never leave their file, which the owner of the data folder alone may read. */
export async function passwordsOf(dataDir: string): Promise<Passwords> {
  const path = join(dataDir, PASSWORDS_FILE);
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as Passwords; // we wrote it
  const made = (): string => randomBytes(PASSWORD_BYTES).toString('hex');
  const passwords: Passwords = { admin: made(), owner: made(), app: made() };
  await writeFile(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return passwords;
}

export const isInitialized = ({ folder }: PostgresPlace): boolean => existsSync(join(folder, 'PG_VERSION'));

/** initdb into a folder beside, renamed into place when it is whole: a crash in between leaves no half cluster. */
export async function initialize({ folder, native, uid }: PostgresPlace, { admin }: Passwords): Promise<void> {
  const draft = `${folder}.new`;
  const passwordFile = join(draft, 'password');
  const cluster = join(draft, 'cluster');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, admin, { mode: 0o600 });
  if (uid !== undefined) {
    await chown(draft, uid, uid);
    await chown(passwordFile, uid, uid);
  }
  const login = ['-U', ROLES.admin, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const args = ['-D', cluster, ...login, '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'];
  await run(join(native, 'bin', 'initdb'), args, draft, uid);
  await rm(folder, { recursive: true, force: true });
  await rename(cluster, folder);
  await chmod(folder, 0o700);
  await rm(draft, { recursive: true, force: true });
}

/**
 * Makes the roles and the database where they are missing. Rule 12: the application's role owns nothing. The owner is
 * no superuser either, so that migrations need no more here than on a Postgres that somebody else runs.
 */
export async function ensureDatabase(port: number, { admin, owner, app }: Passwords): Promise<void> {
  const client = new Client({ host: '127.0.0.1', port, user: ROLES.admin, password: admin, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      'SELECT rolname AS name FROM pg_roles UNION ALL SELECT datname FROM pg_database',
    );
    const has = (name: string): boolean => rows.some((row) => row.name === name);
    // the passwords are hexadecimal and made by us; DDL takes no parameters
    if (!has(ROLES.owner)) await client.query(`CREATE ROLE ${ROLES.owner} LOGIN CREATEDB PASSWORD '${owner}'`);
    if (!has(ROLES.app)) await client.query(`CREATE ROLE ${ROLES.app} LOGIN PASSWORD '${app}'`);
    if (!has(DATABASE)) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLES.owner}`);
  } finally {
    await client.end();
  }
}

async function run(command: string, args: readonly string[], cwd: string, uid: number | undefined): Promise<void> {
  const child = spawn(command, args, { uid, gid: uid, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve).on('error', (error) => {
      complaint += error.message;
      resolve(null);
    });
  });
  if (code !== 0) {
    throw new Unavailable('postgres.initdb', `The embedded Postgres could not be made: ${complaint.trim()}`);
  }
}
