import {
  DuckDBDataChunk,
  DuckDBMaterializedResult,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBValue,
} from '@duckdb/node-api';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { rfc3339OfMicros } from '#libs/calendar/instants';

/** Rows `from` up to and without `to` of a chunk. */
export interface Span {
  readonly chunk: DuckDBDataChunk;
  readonly from: number;
  readonly to: number;
}

/**
 * A row of the engine as an answer's; what stands behind the answer's columns is left out. An int beyond 2^53 is its
 * decimal text and a double that is not finite its name, since JSON could not carry them.
 */
export const answerRow = (values: readonly DuckDBValue[], columns: readonly ResultColumn[]): Cell[] =>
  columns.map((column, at) => cellOf(values[at] ?? null, column));

/** As {@link answerRow} for the rows of a span, made of its columns at once: many times quicker than row by row. */
export function answerRows({ chunk, from, to }: Span, columns: readonly ResultColumn[], first = 0): Cell[][] {
  const rows: Cell[][] = Array.from({ length: to - from }, () => []);
  for (const [at, column] of columns.entries()) {
    const cell = cellReader(chunk, first + at, column);
    for (let row = from; row < to; row += 1) rows[row - from]!.push(cell(row)); // one a row of the span
  }
  return rows;
}

/** The first rows of a result as an answer's, `limit` at most. */
export function firstAnswerRows(
  result: DuckDBMaterializedResult,
  columns: readonly ResultColumn[],
  limit: number,
): Cell[][] {
  const parts: Cell[][][] = [];
  for (let at = 0, left = limit; at < result.chunkCount && left > 0; at += 1) {
    const chunk = result.getChunk(at);
    const to = Math.min(chunk.rowCount, left);
    parts.push(answerRows({ chunk, from: 0, to }, columns));
    left -= to;
  }
  return parts.length === 1 ? parts[0]! : parts.flat();
}

/** The cells of one row, of the columns that begin with the engine's column `first`; undefined beyond the last row. */
export function answerRowAt(
  result: DuckDBMaterializedResult,
  columns: readonly ResultColumn[],
  row: number,
  first = 0,
): Cell[] | undefined {
  for (let at = 0, before = 0; at < result.chunkCount; at += 1) {
    const chunk = result.getChunk(at);
    const from = row - before;
    if (from < chunk.rowCount) return answerRows({ chunk, from, to: from + 1 }, columns, first)[0];
    before += chunk.rowCount;
  }
  return undefined;
}

function cellReader(chunk: DuckDBDataChunk, at: number, column: ResultColumn): (row: number) => Cell {
  const vector = chunk.getColumnVector(at);
  if (column.type !== 'timestamp') return (row) => cellOf(vector.getItem(row), column);
  let known: bigint | undefined; // rows in the order of time repeat it
  let text = '';
  return (row) => {
    const value = vector.getItem(row);
    if (!(value instanceof DuckDBTimestampValue)) return cellOf(value, column);
    if (value.micros !== known) [known, text] = [value.micros, rfc3339OfMicros(value.micros)];
    return text;
  };
}

function cellOf(value: DuckDBValue, column: ResultColumn): Cell {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case 'string':
      return column.type === 'json' ? (JSON.parse(value) as Cell) : value; // checked to be JSON when it came
    case 'boolean':
      return value;
    default:
      if (value === null) return null;
      if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
        return rfc3339OfMicros(value.micros);
      }
      return String(value);
  }
}
