import { DuckDBAppender, DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { keyHashes, timesAsNumbers } from '../recent-identities';
import { checkRows, CheckedRows } from '../row-check';
import { KeptDataset } from './catalog';
import { duckType } from './column-types';
import { appendColumns, pickRows } from './column-writer';
import { touchedBuckets } from './dirty-buckets';
import { DoubtfulRows } from './doubtful-rows';
import { DIRTY, RECEIPTS, TableName } from './identifiers';
import { seedIdentities } from './seed-identities';
import { rowsOf } from './transaction';

/** An append with its rows checked against the dataset as it was then. */
export interface WaitingAppend {
  readonly batch: AppendBatch;
  readonly rows: CheckedRows;
  readonly schemaVersion: number;
}

/** What becomes true of the process's memory once the transaction is committed. */
export type AfterCommit = () => void;

/** One append on its way: which of its rows are new for certain, and which the engine has to be asked about. */
interface Sorted {
  readonly batch: AppendBatch;
  readonly rows: CheckedRows;
  readonly times: BigInt64Array;
  readonly timesAsNumbers: Float64Array;
  fresh: Int32Array;
  readonly doubtful: Int32Array;
}

/** Appends that share one dataset and one transaction, first come first stored. */
export class AppendGroup {
  private readonly timeAt: number;
  private readonly keyAt: readonly number[];

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: KeptDataset,
  ) {
    const { columns, time, key } = dataset.definition;
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    this.timeAt = at(time);
    this.keyAt = key.map(at);
  }

  /** Writes rows, dirty buckets and receipts inside the caller's transaction; gives a receipt for each append. */
  async write(appends: readonly WaitingAppend[]): Promise<{ receipts: AppendReceipt[]; after: AfterCommit[] }> {
    const receipts = await this.knownReceipts(appends);
    const sorted: Sorted[] = [];
    for (const append of appends) {
      const { appendId } = append.batch;
      if (receipts.has(appendId) || sorted.some(({ batch }) => batch.appendId === appendId)) continue;
      sorted.push(await this.sort(append));
    }
    await this.append(this.dataset.table, (appender) => {
      for (const { rows, fresh } of sorted) this.appendRows(appender, rows, fresh);
    });
    await this.settleDoubts(sorted.filter(({ doubtful }) => doubtful.length > 0));
    const after = await this.markDirty(sorted);
    await this.keepReceipts(sorted, receipts);
    return { receipts: appends.map(({ batch }) => receipts.get(batch.appendId)!), after }; // each known or kept now
  }

  private async knownReceipts(appends: readonly WaitingAppend[]): Promise<Map<string, AppendReceipt>> {
    const ids = [...new Set(appends.map(({ batch }) => batch.appendId))];
    const places = ids.map((_, at) => `$${at + 2}`).join(', ');
    const sql = `
      SELECT append_id, stored, merged, stale, duplicate
      FROM ${RECEIPTS.sql}
      WHERE dataset_id = $1 AND append_id IN (${places})`;
    const rows = await rowsOf(this.connection, sql, [this.dataset.id, ...ids]);
    return new Map(rows.map((row) => [String(row[0]), receiptOf(row)]));
  }

  /** Memory tells most rows new for certain; the rest are doubtful. */
  private async sort({ batch, rows: checked, schemaVersion }: WaitingAppend): Promise<Sorted> {
    const { definition } = this.dataset;
    const rows = schemaVersion === definition.schemaVersion ? checked : checkRows(definition, batch.rows);
    const identities = (this.dataset.identities ??= await seedIdentities(this.connection, this.dataset));
    const times = this.timesOf(rows);
    const numbers = timesAsNumbers(times);
    const hashes = keyHashes(rows, this.keyAt);
    const fresh = new Int32Array(rows.length);
    const doubtful = new Int32Array(rows.length);
    let freshCount = 0;
    let doubtfulCount = 0;
    for (let row = 0; row < rows.length; row += 1) {
      if (identities.add(numbers[row]!, hashes[row]!)) fresh[freshCount++] = row;
      else doubtful[doubtfulCount++] = row;
    }
    return {
      batch,
      rows,
      times,
      timesAsNumbers: numbers,
      fresh: fresh.subarray(0, freshCount),
      doubtful: doubtful.subarray(0, doubtfulCount),
    };
  }

  /** Stores those of the doubtful rows that are new after all. What is certain must be in the table by now. */
  private async settleDoubts(appends: readonly Sorted[]): Promise<void> {
    if (appends.length === 0) return;
    const doubts = new DoubtfulRows(this.connection, this.dataset, [...this.keyAt, this.timeAt]);
    const settled = await doubts.settle(appends);
    await this.append(this.dataset.table, (appender) => {
      appends.forEach((append, at) => this.appendRows(appender, append.rows, settled[at]!));
    });
    appends.forEach((append, at) => (append.fresh = joined(append.fresh, settled[at]!)));
  }

  private appendRows(appender: DuckDBAppender, rows: CheckedRows, picked: Int32Array): void {
    if (picked.length === 0) return;
    const types = this.dataset.definition.columns.map(({ type }) => duckType(type));
    const columns =
      picked.length === rows.length ? rows.columns : rows.columns.map((column) => column && pickRows(column, picked));
    appendColumns(appender, types, columns, picked.length);
  }

  private async append({ table, schema }: TableName, write: (appender: DuckDBAppender) => void): Promise<void> {
    const appender = await this.connection.createAppender(table, schema);
    try {
      write(appender);
      appender.flushSync();
    } catch (thrown) {
      appender.clear();
      throw thrown;
    } finally {
      appender.closeSync();
    }
  }

  private async markDirty(appends: readonly Sorted[]): Promise<AfterCommit[]> {
    const after: AfterCommit[] = [];
    for (const { id, definition, dirty } of this.dataset.rollups.values()) {
      const news = new Set<number>();
      for (const { times, timesAsNumbers: numbers, fresh, rows } of appends) {
        const picked = fresh.length === rows.length ? undefined : fresh;
        for (const bucket of touchedBuckets(times, numbers, picked, definition.bucketMs * 1_000)) {
          if (!dirty.has(bucket)) news.add(bucket);
        }
      }
      if (news.size === 0) continue;
      await this.append(DIRTY, (appender) => {
        for (const bucket of news) {
          appender.appendInteger(id);
          appender.appendBigInt(BigInt(bucket));
          appender.endRow();
        }
      });
      after.push(() => news.forEach((bucket) => dirty.add(bucket)));
    }
    return after;
  }

  private async keepReceipts(appends: readonly Sorted[], receipts: Map<string, AppendReceipt>): Promise<void> {
    if (appends.length === 0) return;
    await this.append(RECEIPTS, (appender) => {
      for (const { batch, rows, fresh } of appends) {
        const stored = fresh.length;
        const receipt = { appendId: batch.appendId, stored, merged: 0, stale: 0, duplicate: rows.length - stored };
        receipts.set(batch.appendId, receipt);
        appender.appendInteger(this.dataset.id);
        appender.appendVarchar(receipt.appendId);
        for (const count of [stored, receipt.merged, receipt.stale, receipt.duplicate, batch.epoch]) {
          appender.appendBigInt(BigInt(count));
        }
        appender.endRow();
      }
    });
  }

  private timesOf(rows: CheckedRows): BigInt64Array {
    const column = rows.columns[this.timeAt];
    if (column?.type === 'timestamp') return column.values;
    if (rows.length === 0) return new BigInt64Array(0);
    throw new TypeError('The time column was not checked.');
  }
}

function joined(one: Int32Array, other: Int32Array): Int32Array {
  const both = new Int32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

const receiptOf = ([appendId, stored, merged, stale, duplicate]: DuckDBValue[]): AppendReceipt => ({
  appendId: String(appendId),
  stored: Number(stored),
  merged: Number(merged),
  stale: Number(stale),
  duplicate: Number(duplicate),
});
