import {
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
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { textOf } from '#libs/query/cell-order';
import { chunksOf, Table } from './table';

const BATCH_ROWS = 10_000;

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

/** An Arrow IPC stream (`application/vnd.apache.arrow.stream`): the schema, then record batches. */
export async function* arrowOf({ columns, rows }: Table): AsyncGenerator<Uint8Array> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, typeOf(type), true)));
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  for (const chunk of chunksOf(rows, BATCH_ROWS)) writer.write(batchOf(schema, columns, chunk));
  writer.finish();
  yield* writer;
}

function batchOf(schema: Schema, columns: readonly ResultColumn[], rows: Table['rows']): RecordBatch {
  const children = columns.map(({ type }, at) => {
    // The library's own builder of timestamps takes milliseconds; ours are micros, 64-bit integers underneath.
    const builder = makeBuilder({ type: type === 'timestamp' ? new Int64() : typeOf(type), nullValues: [null] });
    for (const row of rows) builder.append(valueOf(type, row[at] ?? null));
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

function valueOf(type: ColumnType, cell: Cell): unknown {
  if (cell === null) return null;
  switch (type) {
    case 'int':
      return int64(cell);
    case 'timestamp':
      return typeof cell === 'string' ? (microsOfRfc3339(cell) ?? null) : null;
    case 'double':
      return Number(cell);
    case 'bool':
      return cell === true;
    case 'string':
    case 'json':
      return typeof cell === 'string' && type === 'string' ? cell : JSON.stringify(cell);
  }
}

/** A sum beyond 64 bits has no place in the column. */
function int64(cell: Cell): bigint | null {
  const value = typeof cell === 'number' ? BigInt(Math.trunc(cell)) : BigInt(textOf(cell));
  return BigInt.asIntN(64, value) === value ? value : null;
}
