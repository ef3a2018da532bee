import { DuckDBConnection, DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import { MergeOutcome, mergeRows, MergingRow, Version } from '../merge';
import { KeptDataset } from './catalog';
import { quoted, TableName } from './identifiers';
import { Doubtful, Stage } from './stage';
import { rowsOf } from './transaction';

/** What is held for the key of a staged row. */
interface Held {
  readonly version: Version;
  readonly timeUs: bigint;
  readonly rowId: bigint;
  readonly table: TableName;
}

export interface Merged {
  /** One a doubtful row, in its order. */
  readonly outcomes: readonly MergeOutcome[];
  /** The doubtful rows that are to be written now. */
  readonly winners: Int32Array;
}

/** Settles rows of a dataset that keeps the newest version of each key: takes out what is older, and says what to write. */
export class MergingRows {
  private readonly stage: Stage;

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: KeptDataset,
    private readonly keyAt: readonly number[],
    private readonly versionAt: number,
  ) {
    this.stage = new Stage(connection, dataset, [...keyAt, versionAt]);
  }

  /** What is certain must be in the table by now. Gives the times of live rows that are gone, for their buckets. */
  async settle(appends: readonly Doubtful[]): Promise<{ merged: Merged[]; goneTimes: bigint[] }> {
    await this.stage.fill(appends);
    const slots = await this.slots();
    const held = await this.held();
    const versions = appends.flatMap(({ rows, doubtful }) => versionsOf(rows.columns[this.versionAt], doubtful));
    const { outcomes, winners } = mergeRows(
      versions.map((version, turn): MergingRow => ({ slot: slots[turn]!, version, held: held.get(turn)?.version })),
    );
    const gone = winners.map((turn) => held.get(turn)).filter((one) => one !== undefined);
    for (const table of [this.dataset.table, this.dataset.tombstones]) {
      if (table)
        await this.takeOut(
          table,
          gone.filter((one) => one.table === table),
        );
    }
    const goneTimes = gone.filter((one) => one.table === this.dataset.table).map(({ timeUs }) => timeUs);
    const written = new Set(winners);
    let turn = 0;
    const merged = appends.map(({ doubtful }) => ({
      outcomes: outcomes.slice(turn, turn + doubtful.length),
      winners: doubtful.filter(() => written.has(turn++)),
    }));
    return { merged, goneTimes };
  }

  /** Of each staged row a number of its key. */
  private async slots(): Promise<number[]> {
    const keys = this.keyAt.map((_, at) => `k${at}`).join(', ');
    const sql = `SELECT dense_rank() OVER (ORDER BY ${keys}) FROM ${this.stage.sql} ORDER BY turn`;
    return (await rowsOf(this.connection, sql)).map(([slot]) => Number(slot));
  }

  private async held(): Promise<Map<number, Held>> {
    const { stage, dataset } = this;
    const found = new Map<number, Held>();
    const time = quoted(dataset.definition.time);
    const version = stage.columns.at(-1)!.name; // staged last
    for (const table of [dataset.table, dataset.tombstones]) {
      if (!table) continue;
      const sql = `
        SELECT staged.turn, stored.${version}, epoch_us(stored.${time}), stored.rowid
        FROM ${stage.sql} AS staged
        JOIN ${table.sql} AS stored ON ${stage.equal(this.keyAt.length)}`;
      for (const [turn, held, timeUs, rowId] of await rowsOf(this.connection, sql)) {
        found.set(Number(turn), {
          version: versionOf(held),
          timeUs: BigInt(timeUs as bigint), // a BIGINT
          rowId: BigInt(rowId as bigint), // a BIGINT
          table,
        });
      }
    }
    return found;
  }

  private async takeOut(table: TableName, gone: readonly Held[]): Promise<void> {
    if (gone.length === 0) return;
    await this.connection.run('CREATE OR REPLACE TEMP TABLE chartly_gone (id BIGINT)');
    const appender = await this.connection.createAppender('chartly_gone', 'main', 'temp');
    try {
      for (const { rowId } of gone) {
        appender.appendBigInt(rowId);
        appender.endRow();
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    await this.connection.run(`DELETE FROM ${table.sql} WHERE rowid IN (SELECT id FROM temp.main.chartly_gone)`);
  }
}

function versionOf(value: DuckDBValue | undefined): Version {
  if (value instanceof DuckDBTimestampValue) return value.micros;
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  throw new TypeError('A version is a number.');
}

function versionsOf(column: Doubtful['rows']['columns'][number], rows: Int32Array): Version[] {
  if (column?.type === 'int' || column?.type === 'timestamp') return Array.from(rows, (row) => column.values[row]!);
  if (column?.type === 'double') return Array.from(rows, (row) => column.values[row]!);
  throw new TypeError('The version column was not checked.');
}
