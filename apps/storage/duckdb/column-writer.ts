import { DuckDBAppender, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { Column, TextColumn } from '#libs/contracts/columns';

/** Rows of one chunk at most: the engine's vector size. */
const CHUNK_ROWS = bindings.vector_size();
const WORD_BITS = 64;

/**
 * Appends rows from columns. Numbers are copied as blocks of memory; a column that is undefined is all null. The types
 * must be those of the table, in its order.
 */
export function appendColumns(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly (Column | undefined)[],
  length: number,
): void {
  for (let from = 0; from < length; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, length - from);
    const chunk = DuckDBDataChunk.create(types, rows);
    columns.forEach((column, at) => {
      const vector = bindings.data_chunk_get_vector(chunk.chunk, at);
      if (column) fillVector(vector, column, from, rows);
      else writeValidity(vector, new Uint8Array(validityBytes(rows)));
    });
    appender.appendDataChunk(chunk);
  }
}

/** The rows of a column whose numbers are given, in that order. */
export function pickRows(column: Column, rows: Int32Array): Column {
  const nulls = column.nulls && Uint8Array.from(rows, (row) => column.nulls![row]!);
  const part = nulls === undefined ? { name: column.name } : { name: column.name, nulls };
  switch (column.type) {
    case 'string':
    case 'json':
      return { ...part, type: column.type, values: Array.from(rows, (row) => column.values[row]!) };
    case 'int':
    case 'timestamp': {
      const values = new BigInt64Array(rows.length);
      rows.forEach((row, at) => (values[at] = column.values[row]!));
      return { ...part, type: column.type, values };
    }
    case 'double':
      return { ...part, type: column.type, values: Float64Array.from(rows, (row) => column.values[row]!) };
    case 'bool':
      return { ...part, type: column.type, values: Uint8Array.from(rows, (row) => column.values[row]!) };
  }
}

function fillVector(vector: bindings.Vector, column: Column, from: number, rows: number): void {
  const nulls = column.nulls?.subarray(from, from + rows);
  if (isText(column)) {
    const { values } = column;
    for (let row = 0; row < rows; row += 1) {
      if (nulls === undefined || nulls[row] === 0) {
        bindings.vector_assign_string_element(vector, row, values[from + row]!);
      }
    }
  } else {
    const values =
      column.type === 'bool' ? asBooleans(column.values, nulls, from, rows) : column.values.subarray(from, from + rows);
    // Typed arrays that a caller may hand in lie on plain memory: the wire and the normalizer make no shared ones.
    bindings.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  }
  if (nulls?.some((isNull) => isNull !== 0)) writeValidity(vector, validityOf(nulls));
}

const isText = (column: Column): column is TextColumn => column.type === 'string' || column.type === 'json';

/** The engine reads no byte but 0 and 1 as a boolean, not even below a null. */
function asBooleans(values: Uint8Array, nulls: Uint8Array | undefined, from: number, rows: number): Uint8Array {
  const part = values.subarray(from, from + rows);
  return nulls === undefined ? part : part.map((value) => value & 1);
}

const validityBytes = (rows: number): number => Math.ceil(rows / WORD_BITS) * (WORD_BITS / 8);

/** One bit a row, 1 where the value is there. */
function validityOf(nulls: Uint8Array): Uint8Array {
  const bits = new Uint8Array(validityBytes(nulls.length));
  nulls.forEach((isNull, row) => {
    if (isNull === 0) bits[row >> 3]! |= 1 << (row & 7);
  });
  return bits;
}

function writeValidity(vector: bindings.Vector, bits: Uint8Array): void {
  bindings.vector_ensure_validity_writable(vector);
  bindings.copy_data_to_vector_validity(vector, 0, bits.buffer as ArrayBuffer, bits.byteOffset, bits.byteLength);
}
