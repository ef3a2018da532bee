import { Optional } from '@marcbachmann/cel-js';
import { isPlainObject } from './failure';
import { microsFromDate, rfc3339FromMicros } from './instants';

/**
 * A value of an expression as JSON knows it: ints as numbers where they are exact (else as texts), timestamps as
 * RFC 3339. `undefined` for what JSON cannot say.
 */
export function jsonValueOf(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      return value === null ? null : jsonObjectOf(value);
    default:
      return undefined;
  }
}

/** Its JSON text, or `undefined`. Object keys keep their order. */
export function jsonTextOf(value: unknown): string | undefined {
  const json = jsonValueOf(value);
  return json === undefined ? undefined : JSON.stringify(json);
}

function jsonObjectOf(value: object): unknown {
  if (value instanceof Date) {
    const micros = microsFromDate(value);
    return micros === undefined ? undefined : rfc3339FromMicros(micros);
  }
  if (value instanceof Optional) return value.hasValue() ? jsonValueOf(value.value()) : null;
  if (Array.isArray(value)) {
    const items = value.map(jsonValueOf);
    return items.includes(undefined) ? undefined : items;
  }
  if (!isPlainObject(value)) return undefined;
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>; // `__proto__` is a key like any
  for (const [key, inner] of Object.entries(value)) {
    const json = jsonValueOf(inner);
    if (json === undefined) return undefined;
    copy[key] = json;
  }
  return copy;
}
