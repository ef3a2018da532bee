import { OffsetSpan } from '#libs/calendar/zone';
import { OTHER } from '#libs/contracts/query-plan';
import { CheckedMeasure, CheckedPlan, GroupsShape, KeptGroups } from '../checked-plan';
import { Field } from '#libs/query/field';
import { BUCKET } from '../rollup';
import { bucketStartSql } from './bucket-sql';
import { fieldSql } from './field-sql';
import { allSql } from './filter-sql';
import { quoted } from './identifiers';
import { aggregateSql } from './measure-sql';
import { Parameters } from './parameters';
import { timeRangeSql } from './time-range-sql';

/** Beside the answer's columns: how many rows it was computed from. */
export const ROWS = quoted('#rows');
const KEPT = quoted('#kept');
const LATEST = quoted('#latest');

/** SELECT of a plan's groups from raw rows: the answer's columns, then {@link ROWS}. */
export function groupsSql(
  plan: CheckedPlan,
  shape: GroupsShape,
  table: string,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
): string {
  if (asksLatestAlone(shape)) return latestSql(plan, shape, table, parameters);
  const time = quoted(plan.dataset.time);
  const keys = groupKeys(plan, shape, spans, parameters);
  const measures = shape.measures.map(
    (measure) => `${measureSql(measure, time, parameters)} AS ${quoted(measure.name)}`,
  );
  return `
    SELECT ${[...keys.columns, ...measures].join(', ')}, sum(count(*)) OVER () AS ${ROWS}
    FROM ${rowsSql(plan, shape, table, parameters)}
    ${groupBy(keys.columns.length)}`;
}

/** The expressions that tell groups apart, named as they are in the answer. */
export function groupKeys(
  { dataset }: CheckedPlan,
  { bucket, dimensions, kept }: GroupsShape,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
  time = quoted(dataset.time),
): { readonly columns: readonly string[] } {
  const folds = kept?.fold === true;
  const start = bucket === undefined ? [] : [`${bucketStartSql(bucket, time, spans)} AS ${quoted(BUCKET)}`];
  const groups = dimensions.map((field) => {
    const value = fieldSql(field, parameters);
    return `${folds ? `CASE WHEN ${KEPT} THEN ${value} END` : value} AS ${quoted(field.name)}`;
  });
  return { columns: [...start, ...groups, ...(folds ? [`NOT ${KEPT} AS ${quoted(OTHER)}`] : [])] };
}

/** `FROM` of the rows that pass the plan's range, filters and groups, `#kept` beside them where others fold. */
export function rowsSql(
  plan: CheckedPlan,
  { dimensions, kept }: GroupsShape,
  table: string,
  parameters: Parameters,
): string {
  const where = `${timeRangeSql(plan.dataset.time, plan, parameters)} AND ${allSql(plan.filters, parameters)}`;
  if (!kept) return `${table} WHERE ${where}`;
  const isKept = keptSql(kept, dimensions, parameters);
  return kept.fold
    ? `(SELECT *, ${isKept} AS ${KEPT} FROM ${table} WHERE ${where}) AS marked`
    : `${table} WHERE ${where} AND ${isKept}`;
}

export const groupBy = (keys: number): string =>
  keys === 0 ? '' : `GROUP BY ${Array.from({ length: keys }, (_, at) => at + 1).join(', ')}`;

function keptSql({ groups }: KeptGroups, dimensions: readonly Field[], parameters: Parameters): string {
  const each = groups.map((group) => {
    const tests = group.map((value, at) => {
      const field = fieldSql(dimensions[at]!, parameters); // a value a dimension, checked
      return value === null ? `${field} IS NULL` : `${field} IS NOT DISTINCT FROM ${parameters.compared(value)}`;
    });
    return tests.length === 0 ? 'TRUE' : `(${tests.join(' AND ')})`;
  });
  return each.length === 0 ? 'FALSE' : `(${each.join(' OR ')})`;
}

function measureSql({ fn, field, q, type }: CheckedMeasure, time: string, parameters: Parameters): string {
  const value = field && fieldSql(field, parameters);
  return aggregateSql({ fn, value, q, type }, time, parameters);
}

const asksLatestAlone = ({ bucket, kept, measures, dimensions }: GroupsShape): boolean =>
  bucket === undefined &&
  kept === undefined &&
  dimensions.every(({ path }) => path === undefined) &&
  measures.every(({ fn }) => fn === 'last');

/** Many times quicker than an aggregate over all rows: only those of each group's latest time are read once more. */
function latestSql(
  plan: CheckedPlan,
  { dimensions, measures }: GroupsShape,
  table: string,
  parameters: Parameters,
): string {
  const time = quoted(plan.dataset.time);
  const keys = dimensions.map(({ column }) => quoted(column));
  const where = `${timeRangeSql(plan.dataset.time, plan, parameters)} AND ${allSql(plan.filters, parameters)}`;
  const same = [`raw.${time} = edge.${LATEST}`, ...keys.map((key) => `raw.${key} IS NOT DISTINCT FROM edge.${key}`)];
  const values = measures.map(
    ({ field, name }) => `max(${field ? fieldSql(field, parameters) : 'NULL'}) AS ${quoted(name)}`,
  );
  const named = dimensions.map(({ column, name }) => `edge.${quoted(column)} AS ${quoted(name)}`);
  return `
    SELECT ${[...named, ...values].join(', ')}, sum(any_value(edge.${ROWS})) OVER () AS ${ROWS}
    FROM (SELECT * FROM ${table} WHERE ${where}) AS raw
    JOIN (
      SELECT ${[...keys, `max(${time}) AS ${LATEST}`, `count(*) AS ${ROWS}`].join(', ')}
      FROM ${table} WHERE ${where}
      ${groupBy(keys.length)}
    ) AS edge ON ${same.join(' AND ')}
    ${groupBy(keys.length)}`;
}
