import { Injectable, Logger } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { ArchiveRef, ArchiveWork } from '#libs/contracts/archives';
import { Conflict, NotFound } from '#libs/errors/errors';
import { ObjectStore } from '#libs/objects/object-store';
import { eachByItself } from '#libs/queue/each-by-itself';
import { removeObjects } from './archive-files';
import { lockArchive } from './archive-lock';
import { viewOf, WORK_COLUMNS, WorkRow } from './archive-work';

const OWN = `
  SELECT ${WORK_COLUMNS} FROM storage.archive_work
   WHERE project = $1 AND dataset = $2 AND archive = $3 AND kind = 'archive'`;

/** Restores that read it: those into other datasets stand under these. */
const READING = `
  SELECT ${WORK_COLUMNS} FROM storage.archive_work WHERE project = $1 AND archive = $2 AND kind = 'restore'`;

const REMOVING = `
  UPDATE storage.archive_work SET state = 'removing', reason = NULL, seen_at = clock_timestamp() WHERE id = $1`;

const REMOVED = `UPDATE storage.archive_work SET state = 'removed', seen_at = clock_timestamp() WHERE id = $1`;

/** Removals that nobody carries out any more. */
const UNDONE = `
  SELECT ${WORK_COLUMNS}, project FROM storage.archive_work
   WHERE kind = 'archive' AND state = 'removing' AND seen_at < clock_timestamp() - interval '5 minutes'`;

/** Archives on their way out: one that was asked to go goes, whatever ends in between. */
@Injectable()
export class ArchiveRemovals {
  private readonly logger = new Logger('ArchiveRemovals');

  constructor(
    private readonly objects: ObjectStore,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** See `StorageContract.removeArchive`. */
  async remove(ref: ArchiveRef): Promise<ArchiveWork> {
    const { project, dataset, archive } = ref;
    const own = await this.database.transaction(async (tx) => {
      await lockArchive(tx, archive);
      const found = await this.removable(tx, ref);
      if (found.state === 'removing') return found;
      await tx.query(REMOVING, [found.id]);
      const entry = { action: 'dataset.archive_delete', target: `Dataset/${dataset}`, outcome: 'succeeded' } as const;
      await this.audit.record(tx, { ...entry, project, reason: `archive ${archive} of ${found.rows} rows` });
      return found;
    });
    void this.carryOut(own.id, ref).catch((thrown: unknown) =>
      this.logger.error(`Archive ${archive} is not gone yet, and is tried again: ${String(thrown)}`),
    );
    return { ...own, state: 'removing' };
  }

  /** Carries out what broke off; one that fails keeps no other from its turn. */
  async finish(): Promise<void> {
    const undone = await this.database.query<(WorkRow & { readonly project: string })[]>(UNDONE);
    await eachByItself(undone, ({ id, ...ref }) => this.carryOut(id, ref));
  }

  private async removable(tx: EntityManager, { project, dataset, archive }: ArchiveRef): Promise<ArchiveWork> {
    const [row] = await tx.query<WorkRow[]>(OWN, [project, dataset, archive]);
    const own = row && viewOf(row);
    if (!own || own.state === 'removed')
      throw new NotFound('archive.unknown', `There is no archive ${archive} of dataset "${dataset}".`);
    const reading = await tx.query<WorkRow[]>(READING, [project, archive]);
    const restore = reading.map(viewOf).find(({ state }) => state === 'running');
    if (restore)
      throw new Conflict(
        'archive.in_use',
        `Archive ${archive} is being restored into dataset "${restore.dataset}". Delete it when that has ended.`,
      );
    if (own.state === 'running')
      throw new Conflict('archive.in_use', `Archive ${archive} is being written. Delete it when that has ended.`);
    return own;
  }

  private async carryOut(id: string, place: ArchiveRef): Promise<void> {
    await removeObjects(this.objects, place);
    await this.database.query(REMOVED, [id]);
  }
}
