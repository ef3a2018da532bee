import { isNativeError } from 'node:util/types';
import { ChartlyError } from '#libs/errors/errors';
import { parquetRows } from '#libs/tabular/parquet-rows';
import { withinLimit } from '../messages/message-record';
import { fileMalformed } from './file-errors';
import { FileOffset, FileRow, FileSlice, SLICE_BYTES } from './file-slice';

/** Rows at a time at most; DuckDB gives 2,048 in one go. */
const ROWS_MAX = 10_240;

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
  let { rows } = from;
  let held: FileRow[] = [];
  let bytes = 0;
  try {
    for await (const texts of parquetRows(path, rows)) {
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
  }
}

function ofDuckDb(thrown: unknown, path: string, name: string): unknown {
  if (!isNativeError(thrown) || thrown instanceof ChartlyError) return thrown;
  const [first = ''] = thrown.message.replaceAll(path, name).split('\n');
  return fileMalformed(name, first.replaceAll(/\s+/g, ' ').replace(/\.$/, '').trim(), thrown);
}
