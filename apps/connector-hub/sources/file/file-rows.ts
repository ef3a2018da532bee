import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FileSource } from '#libs/documents/sources/file';
import { Unprocessable } from '#libs/errors/errors';

const MEMORY_LIMIT = '256MiB';
/** The name that a row has in a query; no column of a file has it by chance. */
const ROW = '"the row of chartly"';

/**
 * The rows of a file from the one at `offset` on, as JSON texts, some at a time and in their order; memory does not grow
 * with the file. Rows of ndjson and json are the very texts of the file, those of ndjson whether they are JSON or not;
 * null is a blank line. Throws Unprocessable `pull.file_malformed` with the file's `name`.
 */
export async function* fileRows(
  path: string,
  source: FileSource,
  { name, offset }: { readonly name: string; readonly offset: number },
): AsyncGenerator<readonly (string | null)[]> {
  // One that can reach this file, and nothing else.
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: '1',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_paths = [${text(path)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const rows = await connection.stream(`${await queryOf(connection, path, source)} OFFSET ${offset}`);
    for (let chunk = await rows.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
      yield chunk.getColumnValues(0) as (string | null)[]; // one column of texts
    }
  } catch (thrown) {
    throw malformed(name, path, thrown);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function queryOf(connection: DuckDBConnection, path: string, source: FileSource): Promise<string> {
  switch (source.format) {
    case 'csv':
      return `SELECT to_json(${ROW})::VARCHAR FROM read_csv(${text(path)}, ${csvOptions(source)}) ${ROW}`;
    case 'ndjson':
      return `SELECT line FROM read_csv(${text(path)}, ${LINES})`;
    case 'json':
      return `SELECT json::VARCHAR FROM read_json_objects(${text(path)}, format = 'auto')`;
    case 'parquet': {
      const from = `read_parquet(${text(path)})`;
      const { columns } = await described(connection, from);
      return `SELECT to_json(${ROW})::VARCHAR FROM (SELECT ${columns.join(', ')} FROM ${from}) ${ROW}`;
    }
  }
}

/** Nothing of the dialect is guessed: what does not fit it is an error, and no value is taken for null. */
const csvOptions = ({ delimiter = ',' }: FileSource): string =>
  `delim = ${text(delimiter)}, quote = '"', escape = '"', comment = '', header = true, skip = 0, all_varchar = true,
   nullstr = chr(1), strict_mode = true, null_padding = false, ignore_errors = false`;

/** Each line as it is: a character that no JSON holds parts nothing. */
const LINES = `columns = { 'line': 'VARCHAR' }, delim = chr(1), quote = '', escape = '', comment = '', header = false,
   auto_detect = false, strict_mode = false`;

async function described(connection: DuckDBConnection, from: string): Promise<{ columns: string[] }> {
  const answer = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  const columns = answer.getRows().map(([name, type]) => {
    const column = `"${String(name).replaceAll('"', '""')}"`;
    return `${asJson(column, String(type))} AS ${column}`;
  });
  return { columns };
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

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function malformed(name: string, path: string, thrown: unknown): Unprocessable {
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const [first = ''] = said.replaceAll(path, name).split(/\n(?:Possible|The search)/);
  return new Unprocessable(
    'pull.file_malformed',
    `"${name}" cannot be read further: ${first.replaceAll(/\s+/g, ' ').trim()} Mend it, or move it away; nothing behind it is taken before.`,
    { cause: thrown },
  );
}
