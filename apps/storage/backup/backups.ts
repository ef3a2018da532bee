import { Injectable, Logger } from '@nestjs/common';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { copyTree } from '#libs/backup/copy-tree';
import { writeManifest } from '#libs/backup/manifest';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { BackupState, BackupStates } from '#libs/contracts/backup';
import { copyPostgres } from '#libs/database/postgres-copy';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { Idempotency, Keep } from '#libs/idempotency/idempotency';
import { DuckDbEventStore } from '../duckdb/duckdb-event-store';
import { EventStore } from '../event-store';

const PARTIAL = '.partial';
/** What of the data folder is copied in its own way, belongs to the running process, or is made anew by a start. */
const NOT_COPIED =
  /^(postgres|postgres-folder|postgres-binaries-[^/]*|postgres\.log|events|objects|backups|logs|chartly\.pid|local-token|local-url|setup-link)(\/|$)/;

/** How far the audit log is mirrored: from the first pass, so that it is not ahead of the copy of Postgres. */
const AUDIT_MIRROR_HEAD = /^audit\/(checkpoint|handovers\.json)$/;

/**
 * Copies everything that the embedded engines hold while they go on. The moment of the copy is one for all: appends are
 * held back while Postgres ends its copy, so that each row of the event store has its batch in the inbox, and each batch
 * that is settled has its rows.
 */
@Injectable()
export class Backups {
  private readonly logger = new Logger('Backups');
  private readonly ended = new Map<string, BackupState>();
  private running?: BackupState;

  constructor(
    private readonly config: ChartlyConfig,
    private readonly events: EventStore,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly idempotency: Idempotency,
  ) {}

  /** Begins one. Throws Unprocessable `backup.external` where others keep the data, Conflict `backup.running`. */
  begin(): Promise<BackupState> {
    return this.idempotency.around(this.database, (keep) => this.beginOne(keep));
  }

  /** Those that are whole, and those of this process that are not. */
  async list(): Promise<BackupStates> {
    const home = join(resolve(this.config.dataDir), 'backups');
    const names = await readdir(home).catch((): string[] => []);
    const whole = names
      .filter((name) => !name.endsWith(PARTIAL))
      .map((backup): BackupState => ({ backup, state: 'done', folder: join(home, backup) }));
    const others = [...this.ended.values(), ...(this.running ? [this.running] : [])];
    return { backups: [...whole, ...others.filter(({ backup }) => !names.includes(backup))] };
  }

  private async beginOne(keep: Keep<BackupState>): Promise<BackupState> {
    const { events } = this;
    if (!this.config.embedsPostgres || !(events instanceof DuckDbEventStore) || this.config.objectsUrl !== undefined) {
      throw new Unprocessable(
        'backup.external',
        'Postgres, ClickHouse or the object store of this Chartly is kept elsewhere: back them up with their own tools.',
      );
    }
    if (this.running) throw new Conflict('backup.running', `Backup ${this.running.backup} is under way. Wait for it.`);
    const backup = this.clock.now().toISOString().replaceAll(/[:.]/g, '-');
    const folder = join(resolve(this.config.dataDir), 'backups', backup);
    const state: BackupState = { backup, state: 'running', folder };
    this.running = state;
    try {
      await this.database.transaction(async (tx) => {
        await this.audit.record(tx, { action: 'system.backup', target: `Backup/${backup}`, outcome: 'succeeded' });
        await keep(tx, state);
      });
    } catch (thrown) {
      this.running = undefined;
      throw thrown;
    }
    void this.carryOut(state, events);
    return state;
  }

  private async carryOut(state: BackupState, events: DuckDbEventStore): Promise<void> {
    const { backup, folder } = state;
    try {
      await this.copy(`${folder}${PARTIAL}`, events);
      await rename(`${folder}${PARTIAL}`, folder);
      this.logger.log(`Backup ${backup} is whole: ${folder}`);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.logger.error(`Backup ${backup} failed: ${reason}`);
      this.ended.set(backup, { ...state, state: 'failed', reason: reason.slice(0, 2_000) });
      await rm(`${folder}${PARTIAL}`, { recursive: true, force: true }).catch(() => undefined); // told as failed already
    } finally {
      this.running = undefined;
    }
  }

  private async copy(to: string, events: DuckDbEventStore): Promise<void> {
    const home = resolve(this.config.dataDir);
    const data = join(to, 'data');
    await mkdir(data, { recursive: true, mode: 0o700 });
    // Objects are written once and never changed: a first pass while all goes on, a second for what came since.
    await copyTree(join(home, 'objects'), join(data, 'objects'));
    let released: () => void = () => undefined;
    let copied: Promise<void> = Promise.resolve();
    try {
      await copyPostgres(home, join(to, 'postgres'), () => {
        const release = new Promise<void>((resolve) => (released = resolve));
        return new Promise<void>((held, failed) => {
          copied = events.hold(async (copyTo) => {
            held();
            await release;
            await copyTo(join(data, 'events'));
          });
          copied.catch(failed);
        });
      });
    } finally {
      released();
      await copied;
    }
    const takenAt = this.clock.now().toISOString();
    await copyTree(join(home, 'objects'), join(data, 'objects'), (path) => AUDIT_MIRROR_HEAD.test(path));
    await copyTree(home, data, (path) => NOT_COPIED.test(path));
    await writeManifest(to, takenAt);
  }
}
