import { OffsetSpan } from '#libs/calendar/zone';
import { OTHER } from '#libs/contracts/query-plan';
import { CheckedPlan, GroupsShape } from '../checked-plan';
import { BUCKET } from '../rollup';
import { Merge, RollupUse } from '../rollup-use';
import { numberOfStartSql } from './bucket-sql';
import { Run } from '../dirty-buckets';
import { groupBy, groupKeys, ROWS, rowsSql } from './groups-sql';
import { DIRTY, quoted, TableName } from './identifiers';
import { aggregateSql } from './measure-sql';
import { Parameters } from './parameters';
import { dirtyRowsSql, RawBuckets } from './rollup-sql';
import { TimeRange, WholeBuckets } from '../whole-buckets';

/** A rollup that answers a plan, and which parts of the plan's range take raw rows. */
export interface MergedSource extends WholeBuckets {
  readonly use: RollupUse;
  readonly raw: RawBuckets;
  readonly table: TableName;
  readonly dirtyRuns: readonly Run[];
}

const HIDDEN_ROWS = quoted('#n');
const partial = (measure: number, part: string): string => quoted(`#${measure}${part}`);

/** SELECT of a plan's groups from clean buckets of a rollup and raw rows for the rest; columns as of `groupsSql`. */
export function mergedSql(
  plan: CheckedPlan,
  shape: GroupsShape,
  source: MergedSource,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
): string {
  const { merges } = source.use;
  const keys = keyNames(shape);
  const measures = shape.measures.map(({ name, type }, at) => {
    const merge = merges[at]!; // one a measure
    return `${mergeSql(merge, at, type === 'double')} AS ${quoted(name)}`;
  });
  const parts = [
    rollupPart(plan, shape, source, spans, parameters),
    ...source.ends.map((range) => rawPart(plan, shape, source, spans, parameters, range)),
    ...source.dirtyRuns.map((run) => rawPart(plan, shape, source, spans, parameters, {}, run)),
  ];
  return `
    SELECT ${[...keys, ...measures].join(', ')}, sum(sum(${HIDDEN_ROWS})) OVER () AS ${ROWS}
    FROM (${parts.join(' UNION ALL ')}) AS parts
    ${groupBy(keys.length)}`;
}

const keyNames = ({ bucket, dimensions, kept }: GroupsShape): string[] => [
  ...(bucket === undefined ? [] : [quoted(BUCKET)]),
  ...dimensions.map(({ name }) => quoted(name)),
  ...(kept?.fold ? [quoted(OTHER)] : []),
];

function mergeSql(merge: Merge, at: number, isDouble: boolean): string {
  switch (merge.how) {
    case 'count':
      return `coalesce(sum(${partial(at, '')}), 0)`;
    case 'sum':
      return isDouble ? `fsum(${partial(at, '')})` : `sum(${partial(at, '')})`;
    case 'min':
    case 'max':
      return `${merge.how}(${partial(at, '')})`;
    case 'take':
      return `any_value(${partial(at, '')})`;
    case 'ratio':
      return `fsum(${partial(at, 's')}::DOUBLE) / nullif(sum(${partial(at, 'c')}), 0)`;
  }
}

/** The rollup's columns that a measure merges from, as the outer statement calls them. */
function heldColumns(merges: readonly Merge[]): string[] {
  return merges.flatMap((merge, at) =>
    merge.how === 'ratio'
      ? [`${quoted(merge.sum)} AS ${partial(at, 's')}`, `${quoted(merge.count)} AS ${partial(at, 'c')}`]
      : [`${quoted(merge.column)} AS ${partial(at, '')}`],
  );
}

function rollupPart(
  plan: CheckedPlan,
  shape: GroupsShape,
  { use, raw, table, inside, dirtyRuns }: MergedSource,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
): string {
  const bucket = quoted(BUCKET);
  const asRows = { ...plan, ...inside, dataset: { ...plan.dataset, time: BUCKET } };
  const { columns } = groupKeys(plan, shape, spans, parameters, bucket);
  const clean = dirtyRuns.length === 0 ? '' : `WHERE ${notDirtySql(raw, bucket)}`;
  return `
    SELECT ${[...columns, ...heldColumns(use.merges), `1 AS ${HIDDEN_ROWS}`].join(', ')}
    FROM ${rowsSql(asRows, shape, `(SELECT * FROM ${table.sql} ${clean})`, parameters)}`;
}

/** Whether the bucket that begins at a time is up to date. */
export const notDirtySql = ({ rollupId, bucket }: RawBuckets, start: string): string =>
  `${numberOfStartSql(bucket, start)} NOT IN
    (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${rollupId})`;

function rawPart(
  plan: CheckedPlan,
  shape: GroupsShape,
  { use, raw, inside }: MergedSource,
  spans: readonly OffsetSpan[],
  parameters: Parameters,
  range: TimeRange,
  run?: Run,
): string {
  const time = quoted(plan.dataset.time);
  const { columns } = groupKeys(plan, shape, spans, parameters);
  const measures = use.merges.flatMap((merge, at) => {
    const own = shape.measures[at]!; // one a merge
    const value = own.field && quoted(own.field.column);
    const sql = (fn: typeof own.fn, name: string): string =>
      `${aggregateSql({ fn, value, q: own.q, type: own.field?.type ?? 'int' }, time, parameters)} AS ${partial(at, name)}`;
    return merge.how === 'ratio' ? [sql('sum', 's'), sql('count', 'c')] : [sql(own.fn, '')];
  });
  const rows = run
    ? rowsSql(
        { ...plan, ...inside },
        shape,
        `(SELECT * FROM ${raw.table.sql} WHERE ${dirtyRowsSql(raw, run)})`,
        parameters,
      )
    : rowsSql({ ...plan, ...range }, shape, raw.table.sql, parameters);
  return `
    SELECT ${[...columns, ...measures, `count(*) AS ${HIDDEN_ROWS}`].join(', ')}
    FROM ${rows}
    ${groupBy(columns.length)}`;
}
