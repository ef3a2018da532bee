import { DuckDBConnection } from '@duckdb/node-api';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { CheckedFilter } from '#libs/query/checked-filter';
import { erasePlan } from '../erase-plan';
import { KeptDataset, touch } from './catalog';
import { tombstoneColumns } from './definitions';
import { AfterCommit } from './dirt';
import { allSql } from './filter-sql';
import { REMOVALS } from './identifiers';
import { Parameters } from './parameters';
import { noteRemoval, removeRows } from './remove-rows';
import { inTransaction, rowsOf } from './transaction';

/** Deletes a subject's rows, and folds the log into the file so that it does not hold them either. */
export async function eraseRows(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  request: EraseRows,
): Promise<ErasureReceipt> {
  const { eraseId } = request;
  const filters = erasePlan(dataset.definition, request);
  const known = await erasedBefore(connection, dataset, eraseId);
  if (known !== undefined) return { eraseId, erased: known };
  const after: AfterCommit[] = [];
  const erased = await inTransaction(connection, async () => {
    const parameters = new Parameters();
    const condition = allSql(filters, parameters);
    const removal = { kind: 'erased', cause: eraseId, condition, values: parameters.values, dirties: true } as const;
    const { removed, after: then } = await removeRows(connection, dataset, removal);
    after.push(...then);
    const tombs = await eraseTombstones(connection, dataset, filters);
    await noteRemoval(connection, dataset, 'erased', tombs, eraseId);
    if (removed + tombs === 0) await noteRemoval(connection, dataset, 'erased', 0, eraseId, true);
    return removed + tombs;
  });
  for (const note of after) note();
  touch(dataset);
  await connection.run('CHECKPOINT').catch(() => undefined); // readers may hold it back; the next one comes by itself
  return { eraseId, erased };
}

async function erasedBefore(
  connection: DuckDBConnection,
  { id }: KeptDataset,
  eraseId: string,
): Promise<number | undefined> {
  const sql = `
    SELECT count(*), coalesce(sum(removed), 0)::BIGINT FROM ${REMOVALS.sql}
    WHERE dataset_id = $1 AND kind = 'erased' AND cause = $2`;
  const [row] = await rowsOf(connection, sql, [id, eraseId]);
  return Number(row?.[0]) === 0 ? undefined : Number(row?.[1]);
}

/** Of a deleted key little is left: filters on anything else find nothing there. */
async function eraseTombstones(
  connection: DuckDBConnection,
  { tombstones, definition }: KeptDataset,
  filters: readonly CheckedFilter[],
): Promise<number> {
  const there = new Set(tombstoneColumns(definition).map(({ name }) => name));
  if (!tombstones || !filters.every((filter) => reads(filter, there))) return 0;
  const parameters = new Parameters();
  const condition = allSql(filters, parameters);
  return (await connection.run(`DELETE FROM ${tombstones.sql} WHERE ${condition}`, parameters.values)).rowsChanged;
}

function reads(filter: CheckedFilter, columns: ReadonlySet<string>): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.nodes.every((node) => reads(node, columns));
    case 'not':
      return reads(filter.node, columns);
    case 'test':
      return columns.has(filter.field.column);
  }
}
