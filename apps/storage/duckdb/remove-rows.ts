import { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { bucketOf } from '#libs/calendar/bucket';
import { bucketsOfRows } from './buckets-of-rows';
import { KeptDataset, touch } from './catalog';
import { AfterCommit, markDirty } from './dirt';
import { REMOVALS } from './identifiers';

/** Why rows are there no more: the names of the ledger's dataset line. */
export type RemovalKind = 'expired' | 'erased' | 'replaced';

export interface Removal {
  readonly kind: RemovalKind;
  /** What asked for it: the append that replaced, the request that erased. */
  readonly cause: string;
  /** Which rows, as SQL over the dataset's columns and `values`. */
  readonly condition: string;
  readonly values: readonly DuckDBValue[];
  /** False when the rollups keep what they say of these rows. */
  readonly dirties: boolean;
}

const NOTE = `INSERT INTO ${REMOVALS.sql} VALUES ($1, $2, $3, now()::TIMESTAMP, $4)`;

/**
 * Takes live rows out in the caller's transaction, with the note that the ledger counts and the dirt of their buckets.
 * Gives how many there were.
 */
export async function removeRows(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  { kind, cause, condition, values, dirties }: Removal,
): Promise<{ readonly removed: number; readonly after: AfterCommit[] }> {
  const after: AfterCommit[] = [() => touch(dataset)];
  for (const rollup of dirties ? dataset.rollups.values() : []) {
    const bucket = bucketOf(rollup.definition);
    const buckets = await bucketsOfRows(connection, dataset, bucket, condition, values);
    after.push(...(await markDirty(connection, rollup, buckets)));
  }
  const { rowsChanged } = await connection.run(`DELETE FROM ${dataset.table.sql} WHERE ${condition}`, [...values]);
  await noteRemoval(connection, dataset, kind, rowsChanged, cause);
  return { removed: rowsChanged, after };
}

export async function noteRemoval(
  connection: DuckDBConnection,
  { id }: KeptDataset,
  kind: RemovalKind,
  removed: number,
  cause: string,
  always = false,
): Promise<void> {
  if (removed > 0 || always) await connection.run(NOTE, [id, kind, BigInt(removed), cause]);
}
