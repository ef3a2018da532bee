import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Clock, Ids } from '#libs/clock/clock';
import { IMPORT_PREFIX } from '#libs/contracts/append-id';
import { ArchiveRows, ArchiveWork, ArchiveWorks, RestoreArchive } from '#libs/contracts/archives';
import { DatasetRef } from '#libs/contracts/columns';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { NotFound, Unavailable, Unprocessable } from '#libs/errors/errors';
import { Idempotency, Keep } from '#libs/idempotency/idempotency';
import { ObjectStore } from '#libs/objects/object-store';
import { EventStore } from '../event-store';
import { typedColumns } from '../imports/typed-columns';
import {
  ArchivePlace,
  Manifest,
  readFile,
  readManifest,
  removeObjects,
  writeFiles,
  writeManifest,
} from './archive-files';
import { assertStays, lockArchive } from './archive-lock';
import { viewOf, WORK_COLUMNS, WorkRow } from './archive-work';

const BEGIN = `
  INSERT INTO storage.archive_work (id, kind, archive, project, dataset, state)
  VALUES ($1, $2, $3, $4, $5, 'running')`;

const PROGRESS = `
  UPDATE storage.archive_work SET rows = $2, stored = $3, seen_at = clock_timestamp()
   WHERE id = $1 AND state = 'running' RETURNING 1`;

const END = `
  UPDATE storage.archive_work SET state = $2, reason = $3, seen_at = clock_timestamp()
   WHERE id = $1 AND state = 'running'`;

const LIST = `
  SELECT ${WORK_COLUMNS} FROM storage.archive_work
   WHERE project = $1 AND dataset = $2 ORDER BY begun_at DESC LIMIT 1000`;

/** Archives and restores at a time, of all projects: each holds a file's rows, or a snapshot. */
const WORK_MAX = 4;
const RETRY_AFTER_MS = 10_000;

type Append = (batch: AppendBatch) => Promise<AppendReceipt>;
interface BegunWork {
  readonly kind: ArchiveWork['kind'];
  readonly place: ArchivePlace;
  /** That is read, or written to. */
  readonly dataset: string;
  readonly reason: string;
}

type Progress = (rows: number, stored?: number) => Promise<void>;

/**
 * Copies of datasets in the object store, as Parquet files with a manifest, and the way back. An archive takes no row out;
 * what a restore brings counts as imported, and rows that are there already are told apart as in every append.
 */
@Injectable()
export class Archives {
  private readonly logger = new Logger('Archives');
  private underWay = 0;

  constructor(
    private readonly events: EventStore,
    private readonly objects: ObjectStore,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly idempotency: Idempotency,
  ) {}

  /** Begins one. Throws NotFound `dataset.unknown`, Unprocessable `archive.invalid`, Unavailable `archive.busy`. */
  archive(request: ArchiveRows): Promise<ArchiveWork> {
    return this.idempotency.around(this.database, (keep) => this.beginArchive(request, keep));
  }

  /** Begins to restore one. Throws NotFound `archive.unknown`, `dataset.unknown`, Unavailable `archive.busy`. */
  restore(request: RestoreArchive, append: Append): Promise<ArchiveWork> {
    return this.idempotency.around(this.database, (keep) => this.beginRestore(request, append, keep));
  }

  /** Throws NotFound `dataset.unknown`. */
  async list({ project, dataset }: DatasetRef): Promise<ArchiveWorks> {
    await this.events.describe({ project, dataset });
    const rows = await this.database.query<WorkRow[]>(LIST, [project, dataset]);
    return { work: rows.map(viewOf) };
  }

  private async beginArchive(
    { project, dataset, from, to }: ArchiveRows,
    keep: Keep<ArchiveWork>,
  ): Promise<ArchiveWork> {
    const definition = await this.events.describe({ project, dataset });
    const range = { fromUs: microsOf('from', from), toUs: microsOf('to', to) };
    const place: ArchivePlace = { project, dataset, archive: this.ids.uuidv7() };
    const what = `${from ?? 'the first row'} to ${to ?? 'the last'}`;
    const reason = `archive ${place.archive} of ${what}`;
    return this.begin({ kind: 'archive', place, dataset, reason }, keep, async (progress) => {
      const takenAt = this.clock.now().toISOString();
      const plan = { measures: [], dimensions: [], columns: [], filters: [], order: [] };
      const source = this.events.stream({ project, dataset, ...plan, ...range });
      const files = await writeFiles(this.objects, place, source, progress);
      const rows = files.reduce((sum, file) => sum + file.rows, 0);
      const manifest: Manifest = {
        archive: place.archive,
        dataset: definition,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        takenAt,
        rows,
        files,
      };
      await this.database.transaction(async (tx) => {
        await lockArchive(tx, place.archive);
        await assertStays(tx, place.archive);
        await writeManifest(this.objects, place, manifest);
      });
    });
  }

  private async beginRestore(
    { project, dataset, archive, into = dataset }: RestoreArchive,
    append: Append,
    keep: Keep<ArchiveWork>,
  ): Promise<ArchiveWork> {
    const place = { project, dataset, archive };
    const manifest = await readManifest(this.objects, place);
    const definition = await this.events.describe({ project, dataset: into });
    const reason = `archive ${archive} of ${dataset}`;
    return this.begin({ kind: 'restore', place, dataset: into, reason }, keep, async (progress, id) => {
      let [rows, stored] = [0, 0];
      for (const [at, file] of manifest.files.entries()) {
        const batch = typedColumns(definition, await readFile(this.objects, file));
        const appendId = `${IMPORT_PREFIX}${id}.${at + 1}`;
        const receipt = await append({ project, dataset: into, appendId, epoch: 0, rows: batch });
        rows += batch.length;
        stored += receipt.stored;
        await progress(rows, stored);
      }
    });
  }

  private async begin(
    begun: BegunWork,
    keep: Keep<ArchiveWork>,
    work: (progress: Progress, id: string) => Promise<void>,
  ): Promise<ArchiveWork> {
    if (this.underWay >= WORK_MAX) {
      throw new Unavailable('archive.busy', `${WORK_MAX} archives and restores are under way. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.underWay += 1;
    const { kind, dataset, place } = begun;
    const id = this.ids.uuidv7();
    const begunAt = this.clock.now().toISOString();
    const view: ArchiveWork = { id, kind, archive: place.archive, dataset, state: 'running', rows: 0, begunAt };
    try {
      await this.note(begun, view, keep);
    } catch (thrown) {
      this.underWay -= 1;
      throw thrown;
    }
    const progress: Progress = async (rows, stored) => {
      const [kept] = await this.database.query<[unknown[], number]>(PROGRESS, [id, rows, stored ?? null]);
      if (kept.length === 0) throw new NotFound('archive.unknown', `Archive ${place.archive} was deleted meanwhile.`);
    };
    const whole = async (): Promise<void> => {
      try {
        await work(progress, id);
      } catch (thrown) {
        if (kind === 'archive') await removeObjects(this.objects, place);
        throw thrown;
      }
    };
    void this.carryOut(id, kind, whole).finally(() => (this.underWay -= 1));
    return view;
  }

  private note({ place: { project }, reason }: BegunWork, view: ArchiveWork, keep: Keep<ArchiveWork>): Promise<void> {
    const { id, kind, archive, dataset } = view;
    return this.database.transaction(async (tx) => {
      await lockArchive(tx, archive);
      await assertStays(tx, archive);
      await tx.query(BEGIN, [id, kind, archive, project, dataset]);
      const action = `dataset.${kind}`;
      await this.audit.record(tx, { action, target: `Dataset/${dataset}`, outcome: 'succeeded', project, reason });
      await keep(tx, view);
    });
  }

  private async carryOut(id: string, kind: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await this.database.query(END, [id, 'done', null]);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.logger.error(`The ${kind} ${id} failed: ${reason}`);
      await this.database.query(END, [id, 'failed', reason.slice(0, 2_000)]).catch(() => undefined); // the list tells it by its age
    }
  }
}

function microsOf(path: 'from' | 'to', text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const micros = microsOfRfc3339(text);
  if (micros !== undefined) return String(micros);
  throw new Unprocessable('archive.invalid', `${path}: "${text}" is not a time like 2026-01-31T12:00:00Z.`, {
    fields: [{ path, message: 'is not a time like 2026-01-31T12:00:00Z' }],
  });
}
