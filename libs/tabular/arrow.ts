import {
  AsyncByteQueue,
  Bool,
  DataType,
  Field,
  Float64,
  Int64,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { binaryValue } from './binary-value';
import { Rows, Table } from './table';

/** Bitmaps are as long as a multiple of these. Unit: bits. */
const BITMAP_STEP = 512;

/** Timestamps are microseconds UTC; json is its text. */
const typeOf = (type: ColumnType): DataType => {
  switch (type) {
    case 'string':
    case 'json':
      return new Utf8();
    case 'int':
      return new Int64();
    case 'double':
      return new Float64();
    case 'bool':
      return new Bool();
    case 'timestamp':
      return new TimestampMicrosecond('UTC');
  }
};

/** An Arrow IPC stream (`application/vnd.apache.arrow.stream`): the schema, then a record batch a part. */
export async function* arrowOf({ columns, parts }: Table): AsyncGenerator<Uint8Array> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, typeOf(type), true)));
  const written = new Written();
  const writer = new RecordBatchStreamWriter();
  writer.reset(written, schema);
  for await (const rows of parts) {
    writer.write(batchOf(schema, columns, rows));
    yield written.take();
  }
  writer.finish();
  yield written.take();
}

/** What a writer wrote and nobody took yet; the library's own queue cannot tell when a batch is out. */
class Written extends AsyncByteQueue {
  private pieces: Uint8Array[] = [];

  override write(piece: Uint8Array | string): void {
    this.pieces.push(typeof piece === 'string' ? Buffer.from(piece) : new Uint8Array(piece));
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [];
    return bytes;
  }
}

function batchOf(schema: Schema, columns: readonly ResultColumn[], rows: Rows): RecordBatch {
  const children = columns.map(({ type }, at) => columnOf(type, rows, at));
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(schema, data);
}

/** Numbers are put where the format has them at once; all else the library's own builders make. */
function columnOf(type: ColumnType, rows: Rows, at: number) {
  const { length } = rows;
  if (type === 'double') {
    const data = new Float64Array(length);
    return makeData({ type: new Float64(), length, ...filled(type, rows, at, data), data });
  }
  if (type === 'int' || type === 'timestamp') {
    const data = new BigInt64Array(length);
    const nulls = filled(type, rows, at, data);
    return type === 'int'
      ? makeData({ type: new Int64(), length, ...nulls, data })
      : makeData({ type: new TimestampMicrosecond('UTC'), length, ...nulls, data });
  }
  const builder = makeBuilder({ type: typeOf(type), nullValues: [null] });
  for (const row of rows) builder.append(binaryValue(type, row[at] ?? null));
  return builder.finish().flush();
}

/** Fills a column with its cells' values; a cell that is null has no bit in the bitmap. */
function filled(
  type: ColumnType,
  rows: Rows,
  at: number,
  values: Float64Array | BigInt64Array,
): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  const bits = new Uint8Array(Math.ceil(rows.length / BITMAP_STEP) * (BITMAP_STEP / 8));
  let nullCount = 0;
  let known: Cell = null; // rows in the order of time repeat it, and its text takes long to read
  let value = binaryValue(type, known);
  for (const [place, row] of rows.entries()) {
    const cell = row[at] ?? null;
    if (cell !== known) [known, value] = [cell, binaryValue(type, cell)];
    if (typeof value === 'bigint' || typeof value === 'number') {
      values[place] = value;
      bits[place >> 3]! |= 1 << (place & 7); // as long as the column
    } else nullCount += 1;
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bits };
}
