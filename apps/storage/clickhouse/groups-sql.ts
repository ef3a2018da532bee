import { OTHER } from '#libs/contracts/query-plan';
import { Field } from '#libs/query/field';
import { CheckedMeasure, CheckedPlan, GroupsShape, KeptGroups } from '../checked-plan';
import { Bounds } from '../range-bounds';
import { BUCKET } from '../rollup';
import { TimeRange } from '../whole-buckets';
import { bucketStartSql } from './bucket-sql';
import { fieldSql } from './field-sql';
import { allSql } from './filter-sql';
import { aggregateSql } from './measure-sql';
import { SqlValues } from './sql-values';
import { quoted } from './tables';

/** Beside the answer's columns: how many rows a group was computed from. */
export const OWN_ROWS = quoted('#n');
const KEPT = quoted('#kept');

/** SELECT of a plan's groups from raw rows: the answer's columns, then {@link OWN_ROWS}. */
export function groupsSql(
  plan: CheckedPlan,
  shape: GroupsShape,
  rows: string,
  bounds: Bounds | undefined,
  values: SqlValues,
): string {
  const time = quoted(plan.dataset.time);
  const keys = groupKeys(shape, time, bounds, values);
  const answers = shape.measures.map((measure) => `${measureSql(measure, time, values)} AS ${quoted(measure.name)}`);
  return `
    SELECT ${[...keys, ...answers, `count() AS ${OWN_ROWS}`].join(', ')}
    FROM ${fromRows(plan, shape, rows, values)}
    ${groupBy(keys.length)}`;
}

/** The expressions that tell groups apart, named as they are in the answer; `time` is the one of a row's time. */
export function groupKeys(
  { bucket, dimensions, kept }: GroupsShape,
  time: string,
  bounds: Bounds | undefined,
  values: SqlValues,
): string[] {
  const folds = kept?.fold === true;
  const start = bucket === undefined ? [] : [`${bucketStartSql(bucket, time, bounds)} AS ${quoted(BUCKET)}`];
  const groups = dimensions.map((field) => {
    const value = fieldSql(field, values);
    return `${folds ? `if(${KEPT}, toNullable(${value}), NULL)` : value} AS ${quoted(field.name)}`;
  });
  return [...start, ...groups, ...(folds ? [`NOT ${KEPT} AS ${quoted(OTHER)}`] : [])];
}

/** The names that {@link groupKeys} gives. */
export const keyNames = ({ bucket, dimensions, kept }: GroupsShape): string[] => [
  ...(bucket === undefined ? [] : [quoted(BUCKET)]),
  ...dimensions.map(({ name }) => quoted(name)),
  ...(kept?.fold ? [quoted(OTHER)] : []),
];

/** `FROM` of the rows that pass the plan's range, filters and groups, `#kept` beside them where others fold. */
export function fromRows(
  plan: CheckedPlan,
  { dimensions, kept }: GroupsShape,
  rows: string,
  values: SqlValues,
): string {
  const where = `${timeRangeSql(plan.dataset.time, plan)} AND ${allSql(plan.filters, values)}`;
  if (!kept) return `${rows} WHERE ${where}`;
  const isKept = keptSql(kept, dimensions, values);
  return kept.fold
    ? `(SELECT *, ${isKept} AS ${KEPT} FROM ${rows} WHERE ${where})`
    : `${rows} WHERE ${where} AND ${isKept}`;
}

/** By the first columns of a SELECT. */
export const groupBy = (keys: number): string =>
  keys === 0 ? '' : `GROUP BY ${Array.from({ length: keys }, (_, at) => at + 1).join(', ')}`;

export function measureSql({ fn, field, q, type }: CheckedMeasure, time: string, values: SqlValues): string {
  return aggregateSql({ fn, value: field && fieldSql(field, values), q, type }, time);
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

export function timeRangeSql(time: string, { fromUs, toUs }: TimeRange): string {
  const conditions = [
    ...(fromUs === undefined ? [] : [`${quoted(time)} >= ${fromUs}`]),
    ...(toUs === undefined ? [] : [`${quoted(time)} < ${toUs}`]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
