import { DuckDBConnection, DuckDBResult, DuckDBValue } from '@duckdb/node-api';

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

export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBValue[][]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRows();
}

/** What a part may hold beyond its first row: it travels whole, from process to process. Unit: characters of its texts. */
const PART_CHARACTERS = 4 * 2 ** 20;

/** The rows of a result that is computed as it is read; one part at least, empty where there is no row. */
export async function* partsOf(result: DuckDBResult): AsyncGenerator<DuckDBValue[][]> {
  let chunk = await result.fetchChunk();
  if (!chunk || chunk.rowCount === 0) yield [];
  for (; chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield* cut(chunk.getRows());
}

function* cut(rows: DuckDBValue[][]): Generator<DuckDBValue[][]> {
  let [from, characters] = [0, 0];
  for (const [at, row] of rows.entries()) {
    const own = row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
    if (at > from && characters + own > PART_CHARACTERS) {
      yield rows.slice(from, at);
      [from, characters] = [at, 0];
    }
    characters += own;
  }
  yield from === 0 ? rows : rows.slice(from);
}
