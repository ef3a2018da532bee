import { bucketOf } from '#libs/calendar/bucket';
import { EntityManager } from 'typeorm';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { Coverage, QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { CheckedPlan, checkPlan } from '../checked-plan';
import { numberStepUs } from '../dirty-buckets';
import { findPlan } from '../find-plan';
import { placeOf } from '../row-position';
import { answerRow } from './answer';
import { BookedRollup, Books, Snapshot } from './books';
import { Bounds } from './bucket-sql';
import { ClickHouse } from './click-house';
import { allSql } from './filter-sql';
import { planSql, PlanSource } from './plan-sql';
import { SqlValues } from './sql-values';
import { quoted } from './tables';
import { liveRows } from './visible';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const APPEND_IDS = `SELECT append_no, append_id FROM storage.appends WHERE dataset_id = $1 AND append_no = ANY($2)`;

interface Prepared {
  readonly snapshot: Snapshot;
  readonly rollup?: BookedRollup;
  readonly checked: CheckedPlan;
  readonly bounds?: Bounds;
  readonly repairedBuckets: number;
  readonly sql: string;
  readonly values: SqlValues;
}

/** Reads, each on one snapshot of the books. */
export class Questions {
  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
  ) {}

  async query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    const { snapshot, rollup, checked, bounds, repairedBuckets, sql, values } = await this.prepare(plan, signal);
    const rows = await this.clickHouse.rows(sql, values, signal);
    const { columns, position } = checked;
    const truncated = rows.length > plan.limit;
    const last = rows[plan.limit - 1];
    return {
      columns: [...columns],
      rows: rows.slice(0, plan.limit).map((row) => answerRow(row.slice(0, columns.length), columns)),
      truncated,
      ...(plan.page && truncated && last ? { next: placeOf(answerRow(last.slice(columns.length), position)) } : {}),
      usedRollup: rollup?.definition.name,
      rowsScanned: checked.shape.kind === 'groups' ? Number(rows[0]?.at(-1) ?? 0) : rows.length,
      coverage: bounds && coverageOf(bounds),
      repairedBuckets,
      asOf: new Date().toISOString(),
      dataVersion: snapshot.version,
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
    const { snapshot, rollup, checked, dirty } = await this.booked(plan);
    const bounds = await this.boundsOf(snapshot, checked, signal);
    const source: PlanSource = {
      rows: liveRows(snapshot),
      bounds,
      ...(rollup && dirty ? { rollup: { ...rollup, dirtyBuckets: dirty } } : {}),
    };
    return { snapshot, rollup, checked, bounds, repairedBuckets: dirty?.length ?? 0, ...planSql(checked, source) };
  }

  /** A rollup's build and its dirt are of one moment: else a bucket could be read from the build before its dirt was cleared. */
  private async booked(
    plan: RowsPlan | QueryPlan,
  ): Promise<Pick<Prepared, 'snapshot' | 'rollup' | 'checked'> & { readonly dirty?: number[] }> {
    const name = plan.rollup;
    if (name === undefined) {
      const snapshot = await this.books.snapshot(plan);
      return { snapshot, checked: checkPlan(plan, snapshot.definition) };
    }
    return this.books.atOnce(async (tx) => {
      const snapshot = await this.books.snapshot(plan, tx);
      const rollup = this.books.rollup(snapshot, { ...plan, rollup: name });
      const checked = checkPlan(plan, snapshot.definition, rollup.definition);
      return { snapshot, rollup, checked, dirty: await this.dirtyIn(rollup, checked, tx) };
    });
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
    const time = quoted(snapshot.definition.time);
    const sql = `SELECT min(${time}), max(${time}), count() FROM ${liveRows(snapshot)}`;
    const [row] = await this.clickHouse.rows(sql, undefined, signal);
    if (!row || Number(row[2]) === 0) return undefined;
    const [first, last] = [BigInt(String(row[0])), BigInt(String(row[1]))];
    const bounds = {
      first: fromUs !== undefined && fromUs > first ? fromUs : first,
      last: toUs !== undefined && toUs < last ? toUs : last,
    };
    return bounds.first > bounds.last ? undefined : bounds;
  }

  private dirtyIn(
    { id, definition }: BookedRollup,
    { fromUs, toUs }: CheckedPlan,
    tx: EntityManager,
  ): Promise<number[]> {
    const stepUs = numberStepUs(bucketOf(definition));
    const from = fromUs === undefined ? INT64_MIN : ceiling(fromUs, stepUs);
    return this.books.dirtyBuckets(id, from, toUs === undefined ? INT64_MAX : ceiling(toUs, stepUs), tx);
  }
}

const coverageOf = ({ first, last }: Bounds): Coverage => ({
  from: rfc3339OfMicros(first),
  to: rfc3339OfMicros(last),
});

function ceiling(value: bigint, width: bigint): bigint {
  const below = ((value % width) + width) % width;
  return (value - below) / width + (below === 0n ? 0n : 1n);
}
