import { DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { rfc3339OfMicros } from '#libs/calendar/instants';

/**
 * A row of the engine as an answer's; what stands behind the answer's columns is left out. An int beyond 2^53 is its decimal text and a double that is not finite its name,
 * since JSON could not carry them.
 */
export const answerRow = (values: readonly DuckDBValue[], columns: readonly ResultColumn[]): Cell[] =>
  columns.map((column, at) => cellOf(values[at] ?? null, column));

function cellOf(value: DuckDBValue, column: ResultColumn): Cell {
  if (value === null) return null;
  if (value instanceof DuckDBTimestampValue) return rfc3339OfMicros(value.micros);
  switch (typeof value) {
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
      return column.type === 'json' ? (JSON.parse(value) as Cell) : value; // checked to be JSON when it came
    case 'boolean':
      return value;
    default:
      return String(value);
  }
}
