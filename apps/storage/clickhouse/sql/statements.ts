import { DuckDBType, HUGEINT } from '@duckdb/node-api';
import { EntityManager } from 'typeorm';
import { Cell, ResultColumn, RowsPart } from '#libs/contracts/query-plan';
import { CheckedSql, RunSql, SqlRows } from '#libs/contracts/sql';
import { digestOf } from '#libs/documents/canonical';
import { NotFound } from '#libs/errors/errors';
import { Dataset } from '../../dataset';
import { duckType } from '../../duckdb/column-types';
import { rollupAsDataset } from '../../rollup';
import { answerRow } from '../answer';
import { BookedRollup, Books, Snapshot } from '../books';
import { ClickCell, ClickHouse } from '../click-house';
import { rollupRowsSql } from '../rollup-sql';
import { SqlValues } from '../sql-values';
import { quoted } from '../tables';
import { liveRows } from '../visible';
import { dayText } from './day-text';
import { PlanPrinter, SourceTable } from './plan-relation';
import { BoundTable, StatementBinder } from './statement-binder';
import { statementError, statementSettings } from './statement-limits';
import { ColumnSql, isDate } from './types';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const EXPORT_TIMEOUT_MS = 3_600_000;

interface Readable {
  readonly bound: BoundTable;
  readonly source: SourceTable;
  readonly version: string;
}

interface Prepared {
  readonly sql: string;
  readonly values: SqlValues;
  readonly columns: readonly ResultColumn[];
  readonly printed: readonly ColumnSql[];
  readonly dataVersion: string;
}

/**
 * Statements of users on ClickHouse. DuckDB reads them and ClickHouse never does: it gets a SELECT that is printed from
 * what DuckDB understood, over the tables of the project alone.
 */
export class Statements {
  private readonly binder = new StatementBinder();

  /** `clickHouse` is who asks; `memory` is what a statement may take there. Unit: bytes. */
  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
    private readonly memory: number,
  ) {}

  /** Throws Unprocessable `sql.unsupported` besides what the contract says. */
  async run(request: RunSql, signal?: AbortSignal): Promise<SqlRows> {
    const late = AbortSignal.timeout(request.timeoutMs);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    const { sql, values, columns, printed, dataVersion } = await this.prepare(request, BigInt(request.limit) + 1n);
    try {
      const settings = statementSettings(request.project, this.memory, request.timeoutMs);
      const rows = await this.clickHouse.rows(sql, values, either, settings);
      return {
        columns: [...columns],
        rows: rows.slice(0, request.limit).map((row) => cells(row, columns, printed)),
        truncated: rows.length > request.limit,
        asOf: new Date().toISOString(),
        dataVersion,
      };
    } catch (thrown) {
      throw statementError(thrown, this.memory);
    }
  }

  /** All rows, as the engine comes to them; one part at least. */
  async *stream(request: CheckedSql, signal?: AbortSignal): AsyncGenerator<RowsPart> {
    const { sql, values, columns, printed } = await this.prepare(request, undefined);
    const settings = statementSettings(request.project, this.memory, EXPORT_TIMEOUT_MS);
    let isFirst = true;
    try {
      for await (const rows of this.clickHouse.parts(sql, values, signal, settings)) {
        yield { columns: [...columns], rows: rows.map((row) => cells(row, columns, printed)) };
        isFirst = false;
      }
    } catch (thrown) {
      throw statementError(thrown, this.memory);
    }
    if (isFirst) yield { columns: [...columns], rows: [] };
  }

  close(): Promise<void> {
    return this.binder.close();
  }

  private async prepare(request: CheckedSql, limit: bigint | undefined): Promise<Prepared> {
    const readable = await this.books.atOnce(async (tx) => {
      const tables = await this.books.tables(request.project, tx);
      const found: Readable[] = [];
      for (const name of request.tables) found.push(await this.readable(request.project, name, tables, tx));
      return found;
    });
    const { plan, columns, constants } = await this.binder.bind(
      request.sql,
      readable.map(({ bound }) => bound),
      request.parameters,
    );
    const values = new SqlValues();
    const printing = { values, constants, nowUs: BigInt(Date.now()) * 1_000n };
    const printer = new PlanPrinter(printing, new Map(readable.map(({ bound, source }) => [bound.name, source])));
    const { sql, columns: printed } = printer.print(plan, limit);
    return { sql, values, columns, printed, dataVersion: digestOf(readable.map(({ version }) => version)) };
  }

  /** What a name means in a project: a dataset, or the rollup of one. */
  private async readable(
    project: string,
    name: string,
    tables: readonly Snapshot[],
    tx: EntityManager,
  ): Promise<Readable> {
    const dataset = tables.find(({ definition }) => definition.dataset === name);
    if (dataset) {
      const { definition, version } = dataset;
      return { ...shape(name, definition, liveRows(dataset), new Set()), version };
    }
    for (const owner of tables) {
      const rollup = owner.rollups.get(name);
      if (!rollup) continue;
      const rows = await this.rollupRows(owner, rollup, tx);
      const asDataset = rollupAsDataset(owner.definition, rollup.definition);
      const sums = rollup.definition.measures.filter(({ fn }) => fn === 'sum').map((measure) => measure.name);
      return { ...shape(name, asDataset, rows, new Set(sums)), version: owner.version };
    }
    throw new NotFound('dataset.unknown', `There is no dataset or rollup "${name}" in project "${project}".`);
  }

  private async rollupRows(owner: Snapshot, rollup: BookedRollup, tx: EntityManager): Promise<string> {
    const { id, lastBuild, definition } = rollup;
    const dirtyBuckets = await this.books.dirtyBuckets(id, INT64_MIN, INT64_MAX, tx);
    return `(${rollupRowsSql(owner.definition, definition, { id, lastBuild, dirtyBuckets }, liveRows(owner))})`;
  }
}

/** A table as each of the two engines knows it. A sum of whole numbers may need more than 64 bits. */
function shape(
  name: string,
  { columns }: Dataset,
  from: string,
  sums: ReadonlySet<string>,
): Pick<Readable, 'bound' | 'source'> {
  const typed = columns.map((column) => {
    const type: DuckDBType = column.type === 'int' && sums.has(column.name) ? HUGEINT : duckType(column.type);
    return { name: column.name, type };
  });
  return {
    bound: { name, columns: typed },
    source: {
      from,
      columns: typed.map((column) => ({
        sql: quoted(column.name),
        type: { id: column.type.toString() },
        mayBeNaN: false, // none is stored
        mayBeInfinite: sums.has(column.name),
      })),
    },
  };
}

function cells(row: readonly ClickCell[], columns: readonly ResultColumn[], printed: readonly ColumnSql[]): Cell[] {
  const days = row.map((cell, at) => {
    const column = printed[at];
    return cell !== null && column && isDate(column.type) ? dayText(Number(cell)) : cell;
  });
  return answerRow(days, columns);
}
