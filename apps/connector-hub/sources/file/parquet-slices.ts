import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isNativeError } from 'node:util/types';
import { ChartlyError } from '#libs/errors/errors';
import { withinLimit } from '../messages/message-record';
import { fileMalformed } from './file-malformed';
import { FileOffset, FileRow, FileSlice, SLICE_BYTES } from './file-slice';

const MEMORY_LIMIT = '256MiB';
/** Rows at a time at most; DuckDB gives 2,048 in one go. */
const ROWS_MAX = 10_240;
/** The name that a row has in a query; no column of a file has it by chance. */
const ROW = '"the row of chartly"';

interface ParquetOptions {
  readonly from: FileOffset;
  /** The file, for errors. */
  readonly name: string;
}

/**
 * The rows of a Parquet file as JSON texts, some at a time and in their order. Throws Unprocessable `pull.file_malformed`
 * and `pull.record_too_large`.
 */
export async function* parquetSlices(path: string, { from, name }: ParquetOptions): AsyncGenerator<FileSlice> {
  const { instance, connection } = await openFor(path);
  let { rows } = from;
  let held: FileRow[] = [];
  let bytes = 0;
  try {
    const query = `SELECT to_json(${ROW})::VARCHAR FROM (${await columnsOf(connection, path)}) ${ROW} OFFSET ${rows}`;
    const answer = await connection.stream(query);
    for (let chunk = await answer.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await answer.fetchChunk()) {
      const texts = chunk.getColumnValues(0) as string[]; // one column of texts, none of them null
      for (const text of texts) {
        rows += 1;
        const row = withinLimit(Buffer.from(text), `Row ${rows} of "${name}"`);
        held.push({ row: rows, text: row });
        bytes += row.length;
      }
      if (bytes < SLICE_BYTES && held.length < ROWS_MAX) continue;
      yield { rows: held, reached: { rows, bytes: 0 } };
      held = [];
      bytes = 0;
    }
    yield { rows: held, reached: { rows, bytes: 0 } };
  } catch (thrown) {
    throw ofDuckDb(thrown, path, name);
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

function ofDuckDb(thrown: unknown, path: string, name: string): unknown {
  if (!isNativeError(thrown) || thrown instanceof ChartlyError) return thrown;
  const [first = ''] = thrown.message.replaceAll(path, name).split('\n');
  return fileMalformed(name, first.replaceAll(/\s+/g, ' ').replace(/\.$/, '').trim(), thrown);
}
