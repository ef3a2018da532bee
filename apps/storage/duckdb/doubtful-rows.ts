import { DuckDBAppender, DuckDBConnection, DuckDBType, timestampValue } from '@duckdb/node-api';
import { Column } from '#libs/contracts/columns';
import { CheckedRows } from '../row-check';
import { KeptDataset } from './catalog';
import { duckType } from './column-types';
import { appendColumns, pickRows } from './column-writer';
import { runsOf } from './dirty-buckets';
import { quoted } from './identifiers';
import { rowsOf } from './transaction';

interface Doubtful {
  readonly rows: CheckedRows;
  readonly times: BigInt64Array;
  readonly doubtful: Int32Array;
}

const STAGE = 'chartly_stage';
/** Rows nearer than this are looked up together, so that one far away does not make the whole range be scanned. */
const RUN_GAP_US = 3_600_000_000;
const RUNS_MAX = 8;
/** Above it a time as a number is not exact; so far is looked on both sides. Unit: microseconds. */
const ROUNDING_US = 64n;

/** Asks the engine which rows are there already: exactly, by a join over each run of near times. */
export class DoubtfulRows {
  private readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[];

  /** @param identity Where the key's columns and, last, the time stand in the dataset. */
  constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: KeptDataset,
    private readonly identity: readonly number[],
  ) {
    const { columns } = dataset.definition;
    this.columns = identity.map((at) => ({ name: quoted(columns[at]!.name), type: duckType(columns[at]!.type) }));
  }

  /** Of each append's doubtful rows those that nothing stored and no doubtful row before equals. */
  async settle(appends: readonly Doubtful[]): Promise<Int32Array[]> {
    const known = new Set<number>();
    await this.stage(appends);
    for (const turn of await this.stored(appends)) known.add(turn);
    for (const [turn] of await rowsOf(this.connection, this.repeatedSql())) known.add(Number(turn));
    let turn = 0;
    return appends.map(({ doubtful }) => doubtful.filter(() => !known.has(turn++)));
  }

  private async stage(appends: readonly Doubtful[]): Promise<void> {
    const columns = this.columns.map(({ type }, at) => `k${at} ${type.toString()}`);
    await this.connection.run(`CREATE OR REPLACE TEMP TABLE ${STAGE} (turn BIGINT, ${columns.join(', ')})`);
    const appender = await this.connection.createAppender(STAGE, 'main', 'temp');
    try {
      let turn = 0;
      for (const { rows, doubtful } of appends) {
        this.appendTurns(appender, rows, doubtful, turn);
        turn += doubtful.length;
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
  }

  private appendTurns(appender: DuckDBAppender, rows: CheckedRows, doubtful: Int32Array, from: number): void {
    const turns: Column = {
      name: 'turn',
      type: 'int',
      values: BigInt64Array.from(doubtful, (_, at) => BigInt(from + at)),
    };
    const values = this.identity.map((at) => {
      const column = rows.columns[at];
      return column && pickRows(column, doubtful);
    });
    appendColumns(
      appender,
      [duckType('int'), ...this.columns.map(({ type }) => type)],
      [turns, ...values],
      doubtful.length,
    );
  }

  private async stored(appends: readonly Doubtful[]): Promise<number[]> {
    const times = Float64Array.from(
      appends.flatMap(({ times, doubtful }) => Array.from(doubtful, (row) => Number(times[row]!))),
    ).sort();
    const time = this.columns.at(-1)!.name; // the time is always there
    const same = this.columns.map(({ name }, at) => `stored.${name} = staged.k${at}`);
    const sql = `
      SELECT staged.turn
      FROM temp.main.${STAGE} AS staged
      JOIN ${this.dataset.table.sql} AS stored ON ${same.join(' AND ')}
      WHERE stored.${time} BETWEEN $1 AND $2`;
    const turns: number[] = [];
    for (const { from, to } of runsOf(times, RUN_GAP_US, RUNS_MAX)) {
      const bounds = [timestampValue(BigInt(from) - ROUNDING_US), timestampValue(BigInt(to) + ROUNDING_US)];
      for (const [turn] of await rowsOf(this.connection, sql, bounds)) turns.push(Number(turn));
    }
    return turns;
  }

  private repeatedSql(): string {
    const names = this.columns.map((_, at) => `k${at}`).join(', ');
    return `
      SELECT turn
      FROM (SELECT turn, row_number() OVER (PARTITION BY ${names} ORDER BY turn) AS nth FROM temp.main.${STAGE}) AS counted
      WHERE nth > 1`;
  }
}
