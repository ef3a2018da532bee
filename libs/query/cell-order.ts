import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Cell } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';

/** A cell in a form that compares as engines compare it; undefined for null. Texts go by code point. */
export function comparable(type: ColumnType, cell: Cell | undefined): number | bigint | Buffer | undefined {
  if (cell === null || cell === undefined) return undefined;
  switch (type) {
    case 'timestamp':
      return microsOfRfc3339(textOf(cell));
    case 'int':
      return typeof cell === 'number' && Number.isInteger(cell) ? BigInt(cell) : intOf(textOf(cell));
    case 'double':
      return Number(cell);
    case 'bool':
      return cell === true ? 1 : 0;
    case 'string':
    case 'json':
      return Buffer.from(textOf(cell));
  }
}

/** A cell as text: json as JSON, null as nothing. */
export function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** Less than, equal to or greater than 0; neither is null. */
export function compareValues(one: number | bigint | Buffer, other: number | bigint | Buffer): number {
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return Buffer.compare(one, other);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A whole number as it is; a fraction, which computing made of one, as a number. */
const intOf = (text: string): bigint | number => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text));
