import { ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync, closeSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { Unavailable } from '#libs/errors/errors';
import { DataLock, isAlive } from './data-lock';
import { copyBinaries, installedBinaries, reachableByOthers } from './postgres-binaries';

/** The user that Postgres runs as when we are root, as which it refuses to run: `nobody`. */
const NOBODY = 65_534;
const OUTSIDE = '/var/lib/chartly';
const START_TRIES = 200;
const START_POLL_MS = 25;
const STOP_POLL_MS = 10;
const STOP_FAST_MS = 15_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '150',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'pglz',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  autovacuum_naptime: '15s',
  log_min_messages: 'warning',
};

interface Options {
  readonly dataDir: string;
}

/** Passwords of the two roles; they never leave the data folder. */
interface Passwords {
  readonly owner: string;
  readonly app: string;
}

interface Place {
  /** Where Postgres keeps its files. */
  readonly folder: string;
  /** Where its binaries are. */
  readonly native: string;
  /** The user that it runs as; undefined for our own. */
  readonly uid?: number;
}

/**
 * A Postgres of our own in the data folder. It runs in a process group of its own, so that a Ctrl-C in the terminal
 * reaches it only through {@link stop}, after everything that uses it has drained.
 */
export class EmbeddedPostgres {
  private constructor(
    readonly ownerUrl: string,
    readonly appUrl: string,
    readonly folder: string,
    readonly pid: number,
    private readonly lock: DataLock,
  ) {}

  /**
   * Starts Postgres, making its folder first when there is none. After a kill -9 of its owner a Postgres lives on: it
   * is stopped cleanly first. Throws Conflict `data.in_use` while another live process owns the folder.
   */
  static async start({ dataDir }: Options): Promise<EmbeddedPostgres> {
    const lock = DataLock.take(dataDir);
    try {
      const place = await findPlace(dataDir);
      await stopOrphan(place.folder);
      const passwords = await passwordsOf(dataDir);
      if (!existsSync(join(place.folder, 'PG_VERSION'))) await initialize(place, passwords);
      const port = await freePort();
      const child = launch(place, port, dataDir);
      const url = (user: string, password: string): string =>
        `postgres://${user}:${password}@127.0.0.1:${port}/chartly`;
      await waitUntilReady(child, url('chartly_owner', passwords.owner), dataDir);
      await ensureDatabase(port, passwords);
      const pid = child.pid ?? 0;
      child.unref();
      return new EmbeddedPostgres(
        url('chartly_owner', passwords.owner),
        url('chartly_app', passwords.app),
        place.folder,
        pid,
        lock,
      );
    } catch (thrown) {
      lock.release();
      throw thrown;
    }
  }

  /** Ends Postgres cleanly and waits until it is gone. */
  async stop(): Promise<void> {
    await stopPostmaster(this.pid);
    this.lock.release();
  }
}

/**
 * As an ordinary user Postgres lives in the data folder. As root it runs as nobody, who must reach both its binaries
 * and its folder; where a folder above them is closed to others, both live under /var/lib/chartly instead.
 */
async function findPlace(dataDir: string): Promise<Place> {
  const native = await installedBinaries();
  if (process.getuid?.() !== 0) {
    const folder = join(dataDir, 'postgres');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, native };
  }
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const outside = join(OUTSIDE, name);
  const pointer = join(dataDir, 'postgres-folder');
  const folder =
    existsSync(pointer) || !(await reachableByOthers(dataDir)) ? join(outside, 'postgres') : join(dataDir, 'postgres');
  if (folder.startsWith(outside)) await writeFile(pointer, `${folder}\n`);
  const reachable = (await reachableByOthers(native))
    ? native
    : await copyBinaries(native, join(OUTSIDE, `binaries-${await versionOf(native)}`));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, NOBODY, NOBODY);
  return { folder, native: reachable, uid: NOBODY };
}

async function versionOf(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }; // npm's own
  return version;
}

async function passwordsOf(dataDir: string): Promise<Passwords> {
  const path = join(dataDir, 'postgres-passwords.json');
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as Passwords; // we wrote it
  const passwords: Passwords = { owner: randomBytes(24).toString('hex'), app: randomBytes(24).toString('hex') };
  await writeFile(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return passwords;
}

/** initdb into a folder beside, which is renamed into place when it is whole: a crash in between leaves no half cluster. */
async function initialize({ folder, native, uid }: Place, { owner }: Passwords): Promise<void> {
  const draft = join(folder, '..', 'postgres.new');
  const passwordFile = join(folder, '..', 'postgres.password');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, owner, { mode: 0o600 });
  if (uid !== undefined) {
    await chown(draft, uid, uid);
    await chown(passwordFile, uid, uid);
  }
  const args = ['-D', draft, '-U', 'chartly_owner', '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const child = spawn(
    join(native, 'bin', 'initdb'),
    [...args, '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'],
    {
      uid,
      gid: uid,
      cwd: draft,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null]; // node's own event
  await rm(passwordFile, { force: true });
  if (code !== 0)
    throw new Unavailable('postgres.initdb', `The embedded Postgres could not be made: ${complaint.trim()}`);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  await chmod(folder, 0o700);
}

function launch({ folder, native, uid }: Place, port: number, dataDir: string): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const log = openSync(join(dataDir, 'postgres.log'), 'a', 0o600);
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', folder, ...settings], {
    uid,
    gid: uid,
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined); // reported by waitUntilReady, as an early exit
  return child;
}

async function waitUntilReady(child: ChildProcess, url: string, dataDir: string): Promise<void> {
  for (let tried = 0; tried < START_TRIES * 10; tried += 1) {
    if (child.exitCode !== null || child.pid === undefined) {
      throw new Unavailable(
        'postgres.start',
        `The embedded Postgres ended at once; see ${join(dataDir, 'postgres.log')}.`,
      );
    }
    const client = new Client({ connectionString: url.replace(/\/chartly$/, '/postgres') });
    client.on('error', () => undefined); // the connection attempt itself reports it
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
    }
  }
  throw new Unavailable(
    'postgres.start',
    `The embedded Postgres did not become ready; see ${join(dataDir, 'postgres.log')}.`,
  );
}

/** The database, the application's role (rule 12: it owns nothing). */
async function ensureDatabase(port: number, { owner, app }: Passwords): Promise<void> {
  const at = { host: '127.0.0.1', port, user: 'chartly_owner', password: owner };
  const server = new Client({ ...at, database: 'postgres' });
  await server.connect();
  const { rowCount } = await server.query("SELECT 1 FROM pg_roles WHERE rolname = 'chartly_app'");
  if (rowCount === 0) await server.query(`CREATE ROLE chartly_app LOGIN PASSWORD '${app}'`); // hexadecimal, made by us
  const { rowCount: databases } = await server.query("SELECT 1 FROM pg_database WHERE datname = 'chartly'");
  if (databases === 0) await server.query('CREATE DATABASE chartly');
  await server.end();
  if (databases !== 0) return;
  const database = new Client({ ...at, database: 'chartly' });
  await database.connect();
  await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await database.end();
}

/** Stops the Postgres that an owner left behind when it was killed. */
async function stopOrphan(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pid, itsFolder] = (await readFile(file, 'utf8')).split('\n');
  const postmaster = Number(pid);
  if (itsFolder?.trim() === folder && isAlive(postmaster) && (await isPostgres(postmaster)))
    await stopPostmaster(postmaster);
  await rm(file, { force: true });
}

/** A pid may have come round again: only a process that is a postgres is ours to stop. */
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('postgres');
}

/** SIGINT is Postgres' fast shutdown: sessions end, a checkpoint is written. SIGQUIT only when that takes too long. */
async function stopPostmaster(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  const patience = setTimeout(() => signal(pid, 'SIGQUIT'), STOP_FAST_MS);
  while (isAlive(pid) && !(await isZombie(pid))) await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
  clearTimeout(patience);
}

async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
  return address.port;
}
