import { DuckDBConnection } from '@duckdb/node-api';
import { MaterializedRollup } from '#libs/contracts/storage.contract';
import { BUCKET } from '../rollup';
import { KeptDataset, KeptRollup } from './catalog';
import { runsOf } from './dirty-buckets';
import { DIRTY, quoted } from './identifiers';
import { Parameters } from './parameters';
import { bucketNumberSql } from './bucket-sql';
import { dirtyBucketsSql } from './rollup-sql';
import { inTransaction } from './transaction';

const RUNS_MAX = 16;

/** Recomputes the newest dirty buckets from raw rows, in one transaction with the clearing of their dirt. */
export async function materializeRollup(
  connection: DuckDBConnection,
  { definition: dataset, table: rawTable }: KeptDataset,
  { id, definition, table, dirty }: KeptRollup,
  maxBuckets: number,
): Promise<MaterializedRollup> {
  const chosen = [...dirty].sort((a, b) => b - a).slice(0, maxBuckets);
  const oldest = chosen.at(-1);
  if (oldest === undefined) return { refreshed: 0, remaining: 0 };
  const widthUs = BigInt(definition.bucketMs) * 1_000n;
  const isChosen = `${bucketNumberSql(quoted(BUCKET), widthUs)} IN (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = $1 AND bucket >= $2)`;
  const parameters = new Parameters();
  const { bucketMs, by, measures } = definition;
  const source = { dataset, table: rawTable, rollupId: id, bucketMs, by, measures };
  const fresh = dirtyBucketsSql(source, runsOf(chosen.reverse(), 1, RUNS_MAX), parameters);
  await inTransaction(connection, async () => {
    await connection.run(`DELETE FROM ${table.sql} WHERE ${isChosen}`, [id, BigInt(oldest)]);
    await connection.run(`INSERT INTO ${table.sql} ${fresh}`, parameters.values);
    await connection.run(`DELETE FROM ${DIRTY.sql} WHERE rollup_id = $1 AND bucket >= $2`, [id, BigInt(oldest)]);
  });
  for (const bucket of chosen) dirty.delete(bucket);
  return { refreshed: chosen.length, remaining: dirty.size };
}
