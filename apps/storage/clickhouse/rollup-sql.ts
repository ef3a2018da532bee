import { bucketOf } from '#libs/calendar/bucket';
import { columnNamed, Dataset } from '../dataset';
import { bucketRuns, numberedStart, runRange } from '../dirty-buckets';
import { BUCKET, Rollup, rollupAsDataset, rollupMeasureType } from '../rollup';
import { numberedStartSql } from './bucket-sql';
import { aggregateSql } from './measure-sql';
import { buildsTable, quoted, rollupTable } from './tables';

/** A rollup as the books have it at a moment: its last build, and the numbers of the buckets that are dirty. */
export interface RollupState {
  readonly id: number;
  readonly lastBuild: bigint;
  readonly dirtyBuckets: readonly number[];
}

/**
 * SELECT of the rollup's rows of clean buckets beside fresh ones for its dirty buckets: always what raw rows would say.
 * `rows` are the dataset's live rows, as a table to select from.
 */
export function rollupRowsSql(dataset: Dataset, rollup: Rollup, state: RollupState, rows: string): string {
  const { id, lastBuild, dirtyBuckets } = state;
  const columns = rollupAsDataset(dataset, rollup)
    .columns.map(({ name }) => quoted(name))
    .join(', ');
  const clean = cleanRowsSql({ id, lastBuild }, columns);
  if (dirtyBuckets.length === 0) return clean;
  return `
    ${clean} AND ${notDirtySql(rollup, dirtyBuckets)}
    UNION ALL ${bucketsSql(dataset, rows, rollup, dirtyBuckets)}`;
}

/** SELECT of the newest build's rows of each bucket. */
export function cleanRowsSql(
  { id, lastBuild }: { readonly id: number; readonly lastBuild: bigint },
  columns: string,
): string {
  const newest = `SELECT ${quoted(BUCKET)}, max(_build) FROM ${buildsTable(id)} WHERE _build <= ${lastBuild} GROUP BY 1`;
  return `SELECT ${columns} FROM ${rollupTable(id)} WHERE (${quoted(BUCKET)}, _build) IN (${newest})`;
}

/** SELECT of a rollup's rows, computed from raw rows that all fall in the numbered buckets. */
export function allBucketsSql(
  dataset: Dataset,
  rows: string,
  rollup: Rollup,
  numbers: readonly number[],
  where = 'true',
): string {
  const time = quoted(dataset.time);
  const measures = rollup.measures.map((measure) => {
    const value = measure.column === undefined ? undefined : quoted(columnNamed(dataset, measure.column)!.name); // checked
    const aggregate = { fn: measure.fn, q: measure.q, value, type: rollupMeasureType(dataset, measure) };
    return `${aggregateSql(aggregate, time)} AS ${quoted(measure.name)}`;
  });
  const start = `${numberedStartSql(bucketOf(rollup), time, numbers)} AS ${quoted(BUCKET)}`;
  const groups = Array.from({ length: 1 + rollup.by.length }, (_, at) => at + 1).join(', ');
  return `
    SELECT ${[start, ...rollup.by.map(quoted), ...measures].join(', ')} FROM ${rows}
    WHERE ${where} GROUP BY ${groups}`;
}

/** SELECT of a rollup's rows for these buckets, computed from raw rows; only near them is scanned. */
export function bucketsSql(dataset: Dataset, rows: string, rollup: Rollup, numbers: readonly number[]): string {
  return allBucketsSql(dataset, rows, rollup, numbers, inBucketsSql(dataset.time, rollup, numbers));
}

/** Whether a raw row falls in one of these buckets; what is not near them is not even read. */
export function inBucketsSql(column: string, rollup: Rollup, numbers: readonly number[]): string {
  const bucket = bucketOf(rollup);
  const time = quoted(column);
  const near = bucketRuns(bucket, numbers)
    .map((run) => runRange(bucket, run))
    .map(({ fromUs, toUs }) => `${time} >= ${fromUs} AND ${time} < ${toUs}`)
    .join(' OR ');
  return `(${near}) AND ${numberedStartSql(bucket, time, numbers)} IN (${startsOf(rollup, numbers)})`;
}

/** Whether a rollup's row is of a bucket that is up to date. */
export const notDirtySql = (rollup: Rollup, numbers: readonly number[]): string =>
  numbers.length === 0 ? 'true' : `${quoted(BUCKET)} NOT IN (${startsOf(rollup, numbers)})`;

const startsOf = (rollup: Rollup, numbers: readonly number[]): string =>
  numbers.map((number) => String(numberedStart(bucketOf(rollup), number))).join(', ');
