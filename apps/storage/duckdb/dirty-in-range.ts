import { DuckDBConnection } from '@duckdb/node-api';
import { bucketOf } from '#libs/calendar/bucket';
import { ResultColumn } from '#libs/contracts/query-plan';
import { firstAnswerRows } from './answer';
import { KeptRollup } from './catalog';
import { bucketRuns, numberStepUs, Run } from '../dirty-buckets';
import { DIRTY } from './identifiers';
import { resultOf } from './transaction';
import { TimeRange } from '../whole-buckets';

const NUMBER: ResultColumn = { name: 'bucket', type: 'int' };
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The rollup's dirty buckets that begin in the range, as this snapshot has them. */
export async function dirtyBucketsIn(
  connection: DuckDBConnection,
  { id, definition }: KeptRollup,
  { fromUs, toUs }: TimeRange,
): Promise<{ readonly count: number; readonly runs: Run[] }> {
  const bucket = bucketOf(definition);
  const stepUs = numberStepUs(bucket);
  const sql = `
    SELECT DISTINCT bucket FROM ${DIRTY.sql}
    WHERE rollup_id = $1 AND bucket >= $2 AND bucket < $3
    ORDER BY bucket`;
  const bounds = [
    fromUs === undefined ? INT64_MIN : ceiling(fromUs, stepUs),
    toUs === undefined ? INT64_MAX : ceiling(toUs, stepUs),
  ];
  const dirty = await resultOf(connection, sql, [id, ...bounds]);
  const buckets = firstAnswerRows(dirty, [NUMBER], dirty.rowCount).map(([number]) => Number(number));
  return { count: buckets.length, runs: bucketRuns(bucket, buckets) };
}

function ceiling(value: bigint, width: bigint): bigint {
  const below = ((value % width) + width) % width;
  return (value - below) / width + (below === 0n ? 0n : 1n);
}
