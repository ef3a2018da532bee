import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { IMPORT_PREFIX } from '#libs/contracts/append-id';
import { ImportReceipt, ImportRows } from '#libs/contracts/imports';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { digestOf } from '#libs/documents/canonical';
import { Conflict } from '#libs/errors/errors';
import { Idempotency, Keep } from '#libs/idempotency/idempotency';
import { EventStore } from '../event-store';
import { IMPORT_MAX_CHARACTERS, recordsOf } from './records';
import { typedColumns } from './typed-columns';

const ASK = `
  INSERT INTO storage.imports (project, dataset, id, digest) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`;

const ASKED = `SELECT digest, receipt FROM storage.imports WHERE project = $1 AND dataset = $2 AND id = $3`;

const DONE = `
  UPDATE storage.imports SET receipt = $4, done_at = clock_timestamp()
   WHERE project = $1 AND dataset = $2 AND id = $3 AND done_at IS NULL RETURNING 1`;

type Append = (batch: AppendBatch) => Promise<AppendReceipt>;
type Counts = Omit<ImportReceipt, 'repeated'>;

/** Rows of files, each import stored at most once: its append has its id, and one that broke off is asked for again. */
@Injectable()
export class Imports {
  constructor(
    private readonly events: EventStore,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
  ) {}

  run(request: ImportRows, append: Append): Promise<ImportReceipt> {
    return this.idempotency.around(this.database, (keep) => this.store(request, append, keep));
  }

  private async store(request: ImportRows, append: Append, keep: Keep<ImportReceipt>): Promise<ImportReceipt> {
    const { project, dataset, format, body } = request;
    const definition = await this.events.describe(request);
    const digest = createHash('sha256').update(body).digest('hex');
    const id = request.id ?? digest;
    const before = await this.asked(project, dataset, id, digest);
    if (before) return { ...before, repeated: true };
    const rows = typedColumns(definition, await recordsOf(format, body, IMPORT_MAX_CHARACTERS));
    await this.database.query(ASK, [project, dataset, id, digest]);
    await this.asked(project, dataset, id, digest); // whoever was quicker may have another body
    const { stored, merged, stale, duplicate } = await append({
      project,
      dataset,
      appendId: `${IMPORT_PREFIX}${id}`,
      epoch: 0,
      rows,
    });
    const counts: Counts = { id, rows: rows.length, stored, merged, stale, duplicate };
    return { ...counts, repeated: !(await this.done(request, counts, keep)) };
  }

  /** The receipt of an import that is done. Throws Conflict `import.reused`. */
  private async asked(project: string, dataset: string, id: string, digest: string): Promise<Counts | undefined> {
    const [row] = await this.database.query<{ digest: string; receipt: Counts | null }[]>(ASKED, [
      project,
      dataset,
      id,
    ]);
    if (row && row.digest !== digest) {
      throw new Conflict('import.reused', `The import "${id}" has other rows. Import these under an id of their own.`);
    }
    return row?.receipt ?? undefined;
  }

  /** False when somebody else wrote it down meanwhile. */
  private done({ project, dataset, format }: ImportRows, counts: Counts, keep: Keep<ImportReceipt>): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const [done] = await tx.query<[unknown[], number]>(DONE, [project, dataset, counts.id, JSON.stringify(counts)]);
      if (done.length === 0) return false;
      await this.audit.record(tx, {
        action: 'dataset.import',
        target: `Dataset/${dataset}`,
        outcome: 'succeeded',
        project,
        after: digestOf(counts),
        reason: `import ${counts.id} of ${counts.rows} rows (${format}) stored ${counts.stored}`,
      });
      await keep(tx, { ...counts, repeated: false });
      return true;
    });
  }
}
