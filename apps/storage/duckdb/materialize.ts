import { DuckDBConnection } from '@duckdb/node-api';
import { MaterializedRollup } from '#libs/contracts/storage.contract';
import { CheckedPlan, GroupsShape } from '../checked-plan';
import { columnNamed } from '../dataset';
import { measureType } from '../measures';
import { BUCKET } from '../rollup';
import { bestRollupUse, RollupUse } from '../rollup-use';
import { bucketNumberSql } from './bucket-sql';
import { KeptDataset, KeptRollup } from './catalog';
import { Run, runsOf } from '../dirty-buckets';
import { dirtyBucketsIn } from './dirty-in-range';
import { DIRTY, quoted } from './identifiers';
import { mergedSql } from './merged-sql';
import { Parameters } from './parameters';
import { rawBuckets } from './questions';
import { dirtyBucketsSql, SqlAndValues } from './rollup-sql';
import { inTransaction } from './transaction';

const RUNS_MAX = 16;
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
  const widthUs = BigInt(definition.bucketMs) * 1_000n;
  const isChosen = `${bucketNumberSql(quoted(BUCKET), widthUs)} IN (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = $1 AND bucket >= $2)`;
  const runs = runsOf(chosen.reverse(), 1, RUNS_MAX);
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
  const finer = [...dataset.rollups.values()].filter(
    ({ definition }) => definition.bucketMs < rollup.definition.bucketMs,
  );
  const use = bestRollupUse(
    plan,
    plan.shape,
    finer.map(({ definition }) => definition),
    [],
  );
  const parent = use && dataset.rollups.get(use.rollup.name);
  const parts: string[] = [];
  for (const run of runs) {
    const part =
      use && parent && (await runFromParent(connection, { dataset, rollup, plan, use, parent, run, parameters }));
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
  readonly parameters: Parameters;
}

async function runFromParent(
  connection: DuckDBConnection,
  { dataset, rollup, plan, use, parent, run, parameters }: FromParent,
): Promise<string | undefined> {
  const widthUs = BigInt(rollup.definition.bucketMs) * 1_000n;
  const inside = { fromUs: BigInt(run.from) * widthUs, toUs: BigInt(run.to + 1) * widthUs };
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
  const merged = mergedSql({ ...plan, ...inside }, plan.shape, source, [], parameters);
  const { by, measures } = rollup.definition;
  const columns = [BUCKET, ...by, ...measures.map(({ name }) => name)].map(quoted);
  return `
    SELECT ${columns.join(', ')} FROM (${merged}) AS merged
    WHERE ${bucketNumberSql(quoted(BUCKET), widthUs)} IN
      (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = ${rollup.id} AND bucket BETWEEN ${run.from} AND ${run.to})`;
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
    bucket: { kind: 'fixed', widthUs: BigInt(rollup.bucketMs) * 1_000n },
    dimensions: rollup.by.map(fieldOf),
    measures: rollup.measures.map(({ name, fn, column, q }) => {
      const field = column === undefined ? undefined : fieldOf(column);
      return { name, fn, field, q, type: measureType(fn, field?.type) };
    }),
  };
  return { dataset: definition, shape, columns: [], filters: [], having: [], order: [], limit: 1, position: [] };
}
