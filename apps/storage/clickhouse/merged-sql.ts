import { CheckedMeasure, CheckedPlan, GroupsShape } from '../checked-plan';
import { Bounds } from '../range-bounds';
import { BUCKET } from '../rollup';
import { Merge, RollupUse } from '../rollup-use';
import { WholeBuckets } from '../whole-buckets';
import { fromRows, groupBy, groupKeys, keyNames, measureSql, OWN_ROWS } from './groups-sql';
import { cleanRowsSql, inBucketsSql, notDirtySql, RollupState } from './rollup-sql';
import { SqlValues } from './sql-values';
import { quoted } from './tables';

/** A rollup that answers a plan, and which parts of the plan's range take raw rows. */
export interface MergedSource extends WholeBuckets {
  readonly use: RollupUse;
  readonly state: RollupState;
}

/** The live rows, and the first and last time among them in the range. */
interface RawSource {
  readonly rows: string;
  readonly bounds?: Bounds;
}

const partial = (measure: number, part: string): string => quoted(`#${measure}${part}`);

/** SELECT of a plan's groups from clean buckets of a rollup and raw rows for the rest; columns as of `groupsSql`. */
export function mergedSql(
  plan: CheckedPlan,
  shape: GroupsShape,
  source: MergedSource,
  raw: RawSource,
  values: SqlValues,
): string {
  const { use, state, inside, ends } = source;
  const keys = keyNames(shape);
  const measures = shape.measures.map(({ name, type }, at) => {
    const merge = use.merges[at]!; // one a measure
    return `${mergeSql(merge, at, type === 'double')} AS ${quoted(name)}`;
  });
  const parts = [
    rollupPart(plan, shape, source, raw, values),
    ...ends.map((range) => rawPart({ ...plan, ...range }, shape, use.merges, raw, values)),
  ];
  if (state.dirtyBuckets.length > 0) {
    const dirty = inBucketsSql(plan.dataset.time, use.rollup, state.dirtyBuckets);
    const rows = { ...raw, rows: `(SELECT * FROM ${raw.rows} WHERE ${dirty})` };
    parts.push(rawPart({ ...plan, ...inside }, shape, use.merges, rows, values));
  }
  return `
    SELECT ${[...keys, ...measures, `sum(${quoted('#rows of')}) AS ${OWN_ROWS}`].join(', ')}
    FROM (${parts.join(' UNION ALL ')})
    ${groupBy(keys.length)}`;
}

function mergeSql(merge: Merge, at: number, isDouble: boolean): string {
  switch (merge.how) {
    case 'count':
      return `toInt64(coalesce(sumOrNull(${partial(at, '')}), 0))`;
    case 'sum':
      return `${isDouble ? 'sumKahanOrNull' : 'sumOrNull'}(${partial(at, '')})`;
    case 'min':
    case 'max':
      return `${merge.how}OrNull(${partial(at, '')})`;
    case 'take':
      return `anyOrNull(${partial(at, '')})`;
    case 'ratio':
      return `sumKahanOrNull(toFloat64(${partial(at, 's')})) / nullIf(sumOrNull(${partial(at, 'c')}), 0)`;
  }
}

/** The rollup's columns that a measure merges from, as the outer statement calls them. */
const heldColumns = (merges: readonly Merge[]): string[] =>
  merges.flatMap((merge, at) =>
    merge.how === 'ratio'
      ? [`${quoted(merge.sum)} AS ${partial(at, 's')}`, `${quoted(merge.count)} AS ${partial(at, 'c')}`]
      : [`${quoted(merge.column)} AS ${partial(at, '')}`],
  );

function rollupPart(
  plan: CheckedPlan,
  shape: GroupsShape,
  { use, state, inside }: MergedSource,
  { bounds }: RawSource,
  values: SqlValues,
): string {
  const { by, measures } = use.rollup;
  const columns = [BUCKET, ...by, ...measures.map(({ name }) => name)].map(quoted).join(', ');
  const clean = `(${cleanRowsSql(state, columns)} AND ${notDirtySql(use.rollup, state.dirtyBuckets)})`;
  const asRows = { ...plan, ...inside, dataset: { ...plan.dataset, time: BUCKET } };
  const keys = groupKeys(shape, quoted(BUCKET), bounds, values);
  return `
    SELECT ${[...keys, ...heldColumns(use.merges), `toUInt64(1) AS ${quoted('#rows of')}`].join(', ')}
    FROM ${fromRows(asRows, shape, clean, values)}`;
}

/** Raw rows of the plan's range, as far as a rollup would have made them. */
function rawPart(
  plan: CheckedPlan,
  shape: GroupsShape,
  merges: readonly Merge[],
  { rows, bounds }: RawSource,
  values: SqlValues,
): string {
  const time = quoted(plan.dataset.time);
  const keys = groupKeys(shape, time, bounds, values);
  const measures = merges.flatMap((merge, at) => {
    const own = shape.measures[at]!; // one a merge
    const sql = (fn: CheckedMeasure['fn'], part: string): string =>
      `${measureSql({ ...own, fn, type: fn === own.fn ? own.type : (own.field?.type ?? 'int') }, time, values)} AS ${partial(at, part)}`;
    return merge.how === 'ratio' ? [sql('sum', 's'), sql('count', 'c')] : [sql(own.fn, '')];
  });
  return `
    SELECT ${[...keys, ...measures, `count() AS ${quoted('#rows of')}`].join(', ')}
    FROM ${fromRows(plan, shape, rows, values)}
    ${groupBy(keys.length)}`;
}
