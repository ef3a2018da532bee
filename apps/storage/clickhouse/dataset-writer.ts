import { bucketOf } from '#libs/calendar/bucket';
import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { DatasetRef } from '#libs/contracts/columns';
import { ChartlyError } from '#libs/errors/errors';
import { bucketNumbers } from '../dirty-buckets';
import { checkRows, CheckedRows } from '../row-check';
import { Books, OpenAppend, Snapshot } from './books';
import { ClickHouse } from './click-house';
import { ArrivingAppend, judge, Judgement, Standing } from './judge';
import { asCell, cellOf, identitiesOfRows, identityColumns, identityOfCells, RowIdentity } from './row-identity';
import { deleteRows, quoted, rowsTable, supersededTable } from './tables';
import { countsSql, liveSql } from './visible';

const LOSERS_A_STATEMENT = 5_000;

export type AppendOutcome = AppendReceipt | ChartlyError;

interface Arrived {
  readonly batch: AppendBatch;
  readonly rows: CheckedRows;
}

/**
 * Writes appends of one dataset. The order is: intents (Postgres), rows (ClickHouse, where they do not count yet), the
 * judgement over them, then receipts and dirt (Postgres), which is the commit. Whatever breaks in between is found by
 * the next writer as an open intent: counted, and either finished or buried.
 */
export class DatasetWriter {
  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
  ) {}

  /** One outcome an append: its receipt, or why its rows do not fit. Call it alone for the dataset. */
  async write(ref: DatasetRef, batches: readonly AppendBatch[]): Promise<AppendOutcome[]> {
    const before = await this.books.snapshot(ref);
    await this.settleOpen(ref, before.id);
    const receipts = await this.books.receipts(
      before.id,
      batches.map(({ appendId }) => appendId),
    );
    const outcomes = new Map<string, AppendOutcome>(receipts);
    const fresh: Arrived[] = [];
    for (const batch of batches) {
      if (outcomes.has(batch.appendId) || fresh.some((one) => one.batch.appendId === batch.appendId)) continue;
      try {
        fresh.push({ batch, rows: checkRows(before.definition, batch.rows) });
      } catch (thrown) {
        if (!(thrown instanceof ChartlyError)) throw thrown;
        outcomes.set(batch.appendId, thrown);
      }
    }
    if (fresh.length > 0) {
      for (const receipt of await this.append(ref, before.id, fresh)) outcomes.set(receipt.appendId, receipt);
    }
    return batches.map(({ appendId }) => outcomes.get(appendId)!); // each known, refused or written now
  }

  /** Finishes or buries what a writer before this one left. */
  async settleOpen(ref: DatasetRef, id: number): Promise<void> {
    for (const open of await this.books.openIntents(id)) {
      const snapshot = await this.books.snapshot(ref); // anew: the one settled before this one counts by now
      const [row] = await this.clickHouse.rows(`SELECT count() FROM ${rowsTable(id)} WHERE _append = ${open.appendNo}`);
      // Rows that lost are deleted before the commit: only a whole append can be judged.
      if (Number(row?.[0]) === open.came) await this.finish(snapshot, [await this.readBack(snapshot, open)]);
      else await this.bury(snapshot, [open]);
    }
  }

  private async append(ref: DatasetRef, id: number, arrived: readonly Arrived[]): Promise<AppendReceipt[]> {
    const opened = await this.books.intend(
      id,
      arrived.map(({ batch, rows }) => ({
        appendId: batch.appendId,
        epoch: batch.epoch,
        came: rows.length,
        replaces: batch.replaces ?? [],
      })),
    );
    const snapshot = await this.books.snapshot(ref);
    const appends = arrived.map(({ rows }, at) => ({
      open: opened[at]!,
      rows: identitiesOfRows(snapshot.definition, rows),
    }));
    await this.insert(snapshot, arrived, opened);
    return this.finish(snapshot, appends);
  }

  private async insert(
    { id, definition }: Snapshot,
    arrived: readonly Arrived[],
    opened: readonly OpenAppend[],
  ): Promise<void> {
    function* rows(): Generator<unknown[]> {
      for (const [at, { rows: checked }] of arrived.entries()) {
        const number = String(opened[at]!.appendNo);
        for (let row = 0; row < checked.length; row += 1) {
          yield [number, row, ...checked.columns.map((column) => cellOf(column, row))];
        }
      }
    }
    if (arrived.every(({ rows: { length } }) => length === 0)) return;
    const columns = ['_append', '_row', ...definition.columns.map(({ name }) => name)];
    await this.clickHouse.insert(rowsTable(id), columns, rows());
  }

  /** Judges appends whose rows are all there, and commits them. */
  private async finish(snapshot: Snapshot, appends: readonly ArrivingAppend[]): Promise<AppendReceipt[]> {
    const { id, definition } = snapshot;
    const replaces = appends.flatMap(({ open }) => open.replaces);
    const replaced = await this.books.storedNumbers(
      id,
      replaces.filter((one) => !appends.some(({ open }) => open.appendId === one)),
    );
    const before = { ...snapshot, hidden: [...new Set([...snapshot.hidden, ...replaced])] };
    const standing = await this.standing(before, appends);
    const judgement = judge(definition.identity, appends, standing, snapshot.keptFromUs);
    await this.deleteLosers(id, judgement);
    await this.supersede(id, judgement);
    const goneUs = await this.countReplaced(snapshot, replaced, judgement);
    const touched = [...judgement.touchedUs, ...goneUs];
    const dirt = new Map(
      [...snapshot.rollups.values()].map((rollup) => {
        const bucket = bucketOf(rollup.definition);
        return [rollup.id, bucketNumbers(bucket, touched)];
      }),
    );
    const ended = judgement.verdicts.map(({ open, receipt }) => ({ appendNo: open.appendNo, receipt }));
    await this.books.commit(id, ended, replaces, dirt);
    return ended.map(({ receipt }) => receipt);
  }

  /** Rows that count and are the same events as arriving ones. */
  private async standing(snapshot: Snapshot, appends: readonly ArrivingAppend[]): Promise<Map<string, Standing>> {
    const { id, definition } = snapshot;
    const found = new Map<string, Standing>();
    if (appends.every(({ rows }) => rows.length === 0)) return found;
    const { key, time, identity } = definition;
    const same = (identity.by === 'time' ? [...key, time] : key).map(quoted).join(', ');
    const numbers = appends.map(({ open }) => open.appendNo).join(', ');
    const [least, most] = timeRange(appends.flatMap(({ rows }) => rows));
    const near = identity.by === 'time' ? `AND ${quoted(time)} BETWEEN ${least} AND ${most}` : '';
    const columns = identityColumns(definition);
    const types = columns.map((name) => definition.columns.find((column) => column.name === name)!.type); // it names columns
    const sql = `
      SELECT _append, _row, ${columns.map(quoted).join(', ')}
      FROM ${rowsTable(id)}
      WHERE ${countsSql(snapshot)} ${near}
        AND (${same}) IN (SELECT ${same} FROM ${rowsTable(id)} WHERE _append IN (${numbers}))`;
    for (const [appendNo, row, ...cells] of await this.clickHouse.rows(sql)) {
      const one = identityOfCells(
        definition,
        cells.map((cell, at) => asCell(types[at]!, cell)),
      );
      found.set(one.same, { ...one, appendNo: BigInt(String(appendNo)), row: Number(row) });
    }
    return found;
  }

  private async deleteLosers(id: number, { verdicts }: Judgement): Promise<void> {
    for (const { open, losers } of verdicts) {
      for (let from = 0; from < losers.length; from += LOSERS_A_STATEMENT) {
        const rows = losers.slice(from, from + LOSERS_A_STATEMENT).join(', ');
        await this.clickHouse.command(deleteRows(rowsTable(id), `_append = ${open.appendNo} AND _row IN (${rows})`));
      }
    }
  }

  private async supersede(id: number, { superseded }: Judgement): Promise<void> {
    if (superseded.length === 0) return;
    const rows = superseded.map(({ row, by }) => [String(row.appendNo), row.row, String(by)]);
    await this.clickHouse.insert(supersededTable(id), ['_append', '_row', '_by'], rows);
  }

  /** Notes how many rows the replaced appends had, and gives the times of their live ones. */
  private async countReplaced(
    snapshot: Snapshot,
    replaced: readonly bigint[],
    judgement: Judgement,
  ): Promise<bigint[]> {
    if (replaced.length === 0) return [];
    const sql = `
      SELECT ${quoted(snapshot.definition.time)}, ${liveSql(snapshot)}
      FROM ${rowsTable(snapshot.id)}
      WHERE ${countsSql(snapshot)} AND _append IN (${replaced.join(', ')})`;
    const rows = await this.clickHouse.rows(sql);
    const last = judgement.verdicts.at(-1);
    if (last) last.receipt.replaced = rows.length; // an append that replaces comes alone
    return rows.filter(([, live]) => Boolean(Number(live))).map(([time]) => BigInt(String(time)));
  }

  private async readBack(snapshot: Snapshot, open: OpenAppend): Promise<ArrivingAppend> {
    const { id, definition } = snapshot;
    const columns = identityColumns(definition);
    const types = columns.map((name) => definition.columns.find((column) => column.name === name)!.type); // it names columns
    const sql = `
      SELECT ${columns.map(quoted).join(', ')} FROM ${rowsTable(id)} WHERE _append = ${open.appendNo} ORDER BY _row`;
    const rows = (await this.clickHouse.rows(sql)).map((cells) =>
      identityOfCells(
        definition,
        cells.map((cell, at) => asCell(types[at]!, cell)),
      ),
    );
    return { open, rows };
  }

  private async bury({ id }: Snapshot, appends: readonly OpenAppend[]): Promise<void> {
    const numbers = appends.map(({ appendNo }) => appendNo);
    await this.books.bury(id, numbers);
    await this.clickHouse.command(deleteRows(rowsTable(id), `_append IN (${numbers.join(', ')})`));
  }
}

function timeRange(rows: readonly RowIdentity[]): [bigint, bigint] {
  let [least, most] = [rows[0]!.timeUs, rows[0]!.timeUs]; // never called without rows
  for (const { timeUs } of rows) {
    if (timeUs < least) least = timeUs;
    if (timeUs > most) most = timeUs;
  }
  return [least, most];
}
