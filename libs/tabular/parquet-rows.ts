import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const MEMORY_LIMIT = '256MiB';
/** The name that a row has in a query; no column of a file has it by chance. */
const ROW = '"the row of chartly"';

/**
 * The rows of a Parquet file as JSON texts, some 2,000 at a time and in their order, from the row `offset` on (counted from
 * 0). Long and decimal numbers and times come as texts, with all digits and in RFC 3339. Throws the engine's own error for
 * a file that it cannot read.
 */
export async function* parquetRows(path: string, offset = 0): AsyncGenerator<string[]> {
  const { instance, connection } = await openFor(path);
  try {
    const query = `SELECT to_json(${ROW})::VARCHAR FROM (${await columnsOf(connection, path)}) ${ROW} OFFSET ${offset}`;
    const answer = await connection.stream(query);
    for (let chunk = await answer.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await answer.fetchChunk()) {
      yield chunk.getColumnValues(0) as string[]; // one column of texts, none of them null
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** An engine that can reach this file, and nothing else. */
async function openFor(path: string): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: '1',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_paths = [${quoted(path)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return { instance, connection };
}

async function columnsOf(connection: DuckDBConnection, path: string): Promise<string> {
  const from = `FROM read_parquet(${quoted(path)})`;
  const answer = await connection.runAndReadAll(`DESCRIBE SELECT * ${from}`);
  const columns = answer.getRows().map(([name, type]) => {
    const column = `"${String(name).replaceAll('"', '""')}"`;
    return `${asJson(column, String(type))} AS ${column}`;
  });
  return `SELECT ${columns.join(', ')} ${from}`;
}

/** Values that JSON has no form for come as texts: long and decimal numbers with all digits, times in RFC 3339, bytes. */
function asJson(column: string, type: string): string {
  if (/^(?:U?BIGINT|U?HUGEINT|DECIMAL.*)$/.test(type)) return `${column}::VARCHAR`;
  if (type === 'BLOB') return `base64(${column})`;
  if (type === 'TIMESTAMP_NS') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%nZ')`;
  if (type.startsWith('TIMESTAMP')) return `strftime(make_timestamp(epoch_us(${column})), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type === 'FLOAT' || type === 'DOUBLE') {
    return `CASE WHEN isfinite(${column}) THEN to_json(${column}) ELSE to_json(${column}::VARCHAR) END`;
  }
  return column;
}

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
