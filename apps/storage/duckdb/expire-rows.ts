import { DuckDBConnection, timestampValue } from '@duckdb/node-api';
import { bucketOf } from '#libs/calendar/bucket';
import { keptFrom } from '../retention';
import { KeptDataset, touch } from './catalog';
import { AfterCommit } from './dirt';
import { DATASETS, quoted } from './identifiers';
import { materializeRollup } from './materialize';
import { noteRemoval, removeRows } from './remove-rows';
import { inTransaction, rowsOf } from './transaction';

const ALL_BUCKETS = 2 ** 31;

/**
 * Takes out what is older than the dataset keeps. Its rollups are brought up to date before, and what they say of the
 * rows that go stays: late rows of that time are turned away as stale.
 */
export async function expireRows(connection: DuckDBConnection, dataset: KeptDataset, nowUs: bigint): Promise<number> {
  const { retainMs, time } = dataset.definition;
  if (retainMs === undefined) return 0;
  const buckets = [...dataset.rollups.values()].map(({ definition }) => bucketOf(definition));
  const from = keptFrom(nowUs, retainMs, buckets);
  if (dataset.keptFromUs !== undefined && from <= dataset.keptFromUs) return 0;
  const condition = `${quoted(time)} < $1`;
  const values = [timestampValue(from)];
  const [any] = await rowsOf(connection, `SELECT 1 FROM ${dataset.table.sql} WHERE ${condition} LIMIT 1`, values);
  if (any)
    for (const rollup of dataset.rollups.values()) await materializeRollup(connection, dataset, rollup, ALL_BUCKETS);
  const after: AfterCommit[] = [];
  const expired = await inTransaction(connection, async () => {
    const removal = { kind: 'expired', cause: from.toString(), condition, values, dirties: false } as const;
    const { removed, after: then } = await removeRows(connection, dataset, removal);
    after.push(...then);
    let tombs = 0;
    if (dataset.tombstones) {
      tombs = (await connection.run(`DELETE FROM ${dataset.tombstones.sql} WHERE ${condition}`, values)).rowsChanged;
      await noteRemoval(connection, dataset, 'expired', tombs, from.toString());
    }
    await connection.run(`UPDATE ${DATASETS.sql} SET kept_from = $2 WHERE id = $1`, [dataset.id, from]);
    return removed + tombs;
  });
  for (const note of after) note();
  dataset.keptFromUs = from;
  if (expired > 0) touch(dataset);
  return expired;
}
