import {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBMaterializedResult,
  DuckDBResult,
  DuckDBTypeId,
  DuckDBValue,
} from '@duckdb/node-api';
import { Span } from './answer';

/** Runs `work` in one transaction; it is undone when `work` or its commit fails. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (thrown) {
    await rollback(connection);
    throw thrown;
  }
}

/** Undoes what is open; a failed commit has been undone already. */
export async function rollback(connection: DuckDBConnection): Promise<void> {
  await connection.run('ROLLBACK').catch(() => undefined);
}

/**
 * The whole of a result. A plan counts on the least and greatest values, and on whether there are nulls, as of when it
 * was made: run over rows that came later it answers wrongly. So no statement is kept, and one without values, which the
 * engine would not plan anew for them, is planned and run in one turn.
 */
export function resultOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBMaterializedResult> {
  return values.length === 0 ? connection.run(sql) : connection.run(sql, values);
}

export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBValue[][]> {
  return (await resultOf(connection, sql, values)).getRows();
}

/** What a part may hold beyond its first row: it travels whole, from process to process. Unit: characters of its texts. */
const PART_CHARACTERS = 4 * 2 ** 20;

/** The rows of a result that is computed as it is read; one part at least, empty where there is no row. */
export async function* partsOf(result: DuckDBResult): AsyncGenerator<DuckDBValue[][]> {
  let isEmpty = true;
  for await (const { chunk, from, to } of chunkSpans(result)) {
    isEmpty = false;
    const rows = chunk.getRows();
    yield to - from === rows.length ? rows : rows.slice(from, to);
  }
  if (isEmpty) yield [];
}

/** As {@link partsOf}, in the engine's own columns; none where there is no row. */
export async function* chunkSpans(result: DuckDBResult): AsyncGenerator<Span> {
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    yield* cut(chunk);
  }
}

function* cut(chunk: DuckDBDataChunk): Generator<Span> {
  const texts = Array.from({ length: chunk.columnCount }, (_, at) => chunk.getColumnVector(at)).filter(
    ({ type }) => type.typeId === DuckDBTypeId.VARCHAR,
  );
  let [from, characters] = [0, 0];
  for (let row = 0; row < chunk.rowCount && texts.length > 0; row += 1) {
    let own = 0;
    for (const text of texts) own += String(text.getItem(row) ?? '').length;
    if (row > from && characters + own > PART_CHARACTERS) {
      yield { chunk, from, to: row };
      [from, characters] = [row, 0];
    }
    characters += own;
  }
  yield { chunk, from, to: chunk.rowCount };
}
