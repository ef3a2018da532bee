import { ArchiveWork } from '#libs/contracts/archives';

/** Work of which nothing is seen for so long has ended with its process. */
export const WORK_COLUMNS = `
  id, kind, archive, dataset, rows, stored, begun_at,
  CASE WHEN state = 'running' AND seen_at < clock_timestamp() - interval '10 minutes' THEN 'failed' ELSE state END AS state,
  CASE WHEN state = 'running' AND seen_at < clock_timestamp() - interval '10 minutes'
       THEN 'The process that did it ended. Begin again.' ELSE reason END AS reason`;

/** A row of {@link WORK_COLUMNS}. */
export interface WorkRow {
  readonly id: string;
  readonly kind: ArchiveWork['kind'];
  readonly archive: string;
  readonly dataset: string;
  readonly rows: string;
  readonly stored: string | null;
  readonly begun_at: Date;
  readonly state: ArchiveWork['state'];
  readonly reason: string | null;
}

export const viewOf = ({
  id,
  kind,
  archive,
  dataset,
  state,
  begun_at,
  rows,
  stored,
  reason,
}: WorkRow): ArchiveWork => ({
  id,
  kind,
  archive,
  dataset,
  state,
  rows: Number(rows),
  ...(stored === null ? {} : { stored: Number(stored) }),
  ...(reason === null ? {} : { reason }),
  begunAt: begun_at.toISOString(),
});
