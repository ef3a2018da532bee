import { Failure, shown } from './failure';
import { dateFromMicros, INSTANT_MAX_MS, INSTANT_MIN_MS, Micros, microsFromDate, microsFromRfc3339 } from './instants';
import { utcMsOfLocal, offsetMinutesAt } from './zones';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTHS_LONG = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAYS_LONG = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const FORMATS_MAX = 256;
const FORMAT_MAX_CHARS = 200;
/** POSIX: 69 to 99 are of the last century, 00 to 68 of this one. */
const CENTURY_TURNS_AT = 69;

/** What the text of a time says, as far as it says it. */
interface Read {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  hour12?: number;
  afternoon?: boolean;
  minute?: number;
  second?: number;
  micros?: number;
  offsetMinutes?: number;
  epochSeconds?: number;
}

/** Reads at a place of the text; gives the place behind it, or -1. */
type Reader = (text: string, at: number, into: Read) => number;
type Writer = (date: Date, micros: number, offsetMinutes: number) => string;

interface Directive {
  readonly read: Reader;
  readonly write?: Writer;
}

/** `strptime` and `strftime` of POSIX with English names, and Python's `%f` and `%z`. */
const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: number(4, 'year', (date) => date.getUTCFullYear(), true),
  y: {
    read: (text, at, into) => {
      const end = digits(text, at, 2, (value) => {
        into.year = value + (value >= CENTURY_TURNS_AT ? 1900 : 2000);
      });
      return end;
    },
    write: (date) => pad(date.getUTCFullYear() % 100, 2),
  },
  m: number(2, 'month', (date) => date.getUTCMonth() + 1),
  d: number(2, 'day', (date) => date.getUTCDate()),
  e: { ...number(2, 'day', (date) => date.getUTCDate()), write: (date) => String(date.getUTCDate()) },
  j: number(
    3,
    'dayOfYear',
    (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1,
  ),
  H: number(2, 'hour', (date) => date.getUTCHours()),
  I: number(2, 'hour12', (date) => ((date.getUTCHours() + 11) % 12) + 1),
  M: number(2, 'minute', (date) => date.getUTCMinutes()),
  S: number(2, 'second', (date) => date.getUTCSeconds()),
  f: { read: readFraction, write: (date, micros) => pad(date.getUTCMilliseconds() * 1_000 + micros, 6) },
  p: {
    read: (text, at, into) => word(text, at, ['am', 'pm'], (index) => (into.afternoon = index === 1)),
    write: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  },
  b: names(
    [MONTHS_LONG, MONTHS],
    (index, into) => (into.month = index + 1),
    (date) => titled(MONTHS[date.getUTCMonth()]),
  ),
  B: names(
    [MONTHS_LONG, MONTHS],
    (index, into) => (into.month = index + 1),
    (date) => titled(MONTHS_LONG[date.getUTCMonth()]),
  ),
  a: names(
    [DAYS_LONG, DAYS],
    () => undefined,
    (date) => titled(DAYS[date.getUTCDay()]),
  ),
  A: names(
    [DAYS_LONG, DAYS],
    () => undefined,
    (date) => titled(DAYS_LONG[date.getUTCDay()]),
  ),
  z: { read: readOffset, write: (_date, _micros, offset) => writeOffset(offset) },
  s: {
    read: (text, at, into) => digits(text, at, 12, (value) => (into.epochSeconds = value)),
    write: (date, _micros, offset) => String(Math.floor(date.getTime() / 1_000) - offset * 60),
  },
  '%': literal('%'),
};
const COMPOSED: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', D: '%m/%d/%y', R: '%H:%M' };

const formats = new Map<string, readonly Directive[] | Failure>();

/** `parse_time(text, format, zone)`: null for null; the zone counts where the text names none. */
export function parseTime(text: unknown, format: unknown, zone: unknown = 'UTC'): Micros | null | Failure {
  if (text === null || text === undefined) return null;
  if (typeof text !== 'string') return new Failure(`parse_time() takes a string, got ${shown(text)}`);
  const directives = formatOf(format);
  if (directives instanceof Failure) return directives;
  const read: Read = {};
  let at = 0;
  for (const directive of directives) {
    at = directive.read(text, at, read);
    if (at < 0) break;
  }
  if (at !== text.length) return new Failure(`cannot read ${shown(text)} as a time of the form ${shown(format)}`);
  const micros = microsOf(read, zone);
  if (micros instanceof Failure) return new Failure(`${shown(text)}: ${micros.reason}`);
  return micros ?? new Failure(`${shown(text)} names a time that does not exist`);
}

/** `format_time(time, format, zone)`: null for null. */
export function formatTime(time: unknown, format: unknown, zone: unknown = 'UTC'): string | null | Failure {
  if (time === null || time === undefined) return null;
  const micros =
    time instanceof Date ? microsFromDate(time) : typeof time === 'string' ? microsFromRfc3339(time) : undefined;
  if (micros === undefined) return new Failure(`format_time() takes a timestamp, got ${shown(time)}`);
  const directives = formatOf(format);
  if (directives instanceof Failure) return directives;
  const date = dateFromMicros(micros);
  const offset = offsetMinutesAt(zone, date.getTime());
  if (offset instanceof Failure) return offset;
  const local = new Date(date.getTime() + offset * 60_000);
  const below = Number(((BigInt(micros) % 1_000n) + 1_000n) % 1_000n);
  let written = '';
  for (const { write } of directives) {
    if (!write) return new Failure(`format ${shown(format)} has a directive that can only be read`);
    written += write(local, below, offset);
  }
  return written;
}

/** A {@link Failure} for a format with a directive that is not known. */
export function formatOf(format: unknown): readonly Directive[] | Failure {
  if (typeof format !== 'string' || format.length > FORMAT_MAX_CHARS) {
    return new Failure(`a time format is a string of at most ${FORMAT_MAX_CHARS} characters, got ${shown(format)}`);
  }
  const known = formats.get(format);
  if (known) return known;
  const compiled = compileFormat(format);
  if (formats.size >= FORMATS_MAX) formats.delete(formats.keys().next().value ?? '');
  formats.set(format, compiled);
  return compiled;
}

function compileFormat(format: string): readonly Directive[] | Failure {
  const written = format.replaceAll(/%([FTDR])/g, (_all, name: string) => COMPOSED[name] ?? '');
  const directives: Directive[] = [];
  for (let at = 0; at < written.length; at += 1) {
    const char = written.charAt(at);
    if (char !== '%') {
      directives.push(literal(char));
      continue;
    }
    at += 1;
    const name = written.charAt(at);
    const directive = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
    if (!directive) {
      return new Failure(
        `the time format ${shown(format)} has an unknown directive "%${name}"; known are ${Object.keys(DIRECTIVES).join(' ')}`,
      );
    }
    directives.push(directive);
  }
  return directives;
}

function microsOf(read: Read, zone: unknown): Micros | undefined | Failure {
  const micros = read.micros ?? 0;
  if (read.epochSeconds !== undefined) return exact(read.epochSeconds * 1_000, micros);
  const { year = 1970, dayOfYear, minute = 0 } = read;
  const month = dayOfYear === undefined ? (read.month ?? 1) : 1;
  const day = dayOfYear ?? read.day ?? 1;
  const hour = read.hour ?? (read.hour12 === undefined ? 0 : (read.hour12 % 12) + (read.afternoon ? 12 : 0));
  const second = Math.min(read.second ?? 0, 59); // a leap second counts as the last second of its minute
  if (hour > 23 || minute > 59 || (read.second ?? 0) > 60 || (read.hour12 ?? 1) > 12 || read.hour12 === 0)
    return undefined;
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, 0);
  if (dayOfYear === undefined && (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day)) return undefined;
  if (local.getUTCFullYear() !== year) return undefined;
  if (read.offsetMinutes !== undefined) return exact(local.getTime() - read.offsetMinutes * 60_000, micros);
  const ms = utcMsOfLocal(zone, local.getTime());
  return ms instanceof Failure ? ms : exact(ms, micros);
}

function exact(ms: number, micros: number): Micros | undefined {
  if (!(ms >= INSTANT_MIN_MS && ms <= INSTANT_MAX_MS)) return undefined;
  const sum = ms * 1_000 + micros;
  return Number.isSafeInteger(sum) ? sum : BigInt(ms) * 1_000n + BigInt(micros);
}

function number(
  width: number,
  field: 'year' | 'month' | 'day' | 'dayOfYear' | 'hour' | 'hour12' | 'minute' | 'second',
  of: (date: Date) => number,
  whole = false,
): Directive {
  return {
    read: (text, at, into) => {
      const end = digits(text, at, width, (value) => (into[field] = value));
      return whole && end - at !== width ? -1 : end;
    },
    write: (date) => pad(of(date), width),
  };
}

function literal(char: string): Directive {
  return { read: (text, at) => (text.charAt(at) === char ? at + 1 : -1), write: () => char };
}

function names(
  lists: readonly (readonly string[])[],
  take: (index: number, into: Read) => void,
  write: Writer,
): Directive {
  return {
    write,
    read: (text, at, into) => {
      for (const list of lists) {
        const end = word(text, at, list, (index) => take(index, into));
        if (end >= 0) return end;
      }
      return -1;
    },
  };
}

function word(text: string, at: number, list: readonly string[], take: (index: number) => void): number {
  for (const [index, name] of list.entries()) {
    if (text.slice(at, at + name.length).toLowerCase() !== name) continue;
    take(index);
    return at + name.length;
  }
  return -1;
}

/** One to `most` digits. */
function digits(text: string, at: number, most: number, take: (value: number) => void): number {
  let end = at;
  let value = 0;
  for (; end < at + most && end < text.length; end += 1) {
    const digit = text.charCodeAt(end) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (end === at) return -1;
  take(value);
  return end;
}

/** Digits behind the sixth are cut. */
function readFraction(text: string, at: number, into: Read): number {
  let end = at;
  while (end < text.length && end < at + 9 && /\d/.test(text.charAt(end))) end += 1;
  if (end === at) return -1;
  into.micros = Number(text.slice(at, Math.min(end, at + 6)).padEnd(6, '0'));
  return end;
}

/** `Z`, `+02:00` or `+0200`. */
function readOffset(text: string, at: number, into: Read): number {
  const found = /^(?:Z|z|([+-])(\d\d):?(\d\d))/.exec(text.slice(at, at + 6));
  if (!found) return -1;
  const [all, sign, hours = '0', minutes = '0'] = found;
  into.offsetMinutes = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return at + all.length;
}

function writeOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const titled = (name = ''): string => name.charAt(0).toUpperCase() + name.slice(1);
