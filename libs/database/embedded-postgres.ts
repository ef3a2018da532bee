import { Logger } from '@nestjs/common';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '#libs/net/free-port';
import { Unavailable } from '#libs/errors/errors';
import { DataLock } from './data-lock';
import { DATABASE, ensureDatabase, initialize, isInitialized, passwordsOf, ROLES } from './postgres-cluster';
import { findPlace, PostgresPlace } from './postgres-place';
import { Postmaster, stopOrphan } from './postmaster';

const HOST = '127.0.0.1';
/** A port may be taken between our look and Postgres' bind, and a killed server's children take a moment to go. */
const LAUNCH_TRIES = 12;
const LAUNCH_PAUSE_MS = 500;

interface EmbeddedPostgresOptions {
  /** The data folder; made when missing. */
  readonly dataDir: string;
  /** The port to listen on; a free one when not given. */
  readonly port?: number;
}

/** A role's way in. */
type UrlOf = (role: keyof typeof ROLES, database?: string) => string;

/**
 * A Postgres of our own in the data folder, owned by this process from `start` to `stop`. Should the server die
 * meanwhile, it is started again on the same port; callers see lost connections until then.
 */
export class EmbeddedPostgres {
  readonly host = HOST;
  private readonly logger = new Logger('EmbeddedPostgres');
  private readonly watching: Promise<void>;
  private stopping = false;

  private constructor(
    private readonly place: PostgresPlace,
    private readonly lock: DataLock,
    private readonly logFile: string,
    private readonly urlOf: UrlOf,
    readonly port: number,
    private server: Postmaster,
  ) {
    this.watching = this.watch();
  }

  /**
   * Starts Postgres, making its cluster first when there is none. After a kill -9 of its owner a server lives on: it is
   * stopped cleanly first. Throws Conflict `data.in_use` while another live process owns the folder, Unavailable when
   * the folder cannot be written or Postgres cannot start.
   */
  static async start({ dataDir, port }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const home = resolve(dataDir);
    const lock = DataLock.take(home);
    try {
      const place = await findPlace(home);
      await stopOrphan(place.folder);
      const passwords = await passwordsOf(home);
      if (!isInitialized(place)) await initialize(place, passwords);
      const urlFor =
        (at: number): UrlOf =>
        (role, database = DATABASE) =>
          `postgres://${ROLES[role]}:${passwords[role]}@${HOST}:${at}/${database}`;
      const logFile = join(home, 'postgres.log');
      const running = await launch(place, logFile, urlFor, port);
      await ensureDatabase(running.port, passwords);
      return new EmbeddedPostgres(place, lock, logFile, urlFor(running.port), running.port, running.server);
    } catch (thrown) {
      lock.release();
      throw thrown;
    }
  }

  /** The database as the role that owns it; migrations run under it. */
  get ownerUrl(): string {
    return this.urlOf('owner');
  }

  /** The database as the services' role. */
  get appUrl(): string {
    return this.urlOf('app');
  }

  /** Where Postgres keeps its files: in the data folder, or outside of it when root's is closed to other users. */
  get folder(): string {
    return this.place.folder;
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Ends Postgres cleanly, waits until it is gone and gives the data folder free. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await this.server.stop();
    await this.watching;
    this.lock.release();
  }

  /** Starts the server again whenever it ends without having been asked to. */
  private async watch(): Promise<void> {
    for (;;) {
      await this.server.ended;
      if (this.stopping) return;
      this.logger.warn(`Postgres ended unexpectedly and is started again; ${this.logFile} says why it ended.`);
      await this.relaunch();
    }
  }

  private async relaunch(): Promise<void> {
    while (!this.stopping) {
      try {
        await stopOrphan(this.place.folder);
        this.server = Postmaster.launch(this.place, this.port, this.logFile);
        await this.server.ready(this.urlOf('admin', 'postgres'));
        if (!this.stopping) return;
      } catch (thrown) {
        this.logger.error(thrown instanceof Error ? thrown.message : String(thrown));
        await delay(LAUNCH_PAUSE_MS);
      }
    }
    await this.server.stop();
  }
}

async function launch(
  place: PostgresPlace,
  logFile: string,
  urlFor: (port: number) => UrlOf,
  givenPort?: number,
): Promise<{ server: Postmaster; port: number }> {
  for (let tried = 1; ; tried += 1) {
    const port = givenPort ?? (await freePort());
    const server = Postmaster.launch(place, port, logFile);
    try {
      await server.ready(urlFor(port)('admin', 'postgres'));
      return { server, port };
    } catch (thrown) {
      const mayPass = thrown instanceof Unavailable && thrown.code === 'postgres.start' && server.hasEnded;
      await server.stop();
      if (!mayPass || tried === LAUNCH_TRIES) throw thrown;
      await delay(LAUNCH_PAUSE_MS);
    }
  }
}
