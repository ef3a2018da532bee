import { Failure, shown } from './failure';
import {
  INSTANT_MAX_MS,
  INSTANT_MIN_MS,
  Micros,
  microsFromMs,
  microsFromDate,
  microsFromRfc3339,
  rfc3339FromMicros,
} from './instants';

/**
 * The conversion functions of expressions. Each takes any value of an expression or of JSON and gives null for null;
 * the compiled short forms and the CEL engine both call these, so they cannot differ.
 */
const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER_TEXT = /^[+-]?\d{1,19}$/;
const INEXACT = 'JSON numbers of 2^53 and more lose digits; send it as a string';

export function fitsInt64(value: bigint): boolean {
  return value >= INT_MIN && value <= INT_MAX;
}

/** `double(x)`: a number, an int, or a text that is a decimal number. */
export function toDouble(value: unknown): number | null | Failure {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && NUMBER_TEXT.test(value)) {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  return new Failure(`cannot turn ${shown(value)} into a double`);
}

/** `int(x)`: an int, a number cut to its whole part, or a text that is a whole number of 64 bits. */
export function toInt(value: unknown): bigint | null | Failure {
  if (typeof value === 'bigint') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') {
    const whole = Math.trunc(value);
    if (Number.isSafeInteger(whole)) return BigInt(whole);
    return new Failure(
      Number.isFinite(value)
        ? `cannot turn ${shown(value)} into an int: ${INEXACT}`
        : `cannot turn ${shown(value)} into an int`,
    );
  }
  if (typeof value === 'string' && INTEGER_TEXT.test(value)) {
    const int = BigInt(value.startsWith('+') ? value.slice(1) : value);
    if (fitsInt64(int)) return int;
  }
  return new Failure(`cannot turn ${shown(value)} into an int`);
}

/** `string(x)`: a text as it is, numbers and bools as JSON writes them, a timestamp as RFC 3339. */
export function toText(value: unknown): string | null | Failure {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      return new Failure(`cannot turn ${shown(value)} into a string: ${INEXACT}`);
    }
    return String(value);
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) {
    const micros = microsFromDate(value);
    if (micros !== undefined) return rfc3339FromMicros(micros);
  }
  return new Failure(`cannot turn ${shown(value)} into a string`);
}

/** `timestamp_ms(x)`: a number of milliseconds since 1970-01-01T00:00:00Z; a fraction counts to the microsecond. */
export function momentFromMs(value: unknown): Micros | null | Failure {
  return momentFrom(value, 1, 'milliseconds');
}

/** `timestamp_s(x)`: a number of seconds since 1970-01-01T00:00:00Z; a fraction counts to the microsecond. */
export function momentFromSeconds(value: unknown): Micros | null | Failure {
  return momentFrom(value, 1_000, 'seconds');
}

/** `timestamp_us(x)`: a whole number of microseconds since 1970-01-01T00:00:00Z. */
export function momentFromUs(value: unknown): Micros | null | Failure {
  if (value === null || value === undefined) return null;
  const whole = toInt(value);
  if (whole === null || whole instanceof Failure || typeof value === 'string') {
    return new Failure(`cannot read ${shown(value)} as microseconds since 1970`);
  }
  if (whole < BigInt(INSTANT_MIN_MS) * 1_000n || whole >= BigInt(INSTANT_MAX_MS + 1) * 1_000n) return outOfRange(value);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** `timestamp(x)`: an RFC 3339 text with a zone, or a timestamp as it is. */
export function momentFromText(value: unknown): Micros | null | Failure {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') {
    return microsFromRfc3339(value) ?? new Failure(`cannot read ${shown(value)} as an RFC 3339 time with a zone`);
  }
  if (value instanceof Date) return microsFromDate(value) ?? outOfRange(value);
  const hint = typeof value === 'number' || typeof value === 'bigint' ? ' (use timestamp_ms or timestamp_s)' : '';
  return new Failure(`cannot read ${shown(value)} as an RFC 3339 time with a zone${hint}`);
}

function momentFrom(value: unknown, msPerUnit: number, unit: string): Micros | null | Failure {
  if (typeof value === 'number') {
    const ms = value * msPerUnit;
    if (ms >= INSTANT_MIN_MS && ms <= INSTANT_MAX_MS) return microsFromMs(ms) ?? outOfRange(value);
    return outOfRange(value);
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return momentFrom(Number(value), msPerUnit, unit);
  return new Failure(`cannot read ${shown(value)} as ${unit} since 1970`);
}

function outOfRange(value: unknown): Failure {
  return new Failure(`${shown(value)} lies outside the years 1 to 9999`);
}
