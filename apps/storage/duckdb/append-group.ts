import { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { bucketOf } from '#libs/calendar/bucket';
import { Column } from '#libs/contracts/columns';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { keyHashes, timesAsNumbers } from '../recent-identities';
import { checkRows, CheckedRows } from '../row-check';
import { KeptDataset } from './catalog';
import { duckType } from './column-types';
import { appendColumns, pickRows } from './column-writer';
import { tombstoneColumns } from './definitions';
import { AfterCommit, markDirty } from './dirt';
import { bucketNumbers, touchedBuckets } from '../dirty-buckets';
import { DoubtfulRows } from './doubtful-rows';
import { TableName } from './identifiers';
import { MergingRows } from './merging-rows';
import { keepReceipts, knownReceipts } from './receipts';
import { replaceAppends } from './replace-appends';
import { seedIdentities } from './seed-identities';

/** An append with its rows checked against the dataset as it was then. */
export interface WaitingAppend {
  readonly batch: AppendBatch;
  readonly rows: CheckedRows;
  readonly schemaVersion: number;
}

/** One append on its way: which of its rows are new for certain, and which the engine has to be asked about. */
interface Sorted {
  readonly batch: AppendBatch;
  readonly appendNo: number;
  readonly rows: CheckedRows;
  readonly times: BigInt64Array;
  readonly timesAsNumbers: Float64Array;
  readonly doubtful: Int32Array;
  /** Rows that are live from now on. */
  live: Int32Array;
  readonly receipt: AppendReceipt;
}

/** Appends that share one dataset and one transaction, first come first stored. */
export class AppendGroup {
  private readonly timeAt: number;
  private readonly keyAt: readonly number[];
  private readonly deletedAt: number;

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: KeptDataset,
    private readonly nextAppend: () => number,
  ) {
    const { time, key, identity } = dataset.definition;
    this.timeAt = this.placeOf(time);
    this.keyAt = key.map((name) => this.placeOf(name));
    this.deletedAt = identity.by === 'version' && identity.deleted !== undefined ? this.placeOf(identity.deleted) : -1;
  }

  /** Writes rows, dirty buckets and receipts inside the caller's transaction; gives a receipt for each append. */
  async write(appends: readonly WaitingAppend[]): Promise<{ receipts: AppendReceipt[]; after: AfterCommit[] }> {
    const { connection, dataset } = this;
    const ids = appends.map(({ batch }) => batch.appendId);
    const receipts = await knownReceipts(connection, dataset, ids);
    const sorted: Sorted[] = [];
    const after: AfterCommit[] = [];
    for (const append of appends) {
      const { appendId, replaces } = append.batch;
      if (receipts.has(appendId)) continue;
      const replacing = await replaceAppends(connection, dataset, appendId, replaces ?? []);
      after.push(...replacing.after);
      const one = await this.sort(append, replacing.removed);
      receipts.set(appendId, one.receipt);
      sorted.push(one);
    }
    await this.append(dataset.table, (appender) => {
      for (const one of sorted) this.appendRows(appender, one, one.live);
    });
    const goneTimes = await this.settleDoubts(sorted.filter(({ doubtful }) => doubtful.length > 0));
    after.push(...(await this.markDirty(sorted, goneTimes)));
    await keepReceipts(connection, dataset, sorted);
    return { receipts: ids.map((id) => receipts.get(id)!), after }; // each known or kept now
  }

  /** Memory tells most rows new for certain; the rest are doubtful, and so are those that delete. */
  private async sort({ batch, rows: checked, schemaVersion }: WaitingAppend, replaced: number): Promise<Sorted> {
    const { definition } = this.dataset;
    const rows = schemaVersion === definition.schemaVersion ? checked : checkRows(definition, batch.rows);
    const identities = (this.dataset.identities ??= await seedIdentities(this.connection, this.dataset));
    const times = this.timesOf(rows);
    const numbers = timesAsNumbers(times);
    const hashes = keyHashes(rows, this.keyAt);
    const live = new Int32Array(rows.length);
    const doubtful = new Int32Array(rows.length);
    let liveCount = 0;
    let doubtfulCount = 0;
    let tooOld = 0;
    const keptFrom = Number(this.dataset.keptFromUs ?? Number.NEGATIVE_INFINITY);
    for (let row = 0; row < rows.length; row += 1) {
      if (numbers[row]! < keptFrom) tooOld += 1;
      else if (identities.add(numbers[row]!, hashes[row]!) && !this.deletes(rows, row)) live[liveCount++] = row;
      else doubtful[doubtfulCount++] = row;
    }
    return {
      batch,
      appendNo: this.nextAppend(),
      rows,
      times,
      timesAsNumbers: numbers,
      doubtful: doubtful.subarray(0, doubtfulCount),
      live: live.subarray(0, liveCount),
      receipt: { appendId: batch.appendId, stored: liveCount, merged: 0, stale: tooOld, duplicate: 0, replaced },
    };
  }

  /** Stores those of the doubtful rows that count. What is certain must be in the table by now. */
  private async settleDoubts(appends: readonly Sorted[]): Promise<bigint[]> {
    if (appends.length === 0) return [];
    const { identity } = this.dataset.definition;
    if (identity.by === 'version') return this.merge(appends, this.placeOf(identity.version));
    const doubts = new DoubtfulRows(this.connection, this.dataset, this.keyAt, this.timeAt);
    const settled = await doubts.settle(appends);
    await this.append(this.dataset.table, (appender) => {
      appends.forEach((append, at) => this.appendRows(appender, append, settled[at]!));
    });
    appends.forEach(({ receipt, doubtful, live }, at) => {
      const stored = settled[at]!;
      receipt.stored += stored.length;
      receipt.duplicate += doubtful.length - stored.length;
      appends[at]!.live = joined(live, stored);
    });
    return [];
  }

  /** Gives the times of the live rows that were taken out. */
  private async merge(appends: readonly Sorted[], versionAt: number): Promise<bigint[]> {
    const merging = new MergingRows(this.connection, this.dataset, this.keyAt, versionAt);
    const { merged, goneTimes } = await merging.settle(appends);
    const written = appends.map((append, at) => {
      for (const outcome of merged[at]!.outcomes) append.receipt[outcome] += 1;
      const { winners } = merged[at]!;
      const isDeleted = (row: number): boolean => this.deletes(append.rows, row);
      return { append, live: winners.filter((row) => !isDeleted(row)), deleted: winners.filter(isDeleted) };
    });
    await this.append(this.dataset.table, (appender) => {
      for (const { append, live } of written) this.appendRows(appender, append, live);
    });
    const { tombstones } = this.dataset;
    if (tombstones && written.some(({ deleted }) => deleted.length > 0)) {
      const places = tombstoneColumns(this.dataset.definition).map(({ name }) => this.placeOf(name));
      await this.append(tombstones, (appender) => {
        for (const { append, deleted } of written) this.appendRows(appender, append, deleted, places);
      });
    }
    for (const { append, live } of written) append.live = joined(append.live, live);
    return goneTimes;
  }

  private appendRows(appender: DuckDBAppender, append: Sorted, picked: Int32Array, places?: readonly number[]): void {
    if (picked.length === 0) return;
    const { rows, appendNo } = append;
    const { columns } = this.dataset.definition;
    const at = places ?? [...columns.keys()];
    const types = [duckType('int'), duckType('int'), ...at.map((place) => duckType(columns[place]!.type))];
    const all = at.map((place) => rows.columns[place]);
    const values = picked.length === rows.length ? all : all.map((column) => column && pickRows(column, picked));
    appendColumns(appender, types, [...originColumns(appendNo, picked), ...values], picked.length);
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

  private async markDirty(appends: readonly Sorted[], goneTimes: readonly bigint[]): Promise<AfterCommit[]> {
    const after: AfterCommit[] = [];
    for (const rollup of this.dataset.rollups.values()) {
      const cut = bucketOf(rollup.definition);
      const buckets = bucketNumbers(cut, goneTimes);
      for (const { times, timesAsNumbers: numbers, live, rows } of appends) {
        const picked = live.length === rows.length ? undefined : live;
        for (const bucket of touchedBuckets(times, numbers, picked, cut)) buckets.add(bucket);
      }
      after.push(...(await markDirty(this.connection, rollup, buckets)));
    }
    return after;
  }

  private deletes(rows: CheckedRows, row: number): boolean {
    if (this.deletedAt < 0) return false;
    const column = rows.columns[this.deletedAt];
    return column?.values[row] === 1 && !column.nulls?.[row];
  }

  private placeOf(name: string): number {
    return this.dataset.definition.columns.findIndex((column) => column.name === name);
  }

  private timesOf(rows: CheckedRows): BigInt64Array {
    const column = rows.columns[this.timeAt];
    if (column?.type === 'timestamp') return column.values;
    if (rows.length === 0) return new BigInt64Array(0);
    throw new TypeError('The time column was not checked.');
  }
}

/** Which append stored a row, and the row's place in it. */
function originColumns(appendNo: number, picked: Int32Array): Column[] {
  const places = new BigInt64Array(picked.length);
  const halves = new Int32Array(places.buffer); // little-endian as all our machines: the low half first
  for (let at = 0; at < picked.length; at += 1) halves[at * 2] = picked[at]!;
  return [
    { name: '_append', type: 'int', values: new BigInt64Array(picked.length).fill(BigInt(appendNo)) },
    { name: '_row', type: 'int', values: places },
  ];
}

function joined(one: Int32Array, other: Int32Array): Int32Array {
  if (other.length === 0) return one;
  const both = new Int32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
