import { aboutUs, bucketOf, nests, sameBucket } from '#libs/calendar/bucket';
import { OffsetSpan } from '#libs/calendar/zone';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { CheckedFilter } from '#libs/query/checked-filter';
import { CheckedMeasure, CheckedPlan, GroupsShape } from './checked-plan';
import { columnNamed, Dataset } from './dataset';
import { Rollup } from './rollup';
import { wholeBuckets } from './whole-buckets';

/** How a measure of an answer comes of a rollup's columns, over the rollup's rows that fall in one group of it. */
export type Merge =
  | { readonly how: 'count' | 'sum' | 'min' | 'max' | 'take'; readonly column: string }
  | { readonly how: 'ratio'; readonly sum: string; readonly count: string };

/** A rollup that says just what raw rows would, and for each measure of the plan how. */
export interface RollupUse {
  readonly rollup: Rollup;
  readonly merges: readonly Merge[];
}

/** With more dirty buckets than these in its range a rollup saves nothing. */
export const DIRTY_MAX = 1_000;

/**
 * Whether `rollup` answers a plan exactly: its buckets make up the plan's, it tells apart all that the plan groups and
 * filters by, and each measure merges from what it holds. `spans` are the offsets of a calendar bucket's zone over the
 * plan's range. Whole buckets alone can come of it; the range's ends and dirty buckets take raw rows.
 */
export function rollupUse(
  { dataset, filters }: CheckedPlan,
  shape: GroupsShape,
  rollup: Rollup,
  spans: readonly OffsetSpan[],
): RollupUse | undefined {
  const by = new Set(rollup.by);
  const fields = [...shape.dimensions, ...filters.flatMap(fieldsOf)];
  if (fields.some(({ column, path }) => path !== undefined || !by.has(column))) return undefined;
  if (shape.bucket && !nests(bucketOf(rollup), shape.bucket, spans)) return undefined;
  const oneRowEach = isOneRowEach(shape, rollup);
  const merges = shape.measures.map((measure) => mergeOf(dataset, rollup, measure, oneRowEach));
  if (merges.some((merge) => merge === undefined)) return undefined;
  return { rollup, merges: merges.filter((merge) => merge !== undefined) };
}

/**
 * The rollup with the fewest rows to read among those that answer the plan and have a whole bucket in its range, of a time
 * whose rows are kept still.
 */
export function bestRollupUse(
  plan: CheckedPlan,
  shape: GroupsShape,
  rollups: Iterable<Rollup>,
  spans: readonly OffsetSpan[],
  keptFromUs?: bigint,
): RollupUse | undefined {
  const uses = [...rollups]
    .filter((rollup) => wholeBuckets(plan, bucketOf(rollup), keptFromUs) !== undefined)
    .map((rollup) => rollupUse(plan, shape, rollup, spans))
    .filter((use) => use !== undefined);
  return uses.sort(
    ({ rollup: one }, { rollup: other }) =>
      Number(aboutUs(bucketOf(other)) - aboutUs(bucketOf(one))) || one.by.length - other.by.length,
  )[0];
}

/** Whether each group of the answer is one row of the rollup, so that nothing has to merge. */
function isOneRowEach({ bucket, dimensions, kept }: GroupsShape, rollup: Rollup): boolean {
  const told = new Set(dimensions.map(({ column }) => column));
  return (
    bucket !== undefined &&
    sameBucket(bucket, bucketOf(rollup)) &&
    kept?.fold !== true &&
    rollup.by.every((column) => told.has(column))
  );
}

function mergeOf(
  dataset: Dataset,
  rollup: Rollup,
  { fn, field, q }: CheckedMeasure,
  oneRowEach: boolean,
): Merge | undefined {
  if (field?.path) return undefined;
  const held = (wanted: PlanMeasure['fn'], column: string | undefined): string | undefined =>
    rollup.measures.find((one) => one.fn === wanted && one.column === column && (wanted !== 'quantile' || one.q === q))
      ?.name;
  const counted = (column: string): string | undefined =>
    held('count', column) ?? (columnNamed(dataset, column)?.nullable === false ? held('count', undefined) : undefined);
  const own = fn === 'count' && field ? counted(field.column) : held(fn, field?.column);
  if (own !== undefined && oneRowEach) return { how: 'take', column: own };
  if (own !== undefined && (fn === 'count' || fn === 'sum' || fn === 'min' || fn === 'max'))
    return { how: fn, column: own };
  if (fn !== 'avg' || !field) return undefined;
  const sum = held('sum', field.column);
  const count = counted(field.column);
  return sum === undefined || count === undefined ? undefined : { how: 'ratio', sum, count };
}

function fieldsOf(filter: CheckedFilter): { readonly column: string; readonly path?: unknown }[] {
  switch (filter.kind) {
    case 'test':
      return [filter.field];
    case 'not':
      return fieldsOf(filter.node);
    case 'and':
    case 'or':
      return filter.nodes.flatMap(fieldsOf);
  }
}
