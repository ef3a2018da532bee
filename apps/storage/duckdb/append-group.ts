import { BIGINT, DuckDBConnection, DuckDBValue, timestampValue } from '@duckdb/node-api';
import { Column } from '#libs/contracts/columns';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { keyHashes, justAfter, RecentIdentities, timesAsNumbers } from '../recent-identities';
import { CheckedRows } from '../row-check';
import { KeptDataset } from './catalog';
import { appendColumns, pickRows } from './column-writer';
import { duckType } from './column-types';
import { runsOf, touchedBuckets } from './dirty-buckets';
import { DIRTY, quoted, RECEIPTS } from './identifiers';
import { rowsOf } from './transaction';

/** An append with its rows checked, as it waits for its turn. */
export interface WaitingAppend {
  readonly batch: AppendBatch;
  readonly rows: CheckedRows;
}

/** What becomes true of the process's memory once the transaction is committed. */
export type AfterCommit = () => void;

const STAGE = 'temp.main.chartly_stage';
const ROW = '__row';
/** Rows nearer than this are looked up together, so that one far away does not make the whole range be scanned. */
const RUN_GAP_US = 3_600_000_000;
const RUNS_MAX = 16;

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
    const known = await this.knownReceipts(appends);
    const receipts: AppendReceipt[] = [];
    const after: AfterCommit[] = [];
    for (const append of appends) {
      const { appendId } = append.batch;
      const earlier = known.get(appendId);
      if (earlier) {
        receipts.push(earlier);
        continue;
      }
      const stored = await this.store(append.rows, after);
      const receipt = { appendId, stored, merged: 0, stale: 0, duplicate: append.rows.length - stored };
      await this.keepReceipt(receipt, append.batch.epoch);
      known.set(appendId, receipt);
      receipts.push(receipt);
    }
    return { receipts, after };
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

  /** Gives how many rows were not there yet; they are now. */
  private async store(rows: CheckedRows, after: AfterCommit[]): Promise<number> {
    if (rows.length === 0) return 0;
    const fresh = await this.freshRows(rows);
    const all = fresh.length === rows.length;
    const columns = all ? rows.columns : rows.columns.map((column) => column && pickRows(column, fresh));
    await this.append(columns, fresh.length);
    await this.markDirty(rows, all ? undefined : fresh, after);
    return fresh.length;
  }

  private async append(columns: readonly (Column | undefined)[], length: number): Promise<void> {
    if (length === 0) return;
    const { table, definition } = this.dataset;
    const appender = await this.connection.createAppender(table.table, table.schema);
    try {
      appendColumns(
        appender,
        definition.columns.map(({ type }) => duckType(type)),
        columns,
        length,
      );
    } finally {
      appender.closeSync();
    }
  }

  /** The rows whose (key, time) neither the dataset nor an earlier row has: most are told by memory, the rest by a join. */
  private async freshRows(rows: CheckedRows): Promise<Int32Array> {
    const identities = (this.dataset.identities ??= await this.newIdentities());
    const times = timesAsNumbers(this.timesOf(rows));
    const hashes = keyHashes(rows, this.keyAt);
    const fresh: number[] = [];
    const doubtful: number[] = [];
    for (let row = 0; row < rows.length; row += 1) {
      if (identities.add(times[row]!, hashes[row]!)) fresh.push(row);
      else doubtful.push(row);
    }
    if (doubtful.length === 0) return Int32Array.from(fresh);
    const settled = await this.settle(rows, fresh, doubtful);
    return Int32Array.from([...fresh, ...settled].sort((a, b) => a - b));
  }

  /** Of doubtful rows those that are new after all, by an exact join against what is stored and among themselves. */
  private async settle(rows: CheckedRows, fresh: readonly number[], doubtful: readonly number[]): Promise<number[]> {
    const identity = [...this.keyAt, this.timeAt];
    const names = identity.map((at) => quoted(this.dataset.definition.columns[at]!.name));
    await this.stage(rows, fresh, doubtful, identity);
    const { table, definition } = this.dataset;
    const time = quoted(definition.time);
    const values = this.timesOf(rows);
    const sorted = doubtful.map((row) => Number(values[row]!)).sort((a, b) => a - b);
    const found: number[] = [];
    for (const { from, to } of runsOf(sorted, RUN_GAP_US, RUNS_MAX)) {
      const sql = `
        SELECT ${quoted(ROW)}
        FROM (
          SELECT *, row_number() OVER (PARTITION BY ${names.join(', ')} ORDER BY doubtful, ${quoted(ROW)}) AS turn
          FROM ${STAGE}
          WHERE ${time} BETWEEN $1 AND $2
        ) AS staged
        ANTI JOIN (SELECT ${names.join(', ')} FROM ${table.sql} WHERE ${time} BETWEEN $1 AND $2) AS stored
        USING (${names.join(', ')})
        WHERE turn = 1 AND doubtful = 1`;
      const bounds: DuckDBValue[] = [timestampValue(BigInt(from)), timestampValue(BigInt(to))];
      for (const [row] of await rowsOf(this.connection, sql, bounds)) found.push(Number(row));
    }
    await this.connection.run(`DROP TABLE ${STAGE}`);
    return found;
  }

  private async stage(
    rows: CheckedRows,
    fresh: readonly number[],
    doubtful: readonly number[],
    identity: readonly number[],
  ): Promise<void> {
    const picked = [...fresh, ...doubtful];
    const { columns } = this.dataset.definition;
    const defined = identity.map((at) => columns[at]!);
    const sql = defined.map(({ name, type }) => `${quoted(name)} ${duckType(type).toString()}`);
    await this.connection.run(
      `CREATE OR REPLACE TEMP TABLE chartly_stage (${sql.join(', ')}, ${quoted(ROW)} BIGINT, doubtful BIGINT)`,
    );
    const order = Int32Array.from(picked);
    const appender = await this.connection.createAppender('chartly_stage', 'main', 'temp');
    try {
      const values = identity.map((at) => rows.columns[at] && pickRows(rows.columns[at], order));
      const numbers: Column = { name: ROW, type: 'int', values: BigInt64Array.from(picked, BigInt) };
      const isDoubtful: Column = {
        name: 'doubtful',
        type: 'int',
        values: BigInt64Array.from(picked, (_, at) => (at < fresh.length ? 0n : 1n)),
      };
      const types = [...defined.map(({ type }) => duckType(type)), BIGINT, BIGINT];
      appendColumns(appender, types, [...values, numbers, isDoubtful], picked.length);
    } finally {
      appender.closeSync();
    }
  }

  /** Everything stored is older than the floor, or remembered: nothing need be read back to begin. */
  private async newIdentities(): Promise<RecentIdentities> {
    const { table, definition } = this.dataset;
    const [row] = await rowsOf(this.connection, `SELECT epoch_us(max(${quoted(definition.time)})) FROM ${table.sql}`);
    const newest = row?.[0];
    const floor = typeof newest === 'bigint' ? justAfter(Number(newest)) : Number.NEGATIVE_INFINITY;
    return new RecentIdentities(floor);
  }

  private async markDirty(rows: CheckedRows, stored: Int32Array | undefined, after: AfterCommit[]): Promise<void> {
    const times = this.timesOf(rows);
    const numbers = timesAsNumbers(times);
    for (const { id, definition, dirty } of this.dataset.rollups.values()) {
      const touched = touchedBuckets(times, numbers, stored, definition.bucketMs * 1_000);
      const news = [...touched].filter((bucket) => !dirty.has(bucket));
      if (news.length === 0) continue;
      const values = news.map((_, at) => `($1, $${at + 2})`).join(', ');
      await this.connection.run(`INSERT INTO ${DIRTY.sql} VALUES ${values}`, [id, ...news.map(BigInt)]);
      after.push(() => news.forEach((bucket) => dirty.add(bucket)));
    }
  }

  private async keepReceipt(
    { appendId, stored, merged, stale, duplicate }: AppendReceipt,
    epoch: number,
  ): Promise<void> {
    const values: DuckDBValue[] = [this.dataset.id, appendId, stored, merged, stale, duplicate, epoch];
    await this.connection.run(`INSERT INTO ${RECEIPTS.sql} VALUES ($1, $2, $3, $4, $5, $6, $7)`, values);
  }

  private timesOf(rows: CheckedRows): BigInt64Array {
    const column = rows.columns[this.timeAt];
    if (column?.type !== 'timestamp') throw new TypeError('The time column was not checked.');
    return column.values;
  }
}

const receiptOf = ([appendId, stored, merged, stale, duplicate]: DuckDBValue[]): AppendReceipt => ({
  appendId: String(appendId),
  stored: Number(stored),
  merged: Number(merged),
  stale: Number(stale),
  duplicate: Number(duplicate),
});
