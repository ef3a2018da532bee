import { PlanMeasure } from '#libs/contracts/query-plan';
import { CheckedFilter, CheckedPlan } from '../checked-plan';
import { BUCKET, Dataset, measureType } from '../dataset';
import { Run } from '../duckdb/dirty-buckets';
import { SqlValues } from './sql-values';
import { buildsTable, quoted, rollupTable } from './tables';

/** Where a plan's rows are, and for a rollup which of its buckets are answered from raw rows. */
export interface PlanSource {
  /** The live rows, as a table to select from. */
  readonly rows: string;
  readonly rollup?: {
    readonly id: number;
    readonly lastBuild: bigint;
    readonly dirtyBuckets: readonly number[];
    readonly dirtyRuns: readonly Run[];
  };
}

/** A checked plan as this engine's SQL. One row more than the limit is asked for, to tell whether it cut the answer. */
export function planSql(plan: CheckedPlan, source: PlanSource): { sql: string; values: SqlValues } {
  const values = new SqlValues();
  const select = selectSql(plan, source, values);
  const order = plan.order.map(({ by, descending }) => `${quoted(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`);
  const ordered = order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`;
  const columns = plan.columns.map(({ name }) => quoted(name)).join(', ');
  return { sql: `SELECT ${columns} FROM (${select}) ${ordered} LIMIT ${plan.limit + 1}`, values };
}

/** Rows may be ordered by columns that the answer leaves out, so the inner select keeps them all. */
function selectSql(plan: CheckedPlan, source: PlanSource, values: SqlValues): string {
  const { shape, dataset } = plan;
  switch (shape.kind) {
    case 'rows':
      return `SELECT * FROM ${source.rows} ${whereSql(plan, dataset.time, values)}`;
    case 'groups': {
      const bucket =
        shape.bucketUs === undefined
          ? []
          : [`${bucketStartSql(quoted(dataset.time), shape.bucketUs)} AS ${quoted(BUCKET)}`];
      const dimensions = shape.dimensions.map(quoted);
      const measures = shape.measures.map((measure) => `${measureSql(dataset, measure)} AS ${quoted(measure.name)}`);
      const groups = [...bucket, ...dimensions].map((_, at) => String(at + 1)).join(', ');
      return `
        SELECT ${[...bucket, ...dimensions, ...measures].join(', ')}
        FROM ${source.rows} ${whereSql(plan, dataset.time, values)}
        ${groups === '' ? '' : `GROUP BY ${groups}`}`;
    }
    case 'rollup':
      return `SELECT * FROM (${rollupRowsSql(plan, shape, source)}) ${whereSql(plan, BUCKET, values)}`;
  }
}

export const bucketStartSql = (time: string, widthUs: bigint): string =>
  `(${time} - positiveModulo(${time}, ${widthUs}))`;

export function measureSql(dataset: Dataset, measure: PlanMeasure): string {
  const column = measure.column === undefined ? '' : quoted(measure.column);
  switch (measure.fn) {
    case 'count':
      return `toInt64(count(${column}))`;
    case 'sum':
      return measureType(dataset, measure) === 'double'
        ? `sumKahanOrNull(${column})`
        : `sumOrNull(toInt128(${column}))`;
    case 'avg':
      return `if(count(${column}) = 0, NULL, sumKahan(toFloat64(${column})) / count(${column}))`;
    case 'min':
      return `minOrNull(${column})`;
    case 'max':
      return `maxOrNull(${column})`;
    case 'quantile':
      return `quantileExactInclusiveOrNull(${measure.q ?? 0.5})(toFloat64(${column}))`;
    case 'distinct':
      return `toInt64(uniqExact(${column}))`;
  }
}

/** The rollup's rows of clean buckets beside fresh ones for its dirty buckets: always what raw rows would say. */
function rollupRowsSql(
  { dataset }: CheckedPlan,
  { rollup, asDataset }: CheckedPlan['shape'] & { kind: 'rollup' },
  source: PlanSource,
): string {
  if (!source.rollup) throw new TypeError('A plan over a rollup needs the table of the rollup.');
  const { id, lastBuild, dirtyBuckets, dirtyRuns } = source.rollup;
  const columns = asDataset.columns.map(({ name }) => quoted(name)).join(', ');
  const newest = `SELECT ${quoted(BUCKET)}, max(_build) FROM ${buildsTable(id)} WHERE _build <= ${lastBuild} GROUP BY 1`;
  const clean = `SELECT ${columns} FROM ${rollupTable(id)} WHERE (${quoted(BUCKET)}, _build) IN (${newest})`;
  if (dirtyBuckets.length === 0) return clean;
  const widthUs = BigInt(rollup.bucketMs) * 1_000n;
  const starts = dirtyBuckets.map((bucket) => String(BigInt(bucket) * widthUs)).join(', ');
  return `
    ${clean} AND ${quoted(BUCKET)} NOT IN (${starts})
    UNION ALL ${bucketsSql(dataset, source.rows, rollup, dirtyBuckets, dirtyRuns)}`;
}

/** SELECT of a rollup's rows for these buckets, computed from raw rows; only near them is scanned. */
export function bucketsSql(
  dataset: Dataset,
  rows: string,
  rollup: { readonly bucketMs: number; readonly by: readonly string[]; readonly measures: readonly PlanMeasure[] },
  buckets: readonly number[],
  runs: readonly Run[],
): string {
  const widthUs = BigInt(rollup.bucketMs) * 1_000n;
  const time = quoted(dataset.time);
  const start = bucketStartSql(time, widthUs);
  const near = runs
    .map(({ from, to }) => `${time} BETWEEN ${BigInt(from) * widthUs} AND ${(BigInt(to) + 1n) * widthUs - 1n}`)
    .join(' OR ');
  const starts = buckets.map((bucket) => String(BigInt(bucket) * widthUs)).join(', ');
  const columns = [
    `${start} AS ${quoted(BUCKET)}`,
    ...rollup.by.map(quoted),
    ...rollup.measures.map((measure) => `${measureSql(dataset, measure)} AS ${quoted(measure.name)}`),
  ];
  const groups = columns.slice(0, 1 + rollup.by.length).map((_, at) => String(at + 1));
  return `
    SELECT ${columns.join(', ')} FROM ${rows}
    WHERE (${near}) AND ${start} IN (${starts})
    GROUP BY ${groups.join(', ')}`;
}

function whereSql({ fromUs, toUs, filters }: CheckedPlan, time: string, values: SqlValues): string {
  const conditions = filters.map((filter) => filterSql(filter, values));
  if (fromUs !== undefined) conditions.push(`${quoted(time)} >= ${fromUs}`);
  if (toUs !== undefined) conditions.push(`${quoted(time)} < ${toUs}`);
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

const COMPARISON = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

function filterSql({ column, op, values: compared }: CheckedFilter, values: SqlValues): string {
  const name = quoted(column);
  if (op === 'is_null') return `${name} IS NULL`;
  if (op === 'is_not_null') return `${name} IS NOT NULL`;
  const places = compared.map((value) => values.compared(value));
  return op === 'in' ? `${name} IN (${places.join(', ')})` : `${name} ${COMPARISON[op]} ${places.join(', ')}`;
}
