import { CheckedPlan } from '../checked-plan';
import { Bounds } from '../range-bounds';
import { BUCKET } from '../rollup';
import { fieldSql } from './field-sql';
import { allSql } from './filter-sql';
import { groupsSql, OWN_ROWS, timeRangeSql } from './groups-sql';
import { MergedSource, mergedSql } from './merged-sql';
import { RollupState, rollupRowsSql } from './rollup-sql';
import { SqlValues } from './sql-values';
import { quoted } from './tables';

/** Where a plan's rows are, and for a rollup which of its buckets are answered from raw rows. */
export interface PlanSource {
  /** The live rows, as a table to select from. */
  readonly rows: string;
  /** First and last time among them in the range, for calendar buckets. */
  readonly bounds?: Bounds;
  /** The rollup that is asked by its name. */
  readonly rollup?: RollupState;
  /** The rollup that says what raw rows would. */
  readonly merged?: MergedSource;
}

const ROWS = quoted('#rows');

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
      const groups = source.merged
        ? mergedSql(plan, shape, source.merged, source, values)
        : groupsSql(plan, shape, source.rows, source.bounds, values);
      return `
        SELECT ${columns}, ${ROWS}
        FROM (SELECT *, sum(${OWN_ROWS}) OVER () AS ${ROWS} FROM (${groups}))
        WHERE ${allSql(plan.having, values)}`;
    }
    case 'rollup': {
      const columns = shape.fields.map(({ column }) => quoted(column)).join(', ');
      if (!source.rollup) throw new TypeError('A plan over a rollup needs the table of the rollup.');
      return `SELECT ${columns} FROM (${rollupRowsSql(dataset, shape.rollup, source.rollup, source.rows)}) WHERE ${inRange(BUCKET)}`;
    }
  }
}
