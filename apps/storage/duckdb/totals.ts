import { DuckDBConnection } from '@duckdb/node-api';
import { IMPORT_PREFIX } from '#libs/contracts/append-id';
import { DatasetTotals } from '#libs/contracts/storage.contract';
import { KeptDataset } from './catalog';
import { RECEIPTS, REMOVALS } from './identifiers';
import { RemovalKind } from './remove-rows';
import { rowsOf } from './transaction';

/** The dataset's line of the ledger as this snapshot has it: held rows are counted, the others were noted. */
export async function totalsOf(
  connection: DuckDBConnection,
  { id, table, tombstones }: KeptDataset,
): Promise<DatasetTotals> {
  const sql = `
    SELECT (SELECT coalesce(sum(stored), 0)::BIGINT FROM ${RECEIPTS.sql} WHERE dataset_id = $1),
           (SELECT count(*) FROM ${table.sql}),
           (SELECT coalesce(sum(stored), 0)::BIGINT FROM ${RECEIPTS.sql}
             WHERE dataset_id = $1 AND starts_with(append_id, '${IMPORT_PREFIX}')),
           ${tombstones ? `(SELECT count(*) FROM ${tombstones.sql})` : '0'}`;
  const [row] = await rowsOf(connection, sql, [id]);
  const [stored, held, imported, deleted] = (row ?? []).map(Number);
  const noted = await rowsOf(
    connection,
    `SELECT kind, sum(removed)::BIGINT FROM ${REMOVALS.sql} WHERE dataset_id = $1 GROUP BY kind`,
    [id],
  );
  const removed = (kind: RemovalKind): number => Number(noted.find(([name]) => name === kind)?.[1] ?? 0);
  return {
    stored: stored ?? 0,
    held: held ?? 0,
    expired: removed('expired'),
    erased: removed('erased') + (deleted ?? 0),
    replaced: removed('replaced'),
    ...(imported ? { imported } : {}),
  };
}
