import { DuckDBConnection } from '@duckdb/node-api';
import { aboutUs, bucketOf } from '#libs/calendar/bucket';
import { OffsetSpan } from '#libs/calendar/zone';
import { MaterializedRollup } from '#libs/contracts/storage.contract';
import { CheckedPlan, GroupsShape } from '../checked-plan';
import { columnNamed } from '../dataset';
import { measureType } from '../measures';
import { BUCKET } from '../rollup';
import { bestRollupUse, RollupUse } from '../rollup-use';
import { numberOfStartSql, spansOver } from './bucket-sql';
import { KeptDataset, KeptRollup } from './catalog';
import { bucketRuns, Run, runRange } from '../dirty-buckets';
import { dirtyBucketsIn } from './dirty-in-range';
import { DIRTY, quoted } from './identifiers';
import { mergedSql } from './merged-sql';
import { Parameters } from './parameters';
import { rawBuckets } from './questions';
import { dirtyBucketsSql, dirtyInRunSql, SqlAndValues } from './rollup-sql';
import { inTransaction } from './transaction';

/** With more dirty buckets than these a finer rollup saves nothing. */
const PARENT_DIRTY_MAX = 500;

/**
 * Recomputes the newest dirty buckets, in one transaction with the clearing of their dirt: from a finer rollup where that
 * says exactly what raw rows would (and for its own dirty buckets from those), else from raw rows.
 */
export async function materializeRollup(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  rollup: KeptRollup,
  maxBuckets: number,
): Promise<MaterializedRollup> {
  const { id, definition, table, dirty } = rollup;
  const chosen = [...dirty].sort((a, b) => b - a).slice(0, maxBuckets);
  const oldest = chosen.at(-1);
  if (oldest === undefined) return { refreshed: 0, remaining: 0 };
  const bucket = bucketOf(definition);
  const isChosen = `${numberOfStartSql(bucket, quoted(BUCKET))} IN (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = $1 AND bucket >= $2)`;
  const runs = bucketRuns(bucket, chosen.reverse());
  await inTransaction(connection, async () => {
    const [fresh, values] = await freshSql(connection, dataset, rollup, runs);
    await connection.run(`DELETE FROM ${table.sql} WHERE ${isChosen}`, [id, BigInt(oldest)]);
    await connection.run(`INSERT INTO ${table.sql} ${fresh}`, values);
    await connection.run(`DELETE FROM ${DIRTY.sql} WHERE rollup_id = $1 AND bucket >= $2`, [id, BigInt(oldest)]);
  });
  for (const bucket of chosen) dirty.delete(bucket);
  return { refreshed: chosen.length, remaining: dirty.size };
}

/** SELECT of the rollup's rows for the dirty buckets of some runs. */
async function freshSql(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  rollup: KeptRollup,
  runs: readonly Run[],
): Promise<SqlAndValues> {
  const parameters = new Parameters();
  const plan = planOf(dataset, rollup);
  const bucket = bucketOf(rollup.definition);
  const finer = [...dataset.rollups.values()]
    .map(({ definition }) => definition)
    .filter((one) => aboutUs(bucketOf(one)) < aboutUs(bucket));
  const parts: string[] = [];
  for (const run of runs) {
    const { fromUs, toUs } = runRange(bucket, run);
    const spans = spansOver(bucket, fromUs, toUs);
    const use = bestRollupUse(plan, plan.shape, finer, spans);
    const parent = use && dataset.rollups.get(use.rollup.name);
    const part =
      use &&
      parent &&
      (await runFromParent(connection, { dataset, rollup, plan, use, parent, run, spans, parameters }));
    parts.push(part ?? dirtyBucketsSql(rawBuckets(dataset, rollup), [run], parameters));
  }
  return [parts.join(' UNION ALL '), parameters.values];
}

interface FromParent {
  readonly dataset: KeptDataset;
  readonly rollup: KeptRollup;
  readonly plan: CheckedPlan & { readonly shape: GroupsShape };
  readonly use: RollupUse;
  readonly parent: KeptRollup;
  readonly run: Run;
  readonly spans: readonly OffsetSpan[];
  readonly parameters: Parameters;
}

async function runFromParent(
  connection: DuckDBConnection,
  { dataset, rollup, plan, use, parent, run, spans, parameters }: FromParent,
): Promise<string | undefined> {
  const bucket = bucketOf(rollup.definition);
  const inside = runRange(bucket, run);
  const dirty = await dirtyBucketsIn(connection, parent, inside);
  if (dirty.count > PARENT_DIRTY_MAX) return undefined;
  const source = {
    use,
    raw: rawBuckets(dataset, parent),
    table: parent.table,
    inside,
    ends: [],
    dirtyRuns: dirty.runs,
  };
  const merged = mergedSql({ ...plan, ...inside }, plan.shape, source, spans, parameters);
  const { by, measures } = rollup.definition;
  const columns = [BUCKET, ...by, ...measures.map(({ name }) => name)].map(quoted);
  return `
    SELECT ${columns.join(', ')} FROM (${merged}) AS merged
    WHERE ${numberOfStartSql(bucket, quoted(BUCKET))} IN ${dirtyInRunSql(rollup.id, run)}`;
}

/** The question that a rollup answers. */
function planOf({ definition }: KeptDataset, { definition: rollup }: KeptRollup): FromParent['plan'] {
  const fieldOf = (column: string): GroupsShape['dimensions'][number] => ({
    name: column,
    column,
    type: columnNamed(definition, column)?.type ?? 'string',
  });
  const shape: GroupsShape = {
    kind: 'groups',
    bucket: bucketOf(rollup),
    dimensions: rollup.by.map(fieldOf),
    measures: rollup.measures.map(({ name, fn, column, q }) => {
      const field = column === undefined ? undefined : fieldOf(column);
      return { name, fn, field, q, type: measureType(fn, field?.type) };
    }),
  };
  return { dataset: definition, shape, columns: [], filters: [], having: [], order: [], limit: 1, position: [] };
}
