import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Unavailable } from '#libs/errors/errors';
import { PostgresPlace } from './postgres-place';
import { commandOf, errorCode, isAlive, signal } from './processes';

const POLL_MS = 20;
/** Replaying the write-ahead log after a crash happens before the first connection. */
const READY_MS = 120_000;
const STOP_FAST_MS = 20_000;
const LOG_FILE_MAX = 16 * 2 ** 20;

/** For two cores and much ingest. Rule 1: what is acknowledged is on the disk. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'pglz', // these builds come without lz4
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  log_min_messages: 'warning',
};

/** One run of the server, in a process group of its own: a Ctrl-C in the terminal does not reach it. */
export class Postmaster {
  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
    /** Settles when the process has ended, or could not begin. */
    readonly ended: Promise<void>,
  ) {}

  static launch({ folder, native, uid }: PostgresPlace, port: number, logFile: string): Postmaster {
    const settings = Object.entries({ ...SETTINGS, port: String(port) }).map(([name, value]) => `--${name}=${value}`);
    const log = openLog(logFile);
    const child = spawn(join(native, 'bin', 'postgres'), ['-D', folder, ...settings], {
      uid,
      gid: uid,
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => resolve()).on('error', () => resolve());
    });
    return new Postmaster(child, logFile, ended);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until the server takes connections. Throws Unavailable `postgres.start` when it ends or takes too long. */
  async ready(url: string): Promise<void> {
    for (let waitedMs = 0; waitedMs < READY_MS; waitedMs += POLL_MS) {
      if (this.hasEnded) break;
      const refusal = await tryConnect(url);
      if (refusal === undefined) return;
      if (refusal.startsWith('28')) {
        await this.stop();
        throw new Unavailable(
          'postgres.password',
          `The embedded Postgres does not know its own passwords: postgres-passwords.json in the data folder was changed or lost.`,
        );
      }
      await delay(POLL_MS);
    }
    const how = this.hasEnded ? 'ended at once' : 'did not become ready';
    throw new Unavailable('postgres.start', `The embedded Postgres ${how}; ${this.logFile} says why.`);
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) await stopProcess(this.pid);
    await this.ended;
  }
}

/**
 * Stops the server that a killed owner left behind on this folder, and clears its pid file where the file alone is
 * left. The pid may have come round again: only a postgres that serves this very folder is touched.
 */
export async function stopOrphan(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pid, itsFolder] = readFileSync(file, 'utf8').split('\n');
  const postmaster = Number(pid);
  const command = commandOf(postmaster);
  const isOurs = itsFolder?.trim() === folder && (command === undefined || command.includes(folder));
  if (isOurs && isAlive(postmaster)) await stopProcess(postmaster);
  rmSync(file, { force: true });
}

/** SIGINT is Postgres' fast shutdown: sessions end, a checkpoint is written. SIGQUIT only when that takes too long. */
async function stopProcess(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  for (let waitedMs = 0; isAlive(pid); waitedMs += POLL_MS) {
    if (waitedMs >= STOP_FAST_MS && waitedMs < STOP_FAST_MS + POLL_MS) signal(pid, 'SIGQUIT');
    await delay(POLL_MS);
  }
}

/** Undefined when the server took a connection, else the code of its refusal. */
async function tryConnect(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // the attempt itself reports it
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch (thrown) {
    return String(errorCode(thrown));
  }
}

function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > LOG_FILE_MAX) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}
