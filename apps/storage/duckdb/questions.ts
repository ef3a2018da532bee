import { DuckDBConnection, DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import { bucketOf } from '#libs/calendar/bucket';
import { OffsetSpan } from '#libs/calendar/zone';
import { QueryPlan, QueryRows, ResultColumn, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { CheckedPlan, checkPlan, GroupsShape } from '../checked-plan';
import { Bounds, coverageOf, spansOf } from '../range-bounds';
import { bestRollupUse, DIRTY_MAX, RollupUse } from '../rollup-use';
import { placeOf } from '../row-position';
import { wholeBuckets } from '../whole-buckets';
import { answerRowAt, answerRows, firstAnswerRows } from './answer';
import { Catalog, KeptDataset, KeptRollup } from './catalog';
import { dirtyBucketsIn } from './dirty-in-range';
import { quoted } from './identifiers';
import { MergedSource } from './merged-sql';
import { planSql, PlanSource } from './plan-sql';
import { RawBuckets } from './rollup-sql';
import { chunkSpans, resultOf, rowsOf } from './transaction';

/** Behind the answer's columns of groups: how many rows they were computed from. */
const COUNTED: ResultColumn = { name: 'rows', type: 'int' };

interface Chosen {
  readonly source: PlanSource;
  readonly usedRollup?: string;
  readonly repairedBuckets: number;
}

interface Prepared extends Omit<Chosen, 'source'> {
  readonly checked: CheckedPlan;
  readonly bounds?: Bounds;
  readonly sql: string;
  readonly values: DuckDBValue[];
}

/**
 * Answers a plan in the snapshot of `connection`'s transaction. `version` is the dataset's from before the snapshot was
 * taken: a change between the two then makes an answer look older than it is, and never newer.
 */
export async function answerPlan(
  connection: DuckDBConnection,
  catalog: Catalog,
  plan: QueryPlan,
  version: string,
): Promise<QueryRows> {
  const { checked, bounds, sql, values, ...chosen } = await prepare(connection, catalog, plan, version);
  const result = await resultOf(connection, sql, values);
  const { columns, position } = checked;
  const counted =
    checked.shape.kind === 'groups'
      ? Number(answerRowAt(result, [COUNTED], 0, columns.length)?.[0] ?? 0)
      : result.rowCount;
  const truncated = result.rowCount > plan.limit;
  const last = plan.page && truncated && answerRowAt(result, position, plan.limit - 1, columns.length);
  return {
    columns: [...columns],
    rows: firstAnswerRows(result, columns, plan.limit),
    truncated,
    ...(last ? { next: placeOf(last) } : {}),
    rowsScanned: counted,
    coverage: coverageOf(checked, bounds),
    asOf: new Date().toISOString(),
    dataVersion: version,
    ...chosen,
  };
}

/** Whether a plan takes one statement, on raw rows alone: all that is known beside them is of the dataset as it is now. */
export function isOneStatement(dataset: KeptDataset, plan: QueryPlan): boolean {
  const { bounds, definition, rollups, version } = dataset;
  if (bounds?.version !== version || plan.rollup !== undefined) return false;
  if (rollups.size === 0 || plan.raw === true) return true;
  const checked = checkPlan(plan, definition);
  return checked.shape.kind !== 'groups' || !useOf(dataset, checked, checked.shape, spansOf(checked, bounds.bounds));
}

/** All rows of a plan in the snapshot of `connection`'s transaction, as the engine comes to them. */
export async function* streamPlan(
  connection: DuckDBConnection,
  catalog: Catalog,
  plan: RowsPlan,
): AsyncGenerator<RowsPart> {
  const { checked, sql, values } = await prepare(connection, catalog, plan, catalog.dataset(plan).version);
  const columns = [...checked.columns];
  const result = await connection.stream(sql, values);
  let isEmpty = true;
  for await (const span of chunkSpans(result)) {
    isEmpty = false;
    yield { columns, rows: answerRows(span, columns) };
  }
  if (isEmpty) yield { columns, rows: [] };
}

async function prepare(
  connection: DuckDBConnection,
  catalog: Catalog,
  plan: RowsPlan | QueryPlan,
  version: string,
): Promise<Prepared> {
  const dataset = catalog.dataset(plan);
  const rollup = plan.rollup === undefined ? undefined : catalog.rollup({ ...plan, rollup: plan.rollup }).rollup;
  const checked = checkPlan(plan, dataset.definition, rollup?.definition);
  const bounds = await boundsOf(connection, dataset, version);
  const spans = spansOf(checked, bounds);
  const { source, ...chosen } = rollup
    ? await namedRollup(connection, dataset, rollup, checked)
    : await bestSource(connection, dataset, checked, spans, plan.raw === true);
  const [sql, values] = planSql(checked, source);
  return { checked, bounds, sql, values, ...chosen };
}

async function namedRollup(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  rollup: KeptRollup,
  checked: CheckedPlan,
): Promise<Chosen> {
  const dirty = await dirtyBucketsIn(connection, rollup, checked);
  const named = { table: rollup.table, raw: rawBuckets(dataset, rollup), dirtyRuns: dirty.runs };
  return {
    source: { table: dataset.table, rollup: named, spans: [] },
    usedRollup: rollup.definition.name,
    repairedBuckets: dirty.count,
  };
}

async function bestSource(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  checked: CheckedPlan,
  spans: readonly OffsetSpan[],
  raw: boolean,
): Promise<Chosen> {
  const source = { table: dataset.table, spans };
  const fromRaw: Chosen = { source, repairedBuckets: 0 };
  if (raw || checked.shape.kind !== 'groups') return fromRaw;
  const use = useOf(dataset, checked, checked.shape, spans);
  const rollup = use && dataset.rollups.get(use.rollup.name);
  if (!use || !rollup) return fromRaw;
  const parts = wholeBuckets(checked, bucketOf(use.rollup), dataset.keptFromUs);
  if (!parts) return fromRaw;
  const dirty = await dirtyBucketsIn(connection, rollup, parts.inside);
  if (dirty.count > DIRTY_MAX) return fromRaw;
  const merged: MergedSource = {
    use,
    raw: rawBuckets(dataset, rollup),
    table: rollup.table,
    ...parts,
    dirtyRuns: dirty.runs,
  };
  return { source: { ...source, merged }, usedRollup: use.rollup.name, repairedBuckets: dirty.count };
}

const useOf = (
  { rollups, keptFromUs }: KeptDataset,
  checked: CheckedPlan,
  shape: GroupsShape,
  spans: readonly OffsetSpan[],
): RollupUse | undefined =>
  bestRollupUse(
    checked,
    shape,
    [...rollups.values()].map(({ definition }) => definition),
    spans,
    keptFromUs,
  );

export const rawBuckets = ({ definition, table }: KeptDataset, { id, definition: rollup }: KeptRollup): RawBuckets => ({
  dataset: definition,
  table,
  rollupId: id,
  bucket: bucketOf(rollup),
  by: rollup.by,
  measures: rollup.measures,
});

/** The first and last time that a dataset holds; remembered until it changes. */
async function boundsOf(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  version: string,
): Promise<Bounds | undefined> {
  if (dataset.bounds?.version === version) return dataset.bounds.bounds;
  const time = quoted(dataset.definition.time);
  const [row] = await rowsOf(connection, `SELECT min(${time}), max(${time}) FROM ${dataset.table.sql}`);
  const [first, last] = row ?? [];
  const bounds =
    first instanceof DuckDBTimestampValue && last instanceof DuckDBTimestampValue
      ? { first: first.micros, last: last.micros }
      : undefined;
  dataset.bounds = { version, bounds };
  return bounds;
}
