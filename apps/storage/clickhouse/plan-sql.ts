import { bucketOf } from '#libs/calendar/bucket';
import { OTHER } from '#libs/contracts/query-plan';
import { Field } from '#libs/query/field';
import { CheckedPlan, GroupsShape, KeptGroups } from '../checked-plan';
import { columnNamed, Dataset } from '../dataset';
import { bucketRuns, numberedStart, runRange } from '../dirty-buckets';
import { BUCKET, Rollup, rollupMeasureType } from '../rollup';
import { Bounds, bucketStartSql, numberedStartSql } from './bucket-sql';
import { fieldSql } from './field-sql';
import { allSql } from './filter-sql';
import { aggregateSql } from './measure-sql';
import { SqlValues } from './sql-values';
import { buildsTable, quoted, rollupTable } from './tables';

/** Where a plan's rows are, and for a rollup which of its buckets are answered from raw rows. */
export interface PlanSource {
  /** The live rows, as a table to select from. */
  readonly rows: string;
  /** First and last time among them, for calendar buckets. */
  readonly bounds?: Bounds;
  readonly rollup?: {
    readonly id: number;
    readonly lastBuild: bigint;
    readonly dirtyBuckets: readonly number[];
  };
}

const ROWS = quoted('#rows');
const KEPT = quoted('#kept');

/**
 * A checked plan as this engine's SQL. One row more than the limit is asked for, to tell whether it cut the answer. Groups
 * carry one more column: the number of rows that they were computed from.
 */
export function planSql(plan: CheckedPlan, source: PlanSource): { sql: string; values: SqlValues } {
  const values = new SqlValues();
  const order = plan.order.map(({ by, descending }) => `${quoted(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`);
  const ordered = order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`;
  const limited = plan.limit === undefined ? '' : `LIMIT ${plan.limit + 1}`;
  return { sql: `${selectSql(plan, source, values)} ${ordered} ${limited}`, values };
}

function selectSql(plan: CheckedPlan, source: PlanSource, values: SqlValues): string {
  const { shape, dataset } = plan;
  const inRange = (time: string): string => `${timeRangeSql(time, plan)} AND ${allSql(plan.filters, values)}`;
  switch (shape.kind) {
    case 'rows': {
      // A column goes by its own name already; only a path needs one. The order may name columns that are left out.
      const columns = shape.fields.map((field) =>
        field.path ? `${fieldSql(field, values)} AS ${quoted(field.name)}` : quoted(field.column),
      );
      const position = plan.position.map(({ name }, at) => `${quoted(name)} AS ${quoted(`#${at}`)}`);
      return `SELECT ${[...columns, ...position].join(', ')} FROM ${source.rows} WHERE ${inRange(dataset.time)}`;
    }
    case 'groups': {
      const columns = plan.columns.map(({ name }) => quoted(name)).join(', ');
      return `
        SELECT ${columns}, ${ROWS}
        FROM (SELECT *, sum(${quoted('#n')}) OVER () AS ${ROWS} FROM (${groupsSql(plan, shape, source, values)}))
        WHERE ${allSql(plan.having, values)}`;
    }
    case 'rollup': {
      const columns = shape.fields.map(({ column }) => quoted(column)).join(', ');
      return `SELECT ${columns} FROM (${rollupRowsSql(plan, shape, source)}) WHERE ${inRange(BUCKET)}`;
    }
  }
}

function groupsSql(plan: CheckedPlan, shape: GroupsShape, source: PlanSource, values: SqlValues): string {
  const { dataset } = plan;
  const { bucket, dimensions, measures, kept } = shape;
  const time = quoted(dataset.time);
  const folds = kept?.fold === true;
  const start = bucket === undefined ? [] : [`${bucketStartSql(bucket, time, source.bounds)} AS ${quoted(BUCKET)}`];
  const groups = dimensions.map((field) => {
    const value = fieldSql(field, values);
    return `${folds ? `if(${KEPT}, toNullable(${value}), NULL)` : value} AS ${quoted(field.name)}`;
  });
  const keys = [...start, ...groups, ...(folds ? [`NOT ${KEPT} AS ${quoted(OTHER)}`] : [])];
  const answers = measures.map(({ name, fn, field, q, type }) => {
    const value = field && fieldSql(field, values);
    return `${aggregateSql({ fn, value, q, type }, time)} AS ${quoted(name)}`;
  });
  const where = `${timeRangeSql(dataset.time, plan)} AND ${allSql(plan.filters, values)}`;
  const isKept = kept && keptSql(kept, dimensions, values);
  const rows = folds
    ? `(SELECT *, ${isKept} AS ${KEPT} FROM ${source.rows} WHERE ${where})`
    : `${source.rows} WHERE ${where}${isKept === undefined ? '' : ` AND ${isKept}`}`;
  const numbers = keys.map((_, at) => at + 1).join(', ');
  return `
    SELECT ${[...keys, ...answers, `count() AS ${quoted('#n')}`].join(', ')} FROM ${rows}
    ${keys.length === 0 ? '' : `GROUP BY ${numbers}`}`;
}

function keptSql({ groups }: KeptGroups, dimensions: readonly Field[], values: SqlValues): string {
  const each = groups.map((group) => {
    const tests = group.map((value, at) => {
      const field = fieldSql(dimensions[at]!, values); // a value a dimension, checked
      return value === null ? `isNull(${field})` : `ifNull(${field} = ${values.compared(value)}, false)`;
    });
    return tests.length === 0 ? 'true' : `(${tests.join(' AND ')})`;
  });
  return each.length === 0 ? 'false' : `(${each.join(' OR ')})`;
}

/** The rollup's rows of clean buckets beside fresh ones for its dirty buckets: always what raw rows would say. */
function rollupRowsSql(
  { dataset }: CheckedPlan,
  { rollup, asDataset }: CheckedPlan['shape'] & { kind: 'rollup' },
  source: PlanSource,
): string {
  if (!source.rollup) throw new TypeError('A plan over a rollup needs the table of the rollup.');
  const { id, lastBuild, dirtyBuckets } = source.rollup;
  const columns = asDataset.columns.map(({ name }) => quoted(name)).join(', ');
  const clean = cleanRowsSql({ id, lastBuild }, columns);
  if (dirtyBuckets.length === 0) return clean;
  const bucket = bucketOf(rollup);
  const starts = dirtyBuckets.map((number) => String(numberedStart(bucket, number))).join(', ');
  return `
    ${clean} AND ${quoted(BUCKET)} NOT IN (${starts})
    UNION ALL ${bucketsSql(dataset, source.rows, rollup, dirtyBuckets)}`;
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
  const bucket = bucketOf(rollup);
  const time = quoted(dataset.time);
  const near = bucketRuns(bucket, numbers)
    .map((run) => runRange(bucket, run))
    .map(({ fromUs, toUs }) => `${time} >= ${fromUs} AND ${time} < ${toUs}`)
    .join(' OR ');
  const starts = numbers.map((number) => String(numberedStart(bucket, number))).join(', ');
  const where = `(${near}) AND ${numberedStartSql(bucket, time, numbers)} IN (${starts})`;
  return allBucketsSql(dataset, rows, rollup, numbers, where);
}

function timeRangeSql(time: string, { fromUs, toUs }: { readonly fromUs?: bigint; readonly toUs?: bigint }): string {
  const conditions = [
    ...(fromUs === undefined ? [] : [`${quoted(time)} >= ${fromUs}`]),
    ...(toUs === undefined ? [] : [`${quoted(time)} < ${toUs}`]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
