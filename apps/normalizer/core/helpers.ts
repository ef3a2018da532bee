import { createHash } from 'node:crypto';
import { tooDeep } from '#libs/framing/depth';
import { DEPTH_MAX } from '#libs/framing/frames';
import { budget } from './budget';
import { momentFromUs, toDouble, toText } from './conversions';
import { Failure, shown } from './failure';
import { dateFromMicros } from './instants';
import { linearPattern, spendOnNextSearch } from './patterns';
import { formatTime, parseTime } from './time-format';

const NUL = null;
const SHORT_TEXT_CHARS = 1_000;
const JSON_MAX_CHARS = 1_048_576;
/** RFC 9562, appendix A of RFC 4122. */
const NAMESPACES: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A function of expressions beside the conversions: any values in, null for null, a {@link Failure} for what it cannot take. */
export interface Helper {
  readonly name: string;
  /** How many arguments it takes, the fewest and the most. */
  readonly takes: readonly [number, number];
  /** The type that the compiler knows of its result. */
  readonly gives: string;
  /** The argument that is a regular expression, checked at compile time when it is written out. */
  readonly pattern?: number;
  /** What a call costs beside looking at its texts. */
  readonly steps?: number;
  readonly call: (...values: readonly unknown[]) => unknown;
}

/** docs/mapping.md lists each with an example; a test runs them. */
export const HELPERS: readonly Helper[] = [
  { name: 'timestamp_us', takes: [1, 1], gives: 'timestamp', call: (x) => asDate(momentFromUs(x)) },
  {
    name: 'parse_time',
    takes: [2, 3],
    gives: 'timestamp',
    steps: 600,
    call: (x, format, zone) => asDate(parseTime(x, format, zone)),
  },
  { name: 'format_time', takes: [2, 3], gives: 'string', steps: 200, call: formatTime },
  { name: 'parse_number', takes: [2, 3], gives: 'double', call: parseNumber },
  {
    name: 'abs',
    takes: [1, 1],
    gives: 'dyn',
    call: (x) => (typeof x === 'bigint' ? (x < 0n ? -x : x) : rounded(x, Math.abs)),
  },
  { name: 'floor', takes: [1, 1], gives: 'dyn', call: (x) => (typeof x === 'bigint' ? x : rounded(x, Math.floor)) },
  { name: 'ceil', takes: [1, 1], gives: 'dyn', call: (x) => (typeof x === 'bigint' ? x : rounded(x, Math.ceil)) },
  { name: 'round', takes: [1, 2], gives: 'dyn', call: round },
  { name: 'lower', takes: [1, 1], gives: 'string', call: onText('lower', (text) => text.toLowerCase()) },
  { name: 'upper', takes: [1, 1], gives: 'string', call: onText('upper', (text) => text.toUpperCase()) },
  { name: 'trim', takes: [1, 1], gives: 'string', call: onText('trim', (text) => text.trim()) },
  {
    name: 'replace',
    takes: [3, 3],
    gives: 'string',
    call: onTexts('replace', replace),
  },
  {
    name: 'replace_re',
    takes: [3, 3],
    gives: 'string',
    pattern: 1,
    call: onTexts('replace_re', replacePattern),
  },
  { name: 'extract', takes: [2, 2], gives: 'string', pattern: 1, call: onTexts('extract', extract) },
  { name: 'sha256', takes: [1, 1], gives: 'string', steps: 40, call: (x) => hashed(x) },
  { name: 'uuid5', takes: [2, 2], gives: 'string', steps: 200, call: onTexts('uuid5', uuid5) },
  { name: 'parse_json', takes: [1, 1], gives: 'dyn', call: onText('parse_json', parseJson) },
];

/** `parse_number(text, decimal, group)`: "1.234,5" with "," and "." is 1234.5. A number is given as it is. */
function parseNumber(value: unknown, decimal: unknown, group: unknown = ''): unknown {
  if (typeof value !== 'string') return toDouble(value);
  if (typeof decimal !== 'string' || decimal.length !== 1 || typeof group !== 'string' || group.length > 1) {
    return new Failure('parse_number() takes one character for the decimal sign and at most one for groups');
  }
  const trimmed = value.trim();
  const [whole = '', fraction, ...more] = trimmed.split(decimal);
  const ungrouped = group === '' ? whole : withoutGroups(whole, group);
  if (ungrouped === undefined || more.length > 0) return new Failure(`cannot read ${shown(value)} as a number`);
  const number = toDouble(fraction === undefined ? ungrouped : `${ungrouped}.${fraction}`);
  return number instanceof Failure ? new Failure(`cannot read ${shown(value)} as a number`) : number;
}

/** Groups have three digits but the first, which has one to three. A space stands for any kind of space. */
function withoutGroups(whole: string, group: string): string | undefined {
  const even = group === ' ' ? whole.replaceAll(/[\u00a0\u202f\u2009]/g, ' ') : whole;
  const [sign = ''] = /^[+-]?/.exec(even) ?? [];
  const groups = even.slice(sign.length).split(group);
  const fits = groups.length === 1 || groups.every((digits, at) => (at === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(digits));
  return fits ? sign + groups.join('') : undefined;
}

/** Half away from zero. */
function round(value: unknown, digits: unknown = 0n): unknown {
  const places = Number(digits);
  if (!Number.isInteger(places) || places < 0 || places > 15) return new Failure('round() takes 0 to 15 digits');
  if (typeof value === 'bigint') return value;
  return rounded(value, (number) => {
    const sign = number < 0 ? -1 : 1;
    const up = Number(`${Math.round(Number(`${Math.abs(number)}e${places}`))}e-${places}`);
    return Number.isNaN(up) ? number : sign * up;
  });
}

function rounded(value: unknown, by: (number: number) => number): unknown {
  if (value === null || value === undefined) return NUL;
  return typeof value === 'number' ? by(value) : new Failure(`cannot round ${shown(value)}`);
}

/** Its length is known before it is made. */
function replace(text: string, what: string, by: string): string {
  if (what === '') return text;
  const parts = text.split(what);
  budget.spend(parts.length);
  budget.checkLength(text.length + (parts.length - 1) * (by.length - what.length));
  return parts.join(by);
}

/** What it may cost and build is known before it is done; for longer texts that takes a look at each match. */
function replacePattern(text: string, pattern: string, by: string): string {
  const matcher = linearPattern(pattern).matcher(text);
  const references = by.split('$').length - 1;
  if (text.length <= SHORT_TEXT_CHARS && by.length <= SHORT_TEXT_CHARS) {
    spendOnNextSearch(text.length ** 2 / 2);
    return matcher.replaceAll(by);
  }
  let length = text.length;
  while (matcher.find()) {
    spendOnNextSearch(text.length - matcher.end());
    const seen = /\$[`']/.test(by) ? text.length : matcher.end() - matcher.start();
    length += by.length + references * seen;
    budget.checkLength(length);
  }
  return matcher.replaceAll(by);
}

function extract(text: string, pattern: string): string | null {
  const matcher = linearPattern(pattern).matcher(text);
  if (!matcher.find()) return NUL;
  return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? NUL;
}

function hashed(value: unknown): unknown {
  const text = toText(value);
  return typeof text === 'string' ? createHash('sha256').update(text, 'utf8').digest('hex') : text;
}

/** RFC 9562, version 5: SHA-1 over the namespace's bytes and the name. */
function uuid5(namespace: string, name: string): string | Failure {
  const space = Object.hasOwn(NAMESPACES, namespace) ? NAMESPACES[namespace] : namespace;
  if (space === undefined || !UUID.test(space)) {
    return new Failure(`uuid5() takes dns, url, oid, x500 or a UUID as its namespace, got ${shown(namespace)}`);
  }
  const bytes = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x50;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function parseJson(text: string): unknown {
  if (text.length > JSON_MAX_CHARS) return new Failure(`parse_json() takes at most ${JSON_MAX_CHARS} characters`);
  budget.spend(Math.ceil(text.length / 2));
  const bytes = Buffer.from(text);
  if (tooDeep(bytes, 0, bytes.length)) return new Failure(`parse_json() takes at most ${DEPTH_MAX} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new Failure(`cannot read ${shown(text)} as JSON`);
  }
}

function onText(name: string, call: (text: string) => unknown): Helper['call'] {
  return (value) => {
    if (value === null || value === undefined) return NUL;
    return typeof value === 'string' ? call(value) : new Failure(`${name}() takes a string, got ${shown(value)}`);
  };
}

function onTexts(name: string, call: (first: string, second: string, third: string) => unknown): Helper['call'] {
  return (...values) => {
    if (values[0] === null || values[0] === undefined) return NUL;
    const wrong = values.find((value) => typeof value !== 'string');
    if (wrong !== undefined) return new Failure(`${name}() takes strings, got ${shown(wrong)}`);
    const [first = '', second = '', third = ''] = values as readonly string[]; // each was just looked at
    return call(first, second, third);
  };
}

function asDate(value: ReturnType<typeof parseTime>): unknown {
  return value === null || value instanceof Failure ? value : dateFromMicros(value);
}
