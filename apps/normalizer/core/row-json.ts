import type { Column, ColumnBatch } from '#libs/contracts/columns';
import type { RowJson } from '#libs/contracts/preview';
import { rfc3339FromMicros } from './instants';

/** Row `at` of a batch as JSON writes it: times as RFC 3339, ints that a double does not hold as text. */
export function rowJson({ columns }: ColumnBatch, at: number): RowJson {
  return Object.fromEntries(columns.map((column) => [column.name, valueAt(column, at)]));
}

function valueAt(column: Column, at: number): unknown {
  if (column.nulls?.[at] === 1) return null;
  const value = column.values[at] ?? null;
  switch (column.type) {
    case 'json':
      return JSON.parse(String(value)) as unknown;
    case 'timestamp':
      return rfc3339FromMicros(value as bigint); // a timestamp column holds nothing else
    case 'int':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'bool':
      return value === 1;
    default:
      return value;
  }
}
