import { timestampValue } from '@duckdb/node-api';
import { CheckedFilter, CheckedPlan } from '../checked-plan';
import { BUCKET } from '../dataset';
import { Run } from './dirty-buckets';
import { DIRTY, quoted, TableName } from './identifiers';
import { Parameters } from './parameters';
import { bucketNumberSql, bucketStartSql, dirtyBucketsSql, measureSql, SqlAndValues } from './rollup-sql';

/** Where a plan's rows are, and for a rollup which of its buckets are answered from raw rows. */
export interface PlanSource {
  readonly table: TableName;
  readonly rollup?: { readonly id: number; readonly table: TableName; readonly dirtyRuns: readonly Run[] };
}

/** A checked plan as this engine's SQL. One row more than the limit is asked for, to tell whether it cut the answer. */
export function planSql(plan: CheckedPlan, source: PlanSource): SqlAndValues {
  const parameters = new Parameters();
  const select = selectSql(plan, source, parameters);
  const order = plan.order.map(({ by, descending }) => `${quoted(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`);
  const ordered = order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`;
  return [`${select} ${ordered} LIMIT ${parameters.add(BigInt(plan.limit + 1))}`, parameters.values];
}

function selectSql(plan: CheckedPlan, source: PlanSource, parameters: Parameters): string {
  const { shape, dataset } = plan;
  switch (shape.kind) {
    case 'rows': {
      // The order may name columns that the answer leaves out.
      const columns = plan.columns.map(({ name }) => quoted(name)).join(', ');
      return `SELECT ${columns} FROM ${source.table.sql} ${whereSql(plan, dataset.time, parameters)}`;
    }
    case 'groups': {
      const width = shape.bucketUs === undefined ? undefined : parameters.add(shape.bucketUs);
      const bucket = width === undefined ? [] : [`${bucketStartSql(quoted(dataset.time), width)} AS ${quoted(BUCKET)}`];
      const dimensions = shape.dimensions.map(quoted);
      const measures = shape.measures.map(
        (measure) => `${measureSql(dataset, measure, parameters)} AS ${quoted(measure.name)}`,
      );
      const groups = [...bucket, ...dimensions].map((_, at) => String(at + 1)).join(', ');
      return `
        SELECT ${[...bucket, ...dimensions, ...measures].join(', ')}
        FROM ${source.table.sql} ${whereSql(plan, dataset.time, parameters)}
        ${groups === '' ? '' : `GROUP BY ${groups}`}`;
    }
    case 'rollup': {
      const columns = plan.columns.map(({ name }) => quoted(name)).join(', ');
      return `
        SELECT ${columns} FROM (${rollupRowsSql(plan, shape, source, parameters)}) AS rows
        ${whereSql(plan, BUCKET, parameters)}`;
    }
  }
}

/** The rollup's rows of clean buckets beside fresh ones for its dirty buckets: always what raw rows would say. */
function rollupRowsSql(
  { dataset }: CheckedPlan,
  { rollup, asDataset }: CheckedPlan['shape'] & { kind: 'rollup' },
  source: PlanSource,
  parameters: Parameters,
): string {
  if (!source.rollup) throw new TypeError('A plan over a rollup needs the table of the rollup.');
  const { id, table, dirtyRuns } = source.rollup;
  const columns = asDataset.columns.map(({ name }) => quoted(name)).join(', ');
  const all = `SELECT ${columns} FROM ${table.sql}`;
  if (dirtyRuns.length === 0) return all;
  const width = parameters.add(BigInt(rollup.bucketMs) * 1_000n);
  const bucket = bucketNumberSql(quoted(BUCKET), width);
  const fresh = dirtyBucketsSql(
    { dataset, table: source.table, rollupId: id, bucketMs: rollup.bucketMs, by: rollup.by, measures: rollup.measures },
    dirtyRuns,
    parameters,
  );
  return `
    ${all} WHERE ${bucket} NOT IN (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${parameters.add(id)})
    UNION ALL ${fresh}`;
}

function whereSql({ fromUs, toUs, filters }: CheckedPlan, time: string, parameters: Parameters): string {
  const conditions = filters.map((filter) => filterSql(filter, parameters));
  if (fromUs !== undefined) conditions.push(`${quoted(time)} >= ${parameters.add(timestampValue(fromUs))}`);
  if (toUs !== undefined) conditions.push(`${quoted(time)} < ${parameters.add(timestampValue(toUs))}`);
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

const COMPARISON = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

function filterSql({ column, op, values }: CheckedFilter, parameters: Parameters): string {
  const name = quoted(column);
  if (op === 'is_null') return `${name} IS NULL`;
  if (op === 'is_not_null') return `${name} IS NOT NULL`;
  const places = values.map((value) => parameters.compared(value));
  return op === 'in' ? `${name} IN (${places.join(', ')})` : `${name} ${COMPARISON[op]} ${places.join(', ')}`;
}
