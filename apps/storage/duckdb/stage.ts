import { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { Column } from '#libs/contracts/columns';
import { CheckedRows } from '../row-check';
import { KeptDataset } from './catalog';
import { duckType } from './column-types';
import { appendColumns, pickRows } from './column-writer';
import { quoted } from './identifiers';

/** Rows of an append that the engine has to be asked about. */
export interface Doubtful {
  readonly rows: CheckedRows;
  readonly times: BigInt64Array;
  readonly doubtful: Int32Array;
}

const TABLE = 'chartly_stage';

/**
 * Doubtful rows of several appends, laid down for the engine to join with what it holds: their `turn`, counted over all
 * of them, and the values of some columns as `k0`, `k1` …
 */
export class Stage {
  readonly sql = `temp.main.${TABLE}`;
  /** The staged columns by their name in the dataset, in the order of `k0`, `k1` … */
  readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[];

  constructor(
    private readonly connection: DuckDBConnection,
    { definition }: KeptDataset,
    private readonly columnsAt: readonly number[],
  ) {
    this.columns = columnsAt.map((at) => {
      const { name, type } = definition.columns[at]!; // a place in the dataset
      return { name: quoted(name), type: duckType(type) };
    });
  }

  async fill(appends: readonly Doubtful[]): Promise<void> {
    const columns = this.columns.map(({ type }, at) => `k${at} ${type.toString()}`);
    await this.connection.run(`CREATE OR REPLACE TEMP TABLE ${TABLE} (turn BIGINT, ${columns.join(', ')})`);
    const appender = await this.connection.createAppender(TABLE, 'main', 'temp');
    const types = [duckType('int'), ...this.columns.map(({ type }) => type)];
    try {
      let turn = 0;
      for (const { rows, doubtful } of appends) {
        const from = turn;
        const turns = BigInt64Array.from(doubtful, (_, at) => BigInt(from + at));
        const staged = this.columnsAt.map((at) => rows.columns[at] && pickRows(rows.columns[at], doubtful));
        const column: Column = { name: 'turn', type: 'int', values: turns };
        appendColumns(appender, types, [column, ...staged], doubtful.length);
        turn += doubtful.length;
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
  }

  /** The first `count` staged columns of `staged` equal those of the same names of `stored`. */
  equal(count: number): string {
    return this.columns
      .slice(0, count)
      .map(({ name }, at) => `stored.${name} = staged.k${at}`)
      .join(' AND ');
  }
}
