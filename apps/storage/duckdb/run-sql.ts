import { DuckDBConnection, DuckDBResult, DuckDBTypeId, DuckDBValue } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { ResultColumn, RowsPart } from '#libs/contracts/query-plan';
import { CheckedSql, RunSql, SqlParameters, SqlRows } from '#libs/contracts/sql';
import { ColumnType } from '#libs/documents/store';
import { ChartlyError, NotFound, Unprocessable } from '#libs/errors/errors';
import { rollupAsDataset } from '../rollup';
import { answerRow } from './answer';
import { Catalog, KeptDataset, KeptRollup } from './catalog';
import { dirtyBucketsIn } from './dirty-in-range';
import { messageOf } from './duckdb-errors';
import { quoted } from './identifiers';
import { Parameters } from './parameters';
import { rollupRowsSql } from './plan-sql';
import { rawBuckets } from './questions';
import { withTables } from './statement-tree';
import { partsOf } from './transaction';

/**
 * Runs a checked statement in the snapshot of `connection`'s transaction. What it may read stands before it as common
 * tables, so that a dataset's name means that dataset's columns and nothing of the engine's. Rows beyond the limit are not
 * even computed.
 */
export async function runSql(connection: DuckDBConnection, catalog: Catalog, request: RunSql): Promise<SqlRows> {
  const { result, versions } = await begin(connection, catalog, request);
  try {
    const columns = columnsOf(result);
    const rows = await firstRows(result, request.limit + 1);
    return {
      columns,
      rows: rows.slice(0, request.limit).map((row) => answerRow(row.map(plain), columns)),
      truncated: rows.length > request.limit,
      asOf: new Date().toISOString(),
      dataVersion: createHash('sha256').update(versions.join(' ')).digest('base64url'),
    };
  } catch (thrown) {
    throw asSqlError(thrown);
  }
}

/** All rows of a checked statement, as the engine comes to them; otherwise as {@link runSql}. */
export async function* streamSql(
  connection: DuckDBConnection,
  catalog: Catalog,
  request: CheckedSql,
): AsyncGenerator<RowsPart> {
  const { result } = await begin(connection, catalog, request);
  try {
    const columns = columnsOf(result);
    for await (const rows of partsOf(result)) {
      yield { columns, rows: rows.map((row) => answerRow(row.map(plain), columns)) };
    }
  } catch (thrown) {
    throw asSqlError(thrown);
  }
}

async function begin(
  connection: DuckDBConnection,
  catalog: Catalog,
  request: CheckedSql,
): Promise<{ readonly result: DuckDBResult; readonly versions: readonly string[] }> {
  const readable: string[] = [];
  const versions: string[] = [];
  for (const name of request.tables) {
    const { dataset, rollup } = tableNamed(catalog, request.project, name);
    versions.push(dataset.version);
    const rows = rollup ? await rollupSql(connection, dataset, rollup) : datasetSql(dataset);
    readable.push(`${quoted(name)} AS NOT MATERIALIZED (${rows})`);
  }
  try {
    const sql = await withTables(connection, readable, request.sql);
    return { result: await connection.stream(sql, valuesOf(request.parameters)), versions };
  } catch (thrown) {
    throw asSqlError(thrown);
  }
}

/** The dataset, or the rollup of one, that a name means in a project. */
function tableNamed(
  catalog: Catalog,
  project: string,
  name: string,
): { readonly dataset: KeptDataset; readonly rollup?: KeptRollup } {
  const own = [...catalog.all()].filter(({ definition }) => definition.project === project);
  const dataset = own.find(({ definition }) => definition.dataset === name);
  if (dataset) return { dataset };
  for (const one of own) {
    const rollup = one.rollups.get(name);
    if (rollup) return { dataset: one, rollup };
  }
  throw new NotFound('dataset.unknown', `There is no dataset or rollup "${name}" in project "${project}".`);
}

const datasetSql = ({ definition, table }: KeptDataset): string =>
  `SELECT ${definition.columns.map(({ name }) => quoted(name)).join(', ')} FROM ${table.sql}`;

async function rollupSql(connection: DuckDBConnection, dataset: KeptDataset, rollup: KeptRollup): Promise<string> {
  const dirty = await dirtyBucketsIn(connection, rollup, {});
  const names = rollupAsDataset(dataset.definition, rollup.definition)
    .columns.map(({ name }) => quoted(name))
    .join(', ');
  const named = { table: rollup.table, raw: rawBuckets(dataset, rollup), dirtyRuns: dirty.runs };
  const parameters = new Parameters();
  const sql = rollupRowsSql(names, { table: dataset.table, rollup: named, spans: [] }, parameters);
  if (parameters.values.length === 0) return sql;
  // A fraction of a quantile is a number of ours; the statement's own parameters have names, and the two do not mix.
  return parameters.values.reduce<string>(
    (text, value, at) => text.replaceAll(`$${at + 1}::`, `${Number(value)}::`),
    sql,
  );
}

function valuesOf(parameters: SqlParameters): Record<string, DuckDBValue> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
    ]),
  );
}

async function firstRows(result: DuckDBResult, limit: number): Promise<DuckDBValue[][]> {
  const rows: DuckDBValue[][] = [];
  while (rows.length < limit) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    rows.push(...chunk.getRows());
  }
  return rows.slice(0, limit);
}

const INTS = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
]);
const DOUBLES = new Set([DuckDBTypeId.FLOAT, DuckDBTypeId.DOUBLE, DuckDBTypeId.DECIMAL]);

const columnsOf = (result: DuckDBResult): ResultColumn[] =>
  resultColumns(result.columnNames().map((name, at) => ({ name, typeId: result.columnTypeId(at) })));

/** Columns as an answer tells them; a name that comes again is told apart by a number. */
export function resultColumns(
  columns: readonly { readonly name: string; readonly typeId: DuckDBTypeId }[],
): ResultColumn[] {
  const seen = new Map<string, number>();
  return columns.map(({ name, typeId }) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { name: (before === 0 ? name : `${name}:${before}`).slice(0, 200), type: typeOf(typeId) };
  });
}

function typeOf(id: DuckDBTypeId): ColumnType {
  if (INTS.has(id)) return 'int';
  if (DOUBLES.has(id)) return 'double';
  if (id === DuckDBTypeId.BOOLEAN) return 'bool';
  return id === DuckDBTypeId.TIMESTAMP || id === DuckDBTypeId.TIMESTAMP_TZ ? 'timestamp' : 'string';
}

/** Decimals as numbers; what has no type of ours, as its text. */
function plain(value: DuckDBValue): DuckDBValue {
  const isDecimal = typeof value === 'object' && value !== null && 'scale' in value && 'value' in value;
  return isDecimal ? Number(String(value)) : value;
}

/** A statement that cannot run is its writer's to mend, in the engine's words. */
export function asSqlError(thrown: unknown): unknown {
  const [message = ''] = messageOf(thrown).split('\n');
  if (message.startsWith('Out of Memory Error')) {
    return new Unprocessable(
      'sql.memory',
      'The statement needs more memory and disk than the event engine has (CHARTLY_EVENTS_MEMORY_LIMIT). Ask for less at once.',
      { cause: thrown },
    );
  }
  if (
    thrown instanceof ChartlyError ||
    !/^(?:Failed to extract statements: )?(Binder|Catalog|Parser|Permission|Conversion|Out of Range|Invalid Input|Invalid|Not implemented|Syntax|Mismatch Type|Division by Zero) Error/i.test(
      message,
    )
  ) {
    return thrown;
  }
  return new Unprocessable('sql.invalid', `The statement cannot run: ${message}`, { cause: thrown });
}
