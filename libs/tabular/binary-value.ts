import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Cell } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { textOf } from '#libs/query/cell-order';

export type BinaryValue = bigint | number | boolean | string | null;

/** A cell as binary formats keep it: ints and timestamps (microseconds UTC) in 64 bits, json as its text. */
export function binaryValue(type: ColumnType, cell: Cell): BinaryValue {
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
