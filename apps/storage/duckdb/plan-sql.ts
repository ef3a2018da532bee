import { OffsetSpan } from '#libs/calendar/zone';
import { CheckedPlan, GroupsShape } from '../checked-plan';
import { BUCKET } from '../rollup';
import { Run } from '../dirty-buckets';
import { fieldSql } from './field-sql';
import { allSql } from './filter-sql';
import { groupsSql, ROWS } from './groups-sql';
import { quoted, TableName } from './identifiers';
import { MergedSource, mergedSql, notDirtySql } from './merged-sql';
import { Parameters } from './parameters';
import { dirtyBucketsSql, RawBuckets, SqlAndValues } from './rollup-sql';
import { timeRangeSql } from './time-range-sql';

/** Where a plan's rows are. */
export interface PlanSource {
  readonly table: TableName;
  /** The rollup that is asked by its name, and which of its buckets are answered from raw rows. */
  readonly rollup?: { readonly table: TableName; readonly raw: RawBuckets; readonly dirtyRuns: readonly Run[] };
  /** The rollup that says what raw rows would. */
  readonly merged?: MergedSource;
  /** Offsets of the bucket's zone over the plan's range. */
  readonly spans: readonly OffsetSpan[];
}

/**
 * A checked plan as this engine's SQL. One row more than the limit is asked for, to tell whether it cut the answer. Groups
 * carry one more column: the number of rows that they were computed from.
 */
export function planSql(plan: CheckedPlan, source: PlanSource): SqlAndValues {
  const parameters = new Parameters();
  const select = selectSql(plan, source, parameters);
  const order = plan.order.map(({ by, descending }) => `${quoted(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`);
  const ordered = order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`;
  const limited = plan.limit === undefined ? '' : `LIMIT ${plan.limit + 1}`;
  return [`${select} ${ordered} ${limited}`, parameters.values];
}

function selectSql(plan: CheckedPlan, source: PlanSource, parameters: Parameters): string {
  const { shape, dataset } = plan;
  switch (shape.kind) {
    case 'rows': {
      // The order may name columns that the answer leaves out.
      const columns = shape.fields.map((field) => `${fieldSql(field, parameters)} AS ${quoted(field.name)}`);
      const position = plan.position.map(({ name }, at) => `${quoted(name)} AS ${quoted(`#${at}`)}`);
      return `
        SELECT ${[...columns, ...position].join(', ')} FROM ${source.table.sql}
        WHERE ${timeRangeSql(dataset.time, plan, parameters)} AND ${allSql(plan.filters, parameters)}`;
    }
    case 'groups':
      return groupedSql(plan, shape, source, parameters);
    case 'rollup': {
      const columns = shape.fields.map(({ column }) => quoted(column)).join(', ');
      const names = shape.asDataset.columns.map(({ name }) => quoted(name)).join(', ');
      return `
        SELECT ${columns} FROM (${rollupRowsSql(names, source, parameters)}) AS rows
        WHERE ${timeRangeSql(BUCKET, plan, parameters)} AND ${allSql(plan.filters, parameters)}`;
    }
  }
}

function groupedSql(plan: CheckedPlan, shape: GroupsShape, source: PlanSource, parameters: Parameters): string {
  const { table, merged, spans } = source;
  const groups = merged
    ? mergedSql(plan, shape, merged, spans, parameters)
    : groupsSql(plan, shape, table.sql, spans, parameters);
  const columns = plan.columns.map(({ name }) => quoted(name));
  return `SELECT ${[...columns, ROWS].join(', ')} FROM (${groups}) AS answer WHERE ${allSql(plan.having, parameters)}`;
}

/** The rollup's rows of clean buckets beside fresh ones for its dirty buckets: always what raw rows would say. */
export function rollupRowsSql(names: string, { rollup }: PlanSource, parameters: Parameters): string {
  if (!rollup) throw new TypeError('A plan over a rollup needs the table of the rollup.');
  const all = `SELECT ${names} FROM ${rollup.table.sql}`;
  if (rollup.dirtyRuns.length === 0) return all;
  return `
    ${all} WHERE ${notDirtySql(rollup.raw, quoted(BUCKET))}
    UNION ALL ${dirtyBucketsSql(rollup.raw, rollup.dirtyRuns, parameters)}`;
}
