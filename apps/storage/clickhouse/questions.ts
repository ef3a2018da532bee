import { EntityManager } from 'typeorm';
import { bucketOf } from '#libs/calendar/bucket';
import { OffsetSpan } from '#libs/calendar/zone';
import { QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { CheckedPlan, checkPlan, GroupsShape } from '../checked-plan';
import { numberStepUs } from '../dirty-buckets';
import { findPlan } from '../find-plan';
import { Bounds, coverageOf, spansOf } from '../range-bounds';
import { bestRollupUse, DIRTY_MAX, RollupUse } from '../rollup-use';
import { placeOf } from '../row-position';
import { TimeRange, wholeBuckets } from '../whole-buckets';
import { answerRow } from './answer';
import { BookedRollup, Books, Snapshot } from './books';
import { ClickHouse } from './click-house';
import { allSql } from './filter-sql';
import { MergedSource } from './merged-sql';
import { planSql } from './plan-sql';
import { RollupState } from './rollup-sql';
import { SqlValues } from './sql-values';
import { quoted } from './tables';
import { liveRows } from './visible';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const APPEND_IDS = `SELECT append_no, append_id FROM storage.appends WHERE dataset_id = $1 AND append_no = ANY($2)`;

interface Prepared {
  readonly snapshot: Snapshot;
  readonly checked: CheckedPlan;
  readonly bounds?: Bounds;
  readonly usedRollup?: string;
  readonly repairedBuckets: number;
  readonly sql: string;
  readonly values: SqlValues;
}

/** What the books say of a plan, all of one moment. */
interface Booked {
  readonly snapshot: Snapshot;
  readonly checked: CheckedPlan;
  readonly bounds?: Bounds;
  readonly rollup?: RollupState;
  readonly merged?: MergedSource;
  readonly usedRollup?: string;
}

/** Reads, each on one snapshot of the books. */
export class Questions {
  /** By the number of a dataset. */
  private readonly known = new Map<number, { readonly version: string; readonly bounds: Bounds | undefined }>();

  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
  ) {}

  async query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    const { snapshot, checked, bounds, sql, values, ...chosen } = await this.prepare(plan, signal);
    const rows = await this.clickHouse.rows(sql, values, signal);
    const { columns, position } = checked;
    const truncated = rows.length > plan.limit;
    const last = rows[plan.limit - 1];
    return {
      columns: [...columns],
      rows: rows.slice(0, plan.limit).map((row) => answerRow(row.slice(0, columns.length), columns)),
      truncated,
      ...(plan.page && truncated && last ? { next: placeOf(answerRow(last.slice(columns.length), position)) } : {}),
      rowsScanned: checked.shape.kind === 'groups' ? Number(rows[0]?.at(-1) ?? 0) : rows.length,
      coverage: coverageOf(checked, bounds),
      asOf: new Date().toISOString(),
      dataVersion: snapshot.version,
      ...chosen,
    };
  }

  /** All rows of a plan, as the engine comes to them; one part at least. */
  async *stream(plan: RowsPlan, signal?: AbortSignal): AsyncGenerator<RowsPart> {
    const { checked, sql, values } = await this.prepare(plan, signal);
    const columns = [...checked.columns];
    let isFirst = true;
    for await (const rows of this.clickHouse.parts(sql, values, signal)) {
      yield { columns, rows: rows.map((row) => answerRow(row.slice(0, columns.length), columns)) };
      isFirst = false;
    }
    if (isFirst) yield { columns, rows: [] };
  }

  private async prepare(plan: RowsPlan | QueryPlan, signal?: AbortSignal): Promise<Prepared> {
    const { rollup, merged, usedRollup, ...booked } = await this.booked(plan, signal);
    const { snapshot, checked } = booked;
    const bounds = booked.bounds ?? (await this.boundsOf(snapshot, checked, signal));
    return {
      snapshot,
      checked,
      bounds,
      ...(usedRollup === undefined ? {} : { usedRollup }),
      repairedBuckets: (rollup ?? merged?.state)?.dirtyBuckets.length ?? 0,
      ...planSql(checked, { rows: liveRows(snapshot), bounds, rollup, merged }),
    };
  }

  /** A rollup's build and its dirt are of one moment: else a bucket could be read from the build before its dirt was cleared. */
  private async booked(plan: RowsPlan | QueryPlan, signal?: AbortSignal): Promise<Booked> {
    const name = plan.rollup;
    if (name === undefined) return this.unasked(plan, signal);
    return this.books.atOnce(async (tx) => {
      const snapshot = await this.books.snapshot(plan, tx);
      const rollup = this.books.rollup(snapshot, { ...plan, rollup: name });
      const checked = checkPlan(plan, snapshot.definition, rollup.definition);
      return { snapshot, checked, rollup: await this.stateOf(rollup, checked, tx), usedRollup: name };
    });
  }

  /** Raw rows, and the rollup that says what they would where there is one. */
  private async unasked(plan: RowsPlan | QueryPlan, signal?: AbortSignal): Promise<Booked> {
    const snapshot = await this.books.snapshot(plan);
    const checked = checkPlan(plan, snapshot.definition);
    if (plan.raw === true || checked.shape.kind !== 'groups') return { snapshot, checked };
    if (!useOf(snapshot, checked, checked.shape, [])) return { snapshot, checked };
    return this.books.atOnce((tx) => this.withRollup(plan, tx, signal));
  }

  private async withRollup(
    plan: RowsPlan | QueryPlan,
    tx: EntityManager,
    signal: AbortSignal | undefined,
  ): Promise<Booked> {
    const snapshot = await this.books.snapshot(plan, tx);
    const checked = checkPlan(plan, snapshot.definition);
    if (checked.shape.kind !== 'groups') return { snapshot, checked };
    const bounds = await this.boundsOf(snapshot, checked, signal);
    const raw = { snapshot, checked, bounds };
    const use = useOf(snapshot, checked, checked.shape, spansOf(checked, bounds));
    const rollup = use && snapshot.rollups.get(use.rollup.name);
    const whole = use && wholeBuckets(checked, bucketOf(use.rollup), snapshot.keptFromUs);
    if (!use || !rollup || !whole) return raw;
    const state = await this.stateOf(rollup, whole.inside, tx);
    if (state.dirtyBuckets.length > DIRTY_MAX) return raw;
    return { ...raw, merged: { use, state, ...whole }, usedRollup: use.rollup.name };
  }

  async find(request: FindRows, signal?: AbortSignal): Promise<FoundRows> {
    const snapshot = await this.books.snapshot(request);
    const plan = findPlan(snapshot.definition, request);
    const values = new SqlValues();
    const sql = `
      SELECT _append, _row, ${plan.columns.map(({ name }) => quoted(name)).join(', ')}
      FROM ${liveRows(snapshot)} WHERE ${allSql(plan.filters, values)}
      ORDER BY ${quoted(snapshot.definition.time)} DESC LIMIT ${request.limit}`;
    const rows = await this.clickHouse.rows(sql, values, signal);
    const numbers = rows.map(([appendNo]) => String(appendNo));
    const known = await this.books.database.query<{ append_no: string; append_id: string }[]>(APPEND_IDS, [
      snapshot.id,
      numbers,
    ]);
    const idOf = new Map(known.map(({ append_no, append_id }) => [append_no, append_id]));
    return {
      columns: [...plan.columns],
      rows: rows.map((row) => answerRow(row.slice(2), plan.columns)),
      origins: rows.map(([appendNo, row]) => ({ appendId: idOf.get(String(appendNo)) ?? '', row: Number(row) })),
    };
  }

  /** The first and last time in the asked range; undefined when no row lies there. */
  private async boundsOf(
    snapshot: Snapshot,
    { fromUs, toUs }: CheckedPlan,
    signal?: AbortSignal,
  ): Promise<Bounds | undefined> {
    const all = await this.allBounds(snapshot, signal);
    if (!all) return undefined;
    const bounds = {
      first: fromUs !== undefined && fromUs > all.first ? fromUs : all.first,
      last: toUs !== undefined && toUs < all.last ? toUs : all.last,
    };
    return bounds.first > bounds.last ? undefined : bounds;
  }

  /** The first and last time of all; remembered until the dataset changes. */
  private async allBounds(snapshot: Snapshot, signal?: AbortSignal): Promise<Bounds | undefined> {
    const { id, version, definition } = snapshot;
    const known = this.known.get(id);
    if (known?.version === version) return known.bounds;
    const time = quoted(definition.time);
    const sql = `SELECT min(${time}), max(${time}), count() FROM ${liveRows(snapshot)}`;
    const [row] = await this.clickHouse.rows(sql, undefined, signal);
    const bounds =
      !row || Number(row[2]) === 0 ? undefined : { first: BigInt(String(row[0])), last: BigInt(String(row[1])) };
    this.known.set(id, { version, bounds });
    return bounds;
  }

  private async stateOf(
    { id, lastBuild, definition }: BookedRollup,
    { fromUs, toUs }: TimeRange,
    tx: EntityManager,
  ): Promise<RollupState> {
    const stepUs = numberStepUs(bucketOf(definition));
    const from = fromUs === undefined ? INT64_MIN : ceiling(fromUs, stepUs);
    const to = toUs === undefined ? INT64_MAX : ceiling(toUs, stepUs);
    return { id, lastBuild, dirtyBuckets: await this.books.dirtyBuckets(id, from, to, tx) };
  }
}

const useOf = (
  { rollups, keptFromUs }: Snapshot,
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

function ceiling(value: bigint, width: bigint): bigint {
  const below = ((value % width) + width) % width;
  return (value - below) / width + (below === 0n ? 0n : 1n);
}
