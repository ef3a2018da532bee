/** Why a value could not be had: a value itself, because making an `Error` a record costs a stack trace each. */
export class Failure {
  constructor(readonly reason: string) {}
}

const SHOWN_MAX_CHARS = 100;

/** A value as a reason shows it: its type and its text, cut to 100 characters. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${cut(JSON.stringify(value.slice(0, SHOWN_MAX_CHARS + 1)), value.length)}`;
    case 'number':
      return `number ${value}`;
    case 'bigint':
      return `int ${value}`;
    case 'boolean':
      return `bool ${value}`;
    case 'undefined':
      return 'nothing';
    default:
      if (value === null) return 'null';
      if (value instanceof Date) return 'timestamp';
      if (Array.isArray(value)) return `list ${cut(previewOf(value))}`;
      return isPlainObject(value) ? `object ${cut(previewOf(value))}` : `a value of another kind`;
  }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cut(text: string, fullLength = text.length): string {
  return text.length > SHOWN_MAX_CHARS || fullLength > SHOWN_MAX_CHARS ? `${text.slice(0, SHOWN_MAX_CHARS)}…` : text;
}

function previewOf(value: object): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  return text ?? '';
}
