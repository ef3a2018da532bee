import { DuckDBConnection, timestampValue } from '@duckdb/node-api';
import { KeptDataset } from './catalog';
import { runsOf } from '../dirty-buckets';
import { Doubtful, Stage } from './stage';
import { rowsOf } from './transaction';

/** Rows nearer than this are looked up together, so that one far away does not make the whole range be scanned. */
const RUN_GAP_US = 3_600_000_000;
const RUNS_MAX = 8;
/** Above it a time as a number is not exact; so far is looked on both sides. Unit: microseconds. */
const ROUNDING_US = 64n;

/** Asks the engine which rows are there already, exactly: by key and time over each run of near times, or by key alone. */
export class DoubtfulRows {
  private readonly stage: Stage;

  /** @param keyAt Where the key's columns stand in the dataset. */
  constructor(
    private readonly connection: DuckDBConnection,
    private readonly dataset: KeptDataset,
    keyAt: readonly number[],
    timeAt: number,
  ) {
    const byTime = dataset.definition.identity.by === 'time';
    this.stage = new Stage(connection, dataset, byTime ? [...keyAt, timeAt] : keyAt);
  }

  /** Of each append's doubtful rows those that nothing stored and no doubtful row before equals. */
  async settle(appends: readonly Doubtful[]): Promise<Int32Array[]> {
    const known = new Set<number>();
    await this.stage.fill(appends);
    for (const turn of await this.stored(appends)) known.add(turn);
    for (const [turn] of await rowsOf(this.connection, this.repeatedSql())) known.add(Number(turn));
    let turn = 0;
    return appends.map(({ doubtful }) => doubtful.filter(() => !known.has(turn++)));
  }

  private async stored(appends: readonly Doubtful[]): Promise<number[]> {
    const { stage, dataset } = this;
    const sql = `
      SELECT staged.turn
      FROM ${stage.sql} AS staged
      JOIN ${dataset.table.sql} AS stored ON ${stage.equal(stage.columns.length)}`;
    if (dataset.definition.identity.by !== 'time') {
      return (await rowsOf(this.connection, sql)).map(([turn]) => Number(turn));
    }
    const times = Float64Array.from(
      appends.flatMap(({ times, doubtful }) => Array.from(doubtful, (row) => Number(times[row]!))),
    ).sort();
    const time = stage.columns.at(-1)!.name; // the time is always there
    const turns: number[] = [];
    for (const { from, to } of runsOf(times, RUN_GAP_US, RUNS_MAX)) {
      const bounds = [timestampValue(BigInt(from) - ROUNDING_US), timestampValue(BigInt(to) + ROUNDING_US)];
      const rows = await rowsOf(this.connection, `${sql} WHERE stored.${time} BETWEEN $1 AND $2`, bounds);
      for (const [turn] of rows) turns.push(Number(turn));
    }
    return turns;
  }

  private repeatedSql(): string {
    const names = this.stage.columns.map((_, at) => `k${at}`).join(', ');
    return `
      SELECT turn
      FROM (SELECT turn, row_number() OVER (PARTITION BY ${names} ORDER BY turn) AS nth FROM ${this.stage.sql}) AS counted
      WHERE nth > 1`;
  }
}
