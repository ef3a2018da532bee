/**
 * A moment as microseconds since 1970-01-01T00:00:00Z: a whole number where a double holds it exactly (until the year
 * 2255), else a bigint.
 */
export type Micros = number | bigint;

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what RFC 3339 can write. Unit: milliseconds. */
export const INSTANT_MIN_MS = -62_135_596_800_000;
export const INSTANT_MAX_MS = 253_402_300_799_999;

const ZERO = 48;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * A moment from milliseconds, which may carry a fraction; rounded to the microsecond. `undefined` when it is no number
 * or lies outside the years 1 to 9999.
 */
export function microsFromMs(ms: number): Micros | undefined {
  if (!(ms >= INSTANT_MIN_MS && ms < INSTANT_MAX_MS + 1)) return undefined;
  const micros = Math.round(ms * 1_000);
  if (Number.isSafeInteger(micros)) return micros;
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000n + BigInt(Math.min(999, Math.round((ms - whole) * 1_000)));
}

/**
 * A moment from an RFC 3339 date and time with its zone (`2018-02-01T00:00:00.123456Z`, `…+02:00`). Digits behind the
 * microsecond are cut. A leap second (`:60`) counts as the last second of its minute. `undefined` for anything else.
 */
export function microsFromRfc3339(text: string): Micros | undefined {
  const length = text.length;
  if (length < 20 || length > 40) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  let second = digits(text, 17, 2);
  if (!separatorsFit(text) || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    return undefined;
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined;
  if (second === 60) second = 59;

  let at = 19;
  let fraction = 0;
  if (text.charCodeAt(at) === 46 /* . */) {
    const start = ++at;
    for (let scale = 100_000; at < length && isDigit(text.charCodeAt(at)); at++) {
      fraction += (text.charCodeAt(at) - ZERO) * scale;
      scale = Math.floor(scale / 10);
    }
    if (at === start) return undefined;
  }
  const offsetMinutes = zoneMinutes(text, at);
  if (offsetMinutes === undefined) return undefined;

  const ms = utcMs(year, month, day) + hour * 3_600_000 + (minute - offsetMinutes) * 60_000 + second * 1_000;
  if (ms < INSTANT_MIN_MS || ms > INSTANT_MAX_MS) return undefined;
  const micros = ms * 1_000 + fraction;
  return Number.isSafeInteger(micros) ? micros : BigInt(ms) * 1_000n + BigInt(fraction);
}

/** RFC 3339 in UTC, with milliseconds, or microseconds where there are any. */
export function rfc3339FromMicros(micros: Micros): string {
  const whole = BigInt(micros);
  const below = Number(((whole % 1_000n) + 1_000n) % 1_000n);
  const iso = new Date(Number((whole - BigInt(below)) / 1_000n)).toISOString();
  return below === 0 ? iso : `${iso.slice(0, -1)}${String(below).padStart(3, '0')}Z`;
}

const BELOW_MS = Symbol('microseconds below the millisecond');

/** A moment as expressions see it: a `Date` that remembers its microseconds. */
export function dateFromMicros(micros: Micros): Date {
  const below = typeof micros === 'number' ? modulo(micros, 1_000) : Number(((micros % 1_000n) + 1_000n) % 1_000n);
  const ms = typeof micros === 'number' ? (micros - below) / 1_000 : Number((micros - BigInt(below)) / 1_000n);
  const date = new Date(ms);
  return below === 0 ? date : Object.assign(date, { [BELOW_MS]: below });
}

/** `undefined` for an invalid date and for one outside the years 1 to 9999. */
export function microsFromDate(date: Date): Micros | undefined {
  const ms = date.getTime();
  if (!(ms >= INSTANT_MIN_MS && ms <= INSTANT_MAX_MS)) return undefined;
  const below: unknown = Reflect.get(date, BELOW_MS);
  const rest = typeof below === 'number' ? below : 0;
  const micros = ms * 1_000 + rest;
  return Number.isSafeInteger(micros) ? micros : BigInt(ms) * 1_000n + BigInt(rest);
}

function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}

function separatorsFit(text: string): boolean {
  const between = text.charCodeAt(10);
  return (
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    (between === 84 || between === 116 || between === 32) &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  );
}

/** The zone's distance from UTC in minutes; it must be the end of the text. */
function zoneMinutes(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return at + 1 === text.length ? 0 : undefined;
  if ((sign !== 43 && sign !== 45) || at + 6 !== text.length || text.charCodeAt(at + 3) !== 58) return undefined;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes);
}

/** -1 when one of the characters is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + (code - ZERO);
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return DAYS_IN_MONTH[month - 1] ?? 0;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days from the civil date (H. Hinnant, "chrono-compatible low-level date algorithms"), in milliseconds. */
function utcMs(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * 86_400_000;
}
