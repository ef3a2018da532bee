import { ByteWriter, ColumnSource, ParquetWriter, SchemaElement } from 'hyparquet-writer';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { binaryValue } from './binary-value';
import { Table } from './table';

/** A row group ends when it has so much, and is all that is held of a file: cells, and characters of its texts. */
const GROUP_CELLS = 500_000;
const GROUP_CHARACTERS = 16 * 2 ** 20;

/** Timestamps are microseconds UTC; every column may be null. */
function elementOf({ name, type }: ResultColumn): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type) {
    case 'string':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'json':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } };
    case 'int':
      return { ...optional, type: 'INT64' };
    case 'double':
      return { ...optional, type: 'DOUBLE' };
    case 'bool':
      return { ...optional, type: 'BOOLEAN' };
    case 'timestamp':
      return {
        ...optional,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      };
  }
}

/**
 * A Parquet file (Snappy), written from its first row group to its footer as rows come. DuckDB, which reads such files
 * here, writes them from tables of its own and to a disk: rows of any engine would be kept twice before their first byte
 * goes out.
 */
export async function* parquetOf({ columns, parts }: Table): AsyncGenerator<Uint8Array> {
  const written = new Written();
  const root: SchemaElement = { name: 'root', num_children: columns.length };
  const writer = new ParquetWriter({
    writer: written,
    schema: [root, ...columns.map(elementOf)],
    createdBy: 'chartly',
  });
  let group = new RowGroup(columns);
  for await (const rows of parts) {
    for (const row of rows) group.add(row);
    if (!group.isFull) continue;
    await group.writeTo(writer);
    group = new RowGroup(columns);
    yield written.take();
  }
  await group.writeTo(writer);
  await writer.finish();
  yield written.take();
}

/** The rows of a row group, by column. */
class RowGroup {
  private readonly values: unknown[][];
  private cells = 0;
  private characters = 0;

  constructor(private readonly columns: readonly ResultColumn[]) {
    this.values = columns.map(() => []);
  }

  get isFull(): boolean {
    return this.cells >= GROUP_CELLS || this.characters >= GROUP_CHARACTERS;
  }

  add(row: readonly Cell[]): void {
    this.columns.forEach(({ type }, at) => {
      const cell = row[at] ?? null;
      const value = binaryValue(type, cell);
      if (typeof value === 'string') this.characters += value.length;
      this.values[at]?.push(type === 'json' ? cell : value); // the library makes the text of json itself
    });
    this.cells += this.columns.length;
  }

  async writeTo(writer: ParquetWriter): Promise<void> {
    if (this.cells === 0) return;
    const columnData = this.columns.map(({ name, type }, at): ColumnSource => ({
      name,
      data: this.values[at] ?? [],
      type: BASIC[type],
    }));
    await writer.write({ columnData, rowGroupSize: this.cells });
  }
}

const BASIC = {
  string: 'STRING',
  json: 'STRING',
  int: 'INT64',
  double: 'DOUBLE',
  bool: 'BOOLEAN',
  timestamp: 'INT64',
} as const satisfies Record<ColumnType, ColumnSource['type']>;

/** Bytes that nobody took yet. */
class Written extends ByteWriter {
  take(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}
