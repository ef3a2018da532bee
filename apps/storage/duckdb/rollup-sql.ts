import { DuckDBValue } from '@duckdb/node-api';
import { Bucket } from '#libs/calendar/bucket';
import { OffsetSpan } from '#libs/calendar/zone';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { Dataset } from '../dataset';
import { BUCKET, rollupMeasureType } from '../rollup';
import { bucketNumberSql, bucketStartSql, spansOver } from './bucket-sql';
import { Run, runRange } from '../dirty-buckets';
import { groupBy } from './groups-sql';
import { DIRTY, quoted, TableName } from './identifiers';
import { aggregateSql } from './measure-sql';
import { Parameters } from './parameters';

/** A rollup and the table of the raw rows that it is of. */
export interface RawBuckets {
  readonly dataset: Dataset;
  readonly table: TableName;
  readonly rollupId: number;
  readonly bucket: Bucket;
  readonly by: readonly string[];
  readonly measures: readonly PlanMeasure[];
}

/**
 * The columns of a rollup's rows as they come of raw rows, and how many of them tell its groups apart. `spans` are the
 * offsets of the bucket's zone over the rows.
 */
export function rollupColumns(
  { dataset, bucket, by, measures }: RawBuckets,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
): { readonly columns: readonly string[]; readonly keys: number } {
  const time = quoted(dataset.time);
  const values = measures.map((measure) => {
    const value = measure.column === undefined ? undefined : quoted(measure.column);
    const aggregate = { ...measure, value, type: rollupMeasureType(dataset, measure) };
    return `${aggregateSql(aggregate, time, parameters)} AS ${quoted(measure.name)}`;
  });
  const start = `${bucketStartSql(bucket, time, spans)} AS ${quoted(BUCKET)}`;
  return { columns: [start, ...by.map(quoted), ...values], keys: 1 + by.length };
}

/** The condition on raw rows of a run of buckets: those of them that are dirty. */
export function dirtyRowsSql({ dataset, rollupId, bucket }: RawBuckets, run: Run): string {
  const { fromUs, toUs } = runRange(bucket, run);
  const time = quoted(dataset.time);
  return `${time} >= make_timestamp(${fromUs}) AND ${time} < make_timestamp(${toUs})
    AND ${bucketNumberSql(bucket, time, spansOver(bucket, fromUs, toUs))} IN ${dirtyInRunSql(rollupId, run)}`;
}

/** The numbers of a rollup's dirty buckets in a run, as a list to look in. */
export const dirtyInRunSql = (rollupId: number, { from, to }: Run): string =>
  `(SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${rollupId} AND bucket BETWEEN ${from} AND ${to})`;

/**
 * SELECT of a rollup's rows for its dirty buckets, computed from raw rows, one part a run of near buckets so that only
 * what lies there is scanned. The dirt is read in the same statement, hence in the same snapshot.
 */
export function dirtyBucketsSql(rollup: RawBuckets, runs: readonly Run[], parameters: Parameters): string {
  return runs
    .map((run) => {
      const { fromUs, toUs } = runRange(rollup.bucket, run);
      const { columns, keys } = rollupColumns(rollup, spansOver(rollup.bucket, fromUs, toUs), parameters);
      return `
        SELECT ${columns.join(', ')}
        FROM ${rollup.table.sql}
        WHERE ${dirtyRowsSql(rollup, run)}
        ${groupBy(keys)}`;
    })
    .join(' UNION ALL ');
}

export type SqlAndValues = readonly [sql: string, values: DuckDBValue[]];
