import { DuckDBValue } from '@duckdb/node-api';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { Dataset } from '../dataset';
import { BUCKET, rollupMeasureType } from '../rollup';
import { bucketNumberSql, fixedStartSql } from './bucket-sql';
import { Run } from '../dirty-buckets';
import { DIRTY, quoted, TableName } from './identifiers';
import { aggregateSql } from './measure-sql';
import { Parameters } from './parameters';

/** A rollup and the table of the raw rows that it is of. */
export interface RawBuckets {
  readonly dataset: Dataset;
  readonly table: TableName;
  readonly rollupId: number;
  readonly bucketMs: number;
  readonly by: readonly string[];
  readonly measures: readonly PlanMeasure[];
}

/** The columns of a rollup's rows as they come of raw rows, and how many of them tell its groups apart. */
export function rollupColumns(
  { dataset, bucketMs, by, measures }: RawBuckets,
  parameters: Parameters,
): { readonly columns: readonly string[]; readonly keys: number } {
  const time = quoted(dataset.time);
  const values = measures.map((measure) => {
    const value = measure.column === undefined ? undefined : quoted(measure.column);
    const aggregate = { ...measure, value, type: rollupMeasureType(dataset, measure) };
    return `${aggregateSql(aggregate, time, parameters)} AS ${quoted(measure.name)}`;
  });
  const start = `${fixedStartSql(time, BigInt(bucketMs) * 1_000n)} AS ${quoted(BUCKET)}`;
  return { columns: [start, ...by.map(quoted), ...values], keys: 1 + by.length };
}

/** The condition on raw rows of a run of buckets: those of them that are dirty. */
export function dirtyRowsSql({ dataset, rollupId, bucketMs }: RawBuckets, { from, to }: Run): string {
  const widthUs = BigInt(bucketMs) * 1_000n;
  const time = quoted(dataset.time);
  return `${time} >= make_timestamp(${BigInt(from) * widthUs}) AND ${time} < make_timestamp(${BigInt(to + 1) * widthUs})
    AND ${bucketNumberSql(time, widthUs)} IN
      (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${rollupId} AND bucket BETWEEN ${from} AND ${to})`;
}

/**
 * SELECT of a rollup's rows for its dirty buckets, computed from raw rows, one part a run of near buckets so that only
 * what lies there is scanned. The dirt is read in the same statement, hence in the same snapshot.
 */
export function dirtyBucketsSql(rollup: RawBuckets, runs: readonly Run[], parameters: Parameters): string {
  const { columns, keys } = rollupColumns(rollup, parameters);
  const groups = Array.from({ length: keys }, (_, at) => at + 1).join(', ');
  return runs
    .map(
      (run) => `
        SELECT ${columns.join(', ')}
        FROM ${rollup.table.sql}
        WHERE ${dirtyRowsSql(rollup, run)}
        GROUP BY ${groups}`,
    )
    .join(' UNION ALL ');
}

export type SqlAndValues = readonly [sql: string, values: DuckDBValue[]];
