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
import { ResultColumn } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { binaryValue } from './binary-value';
import { Rows, Table } from './table';

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
  const children = columns.map(({ type }, at) => {
    // The library's own builder of timestamps takes milliseconds; ours are micros, 64-bit integers underneath.
    const builder = makeBuilder({ type: type === 'timestamp' ? new Int64() : typeOf(type), nullValues: [null] });
    for (const row of rows) builder.append(binaryValue(type, row[at] ?? null));
    const data = builder.finish().flush();
    if (type !== 'timestamp') return data;
    const { length, nullCount, nullBitmap, values } = data;
    return makeData({
      type: new TimestampMicrosecond('UTC'),
      length,
      nullCount,
      nullBitmap,
      data: values as BigInt64Array,
    }); // an Int64's
  });
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(schema, data);
}
