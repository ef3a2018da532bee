import { DuckDBConnection } from '@duckdb/node-api';
import { KeptDataset } from './catalog';
import { AfterCommit } from './dirt';
import { APPEND, RECEIPTS } from './identifiers';
import { doubtfulAppends } from './known-appends';
import { noteRemoval, removeRows } from './remove-rows';
import { rowsOf } from './transaction';

/**
 * Takes the rows of earlier appends out in the transaction that writes their successor's. An append that has no receipt
 * yet gets an empty one that keeps it out.
 */
export async function replaceAppends(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  appendId: string,
  replaced: readonly string[],
): Promise<{ readonly removed: number; readonly after: AfterCommit[] }> {
  const ids = [...new Set(replaced)].filter((id) => id !== appendId);
  if (ids.length === 0) return { removed: 0, after: [] };
  const places = ids.map((_, at) => `$${at + 2}`).join(', ');
  const find = `SELECT append_id, append_no FROM ${RECEIPTS.sql} WHERE dataset_id = $1 AND append_id IN (${places})`;
  const known = await rowsOf(connection, find, [dataset.id, ...ids]);
  const knownIds = new Set(known.map(([id]) => String(id)));
  const fence = `INSERT INTO ${RECEIPTS.sql} (dataset_id, append_id) VALUES ($1, $2)`;
  await doubtfulAppends(connection, dataset, ids); // none of them is new from now on
  for (const id of ids) if (!knownIds.has(id)) await connection.run(fence, [dataset.id, id]);
  const numbers = known.map(([, number]) => number).filter((number) => typeof number === 'bigint');
  if (numbers.length === 0) return { removed: 0, after: [] };
  const condition = `${APPEND} IN (${numbers.map((_, at) => `$${at + 1}`).join(', ')})`;
  const removal = { kind: 'replaced', cause: appendId, condition, values: numbers, dirties: true } as const;
  const { removed, after } = await removeRows(connection, dataset, removal);
  if (!dataset.tombstones) return { removed, after };
  const { rowsChanged } = await connection.run(`DELETE FROM ${dataset.tombstones.sql} WHERE ${condition}`, numbers);
  await noteRemoval(connection, dataset, 'replaced', rowsChanged, appendId);
  return { removed: removed + rowsChanged, after };
}
