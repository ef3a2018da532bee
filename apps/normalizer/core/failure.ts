/** Why a value could not be had: a value itself, because making an `Error` a record costs a stack trace each. */
export class Failure {
  constructor(readonly reason: string) {}
}

/**
 * A value as a reason shows it: its type and size, never itself. A reason stands where the record may not, and reasons
 * of the same mistake are the same text.
 */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `a string of ${counted(value.length, 'character')}`;
    case 'number':
      return 'a number';
    case 'bigint':
      return 'an int';
    case 'boolean':
      return 'a bool';
    case 'undefined':
      return 'nothing';
    default:
      if (value === null) return 'null';
      if (value instanceof Date) return 'a timestamp';
      if (Array.isArray(value)) return `a list of ${counted(value.length, 'item')}`;
      return isPlainObject(value) ? 'an object' : 'a value of another kind';
  }
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
