import { DuckDBValue } from '@duckdb/node-api';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { BUCKET, Dataset, measureType } from '../dataset';
import { Run } from './dirty-buckets';
import { DIRTY, quoted, TableName } from './identifiers';
import { Parameters } from './parameters';

/** The number of the bucket that a time falls in; `width` is an SQL expression in microseconds. */
export const bucketNumberSql = (time: string, width: string): string => {
  const us = `epoch_us(${time})`;
  return `((${us} - ((${us} % ${width}::BIGINT) + ${width}::BIGINT) % ${width}::BIGINT) // ${width}::BIGINT)`;
};

/** The start of the bucket that a time falls in. */
export const bucketStartSql = (time: string, width: string): string => {
  const us = `epoch_us(${time})`;
  return `make_timestamp(${us} - ((${us} % ${width}::BIGINT) + ${width}::BIGINT) % ${width}::BIGINT)`;
};

export function measureSql(dataset: Dataset, measure: PlanMeasure, parameters: Parameters): string {
  const column = measure.column === undefined ? '*' : quoted(measure.column);
  switch (measure.fn) {
    case 'count':
      return `count(${column})`;
    case 'sum':
      return measureType(dataset, measure) === 'double' ? `fsum(${column})` : `sum(${column})`;
    case 'avg':
      return `favg(${column}::DOUBLE)`;
    case 'min':
      return `min(${column})`;
    case 'max':
      return `max(${column})`;
    case 'quantile':
      return `quantile_cont(${column}::DOUBLE, ${parameters.add(measure.q ?? 0.5)}::DOUBLE)`;
    case 'distinct':
      return `count(DISTINCT ${column})`;
  }
}

interface RawBuckets {
  readonly dataset: Dataset;
  readonly table: TableName;
  readonly rollupId: number;
  readonly bucketMs: number;
  readonly by: readonly string[];
  readonly measures: readonly PlanMeasure[];
}

/**
 * SELECT of a rollup's rows for its dirty buckets, computed from raw rows, one part a run of near buckets so that only
 * what lies there is scanned. The dirt is read in the same statement, hence in the same snapshot.
 */
export function dirtyBucketsSql(rollup: RawBuckets, runs: readonly Run[], parameters: Parameters): string {
  const widthUs = BigInt(rollup.bucketMs) * 1_000n;
  const time = quoted(rollup.dataset.time);
  const width = parameters.add(widthUs);
  const id = parameters.add(rollup.rollupId);
  const bucket = bucketStartSql(time, width);
  const columns = [
    `${bucket} AS ${quoted(BUCKET)}`,
    ...rollup.by.map(quoted),
    ...rollup.measures.map(
      (measure) => `${measureSql(rollup.dataset, measure, parameters)} AS ${quoted(measure.name)}`,
    ),
  ];
  const groups = columns.slice(0, 1 + rollup.by.length).map((_, at) => String(at + 1));
  return runs
    .map(({ from, to }) => {
      const first = parameters.add(BigInt(from));
      const last = parameters.add(BigInt(to));
      return `
        SELECT ${columns.join(', ')}
        FROM ${rollup.table.sql}
        WHERE ${time} >= make_timestamp(${first}::BIGINT * ${width}::BIGINT)
          AND ${time} < make_timestamp((${last}::BIGINT + 1) * ${width}::BIGINT)
          AND ${bucketNumberSql(time, width)} IN
            (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${id} AND bucket BETWEEN ${first}::BIGINT AND ${last}::BIGINT)
        GROUP BY ${groups.join(', ')}`;
    })
    .join(' UNION ALL ');
}

export type SqlAndValues = readonly [sql: string, values: DuckDBValue[]];
