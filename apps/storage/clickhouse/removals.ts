import { bucketOf } from '#libs/calendar/bucket';
import { DatasetRef } from '#libs/contracts/columns';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { eachByItself } from '#libs/queue/each-by-itself';
import { qualifiedName } from '../dataset';
import { bucketsOfSpans } from '../dirty-buckets';
import { spanOf, spansSql } from './bucket-sql';
import { erasePlan } from '../erase-plan';
import { keptFrom } from '../retention';
import { Books, Snapshot } from './books';
import { ClickHouse } from './click-house';
import { allSql } from './filter-sql';
import { materializeRollup } from './materialize';
import { SqlValues } from './sql-values';
import { deleteRows, quoted, rowsTable, supersededTable } from './tables';
import { countsSql, liveSql } from './visible';

const ALL_BUCKETS = 2 ** 31 - 1;
/** Hidden rows lie this long, for readers that began before and inserts that go on after their writer ended. */
const PURGE_AFTER = '1 hour';
const NUMBERS_A_STATEMENT = 1_000;

/** Takes rows out: those that are too old, those that are to be erased, and those that count no more. */
export class Removals {
  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
  ) {}

  async expire(nowUs: bigint): Promise<number> {
    let expired = 0;
    await eachByItself(await this.books.all(), async (ref) => {
      expired += await this.alone(ref, () => this.expireOne(ref, nowUs));
    });
    return expired;
  }

  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.alone(request, () => this.eraseAlone(request));
  }

  async vacuum(): Promise<void> {
    await eachByItself(await this.books.all(), (ref) => this.alone(ref, () => this.purge(ref)));
  }

  /** The books say first what counts no more; the rows themselves follow, again and again until they are gone. */
  private async expireOne(ref: DatasetRef, nowUs: bigint): Promise<number> {
    const snapshot = await this.books.snapshot(ref);
    const { id, definition, rollups, keptFromUs } = snapshot;
    if (definition.retainMs === undefined) return 0;
    const buckets = [...rollups.values()].map((rollup) => bucketOf(rollup.definition));
    const from = keptFrom(nowUs, definition.retainMs, buckets);
    if (keptFromUs !== undefined && from <= keptFromUs) return 0;
    const old = `${quoted(definition.time)} < ${from}`;
    const expired = await this.count(snapshot, old);
    if (expired > 0) {
      for (const rollup of rollups.values()) {
        await materializeRollup(this.clickHouse, this.books, snapshot, rollup, ALL_BUCKETS);
      }
    }
    await this.books.expire(id, from, expired);
    await this.clickHouse.command(deleteRows(rowsTable(id), old));
    return expired;
  }

  private async eraseAlone(request: EraseRows): Promise<ErasureReceipt> {
    const { eraseId } = request;
    const snapshot = await this.books.snapshot(request);
    const values = new SqlValues();
    const condition = allSql(erasePlan(snapshot.definition, request), values);
    const before = await this.books.erased(snapshot.id, eraseId);
    const erased = before?.erased ?? (await this.count(snapshot, condition, values));
    if (!before) {
      await this.books.noteErasure(snapshot, eraseId, erased, await this.touched(snapshot, condition, values));
    }
    const upTo = before?.upTo ?? snapshot.lastAppend;
    // Rows that are hidden go too: what is to be erased is nowhere left.
    await this.clickHouse.command(deleteRows(rowsTable(snapshot.id), `_append <= ${upTo} AND (${condition})`), values);
    return { eraseId, erased };
  }

  private async count(snapshot: Snapshot, condition: string, values?: SqlValues): Promise<number> {
    const sql = `SELECT count() FROM ${rowsTable(snapshot.id)} WHERE ${countsSql(snapshot)} AND (${condition})`;
    const [row] = await this.clickHouse.rows(sql, values);
    return Number(row?.[0]);
  }

  private async touched(
    snapshot: Snapshot,
    condition: string,
    values: SqlValues,
  ): Promise<Map<number, ReadonlySet<number>>> {
    const touched = new Map<number, ReadonlySet<number>>();
    const rows = `${rowsTable(snapshot.id)} WHERE ${countsSql(snapshot)} AND ${liveSql(snapshot)} AND (${condition})`;
    for (const { id, definition } of snapshot.rollups.values()) {
      const bucket = bucketOf(definition);
      const spans = await this.clickHouse.rows(spansSql(bucket, snapshot.definition.time, rows), values);
      touched.set(id, bucketsOfSpans(bucket, spans.map(spanOf)));
    }
    return touched;
  }

  private async purge(ref: DatasetRef): Promise<void> {
    const { id } = await this.books.snapshot(ref);
    const gone = await this.books.purgeable(id, PURGE_AFTER);
    for (let from = 0; from < gone.length; from += NUMBERS_A_STATEMENT) {
      const numbers = gone.slice(from, from + NUMBERS_A_STATEMENT);
      await this.clickHouse.command(deleteRows(rowsTable(id), `_append IN (${numbers.join(', ')})`));
      const dead = await this.books.deadAmong(id, numbers);
      if (dead.length > 0) {
        await this.clickHouse.command(deleteRows(supersededTable(id), `_by IN (${dead.join(', ')})`));
      }
      await this.books.purged(id, numbers);
    }
  }

  private alone<T>(ref: DatasetRef, work: () => Promise<T>): Promise<T> {
    return this.books.alone(qualifiedName(ref), work);
  }
}
