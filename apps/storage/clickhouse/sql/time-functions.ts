import { Call, Say } from './call';
import { microsOf } from './compare-sql';
import { interval } from './interval-sql';
import { calendarSql, DAY_US, floorSql, instantSql } from './time-sql';
import {
  answer,
  BIGINT,
  castSql,
  exactSql,
  isDate,
  isInstant,
  isInt,
  isText,
  Printed,
  SqlType,
  unsupported,
} from './types';

const SECOND_US = 1_000_000n;
const MINUTE_US = 60n * SECOND_US;
const HOUR_US = 60n * MINUTE_US;
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const MONDAY_US = 3n * DAY_US;
/** Where buckets begin that are shorter than a month: a Monday. */
const ORIGIN_US = 946_857_600_000_000n;

const WIDTHS: Readonly<Record<string, bigint>> = {
  microsecond: 1n,
  millisecond: 1_000n,
  second: SECOND_US,
  minute: MINUTE_US,
  hour: HOUR_US,
  day: DAY_US,
};

/** Parts that take a calendar to tell, in ClickHouse's words. */
const CALENDAR: Readonly<Record<string, (time: string) => string>> = {
  year: (time) => `toYear(${time})`,
  quarter: (time) => `toQuarter(${time})`,
  month: (time) => `toMonth(${time})`,
  week: (time) => `toISOWeek(${time})`,
  isoyear: (time) => `toISOYear(${time})`,
  yearweek: (time) => `toISOYear(${time}) * 100 + toISOWeek(${time})`,
  doy: (time) => `toDayOfYear(${time})`,
  day: (time) => `toDayOfMonth(${time})`,
  decade: (time) => `intDiv(toYear(${time}), 10)`,
  century: (time) => `intDiv(toYear(${time}) - 1, 100) + 1`,
  millennium: (time) => `intDiv(toYear(${time}) - 1, 1000) + 1`,
};

const days = (micros: string): string => `intDiv(${floorSql(micros, DAY_US)}, ${DAY_US})`;
const within = (micros: string, width: bigint, unit: bigint): string =>
  `intDiv(positiveModulo(${micros}, toInt64(${width})), ${unit})`;

/** Parts that are a matter of counting, exact in every year. */
const COUNTED: Readonly<Record<string, (micros: string) => string>> = {
  hour: (micros) => within(micros, DAY_US, HOUR_US),
  minute: (micros) => within(micros, HOUR_US, MINUTE_US),
  second: (micros) => within(micros, MINUTE_US, SECOND_US),
  millisecond: (micros) => within(micros, MINUTE_US, 1_000n),
  microsecond: (micros) => within(micros, MINUTE_US, 1n),
  dow: (micros) => `positiveModulo(${days(micros)} + 4, toInt64(7))`,
  isodow: (micros) => `positiveModulo(${days(micros)} + 3, toInt64(7)) + 1`,
};

const NAMES: Readonly<Record<string, string>> = {
  y: 'year',
  yr: 'year',
  mon: 'month',
  d: 'day',
  dayofmonth: 'day',
  h: 'hour',
  hr: 'hour',
  m: 'minute',
  min: 'minute',
  s: 'second',
  sec: 'second',
  ms: 'millisecond',
  msec: 'millisecond',
  us: 'microsecond',
  usec: 'microsecond',
  w: 'week',
  weekofyear: 'week',
  dayofweek: 'dow',
  weekday: 'dow',
  dayofyear: 'doy',
  centurie: 'century',
};

function unitOf(value: Printed | undefined): string {
  if (value?.constant === undefined) throw unsupported('a unit of time that is not constant');
  const given = value.constant.toLowerCase();
  const name = given.replace(/s$/, '');
  return NAMES[given] ?? NAMES[name] ?? name; // "ms" is no plural of "m"
}

const isTime = (type: SqlType): boolean => isInstant(type) || isDate(type);

function part(unit: string, value: Printed | undefined, type: SqlType): Printed | undefined {
  if (!value || !isTime(value.type)) return undefined;
  const micros = instantSql(value);
  if (unit === 'epoch') return answer(`(${micros} / 1000000)`, type, true);
  const said = COUNTED[unit]?.(micros) ?? CALENDAR[unit]?.(calendarSql(micros));
  return said === undefined ? undefined : answer(castSql(said, type), type);
}

const partNamed =
  (unit: string): Say =>
  ({ args: [value], type }) =>
    part(unit, value, type);

const datePart: Say = ({ args: [unit, value], type }) => part(unitOf(unit), value, type);

/** The begin of a month, a quarter or more, as ClickHouse's calendar has it. */
const BEGINS: Readonly<Record<string, (time: string) => string>> = {
  month: (time) => `toStartOfMonth(${time})`,
  quarter: (time) => `toStartOfQuarter(${time})`,
  year: (time) => `toStartOfYear(${time})`,
};

function begin(unit: string, micros: string): string | undefined {
  const width = WIDTHS[unit];
  if (width !== undefined) return floorSql(micros, width);
  if (unit === 'week') return `(${floorSql(`(${micros} + ${MONDAY_US})`, 7n * DAY_US)} - ${MONDAY_US})`;
  const day = BEGINS[unit]?.(`toDate32(${calendarSql(micros)})`);
  return day === undefined ? undefined : `(toInt64(toInt32(${day})) * ${DAY_US})`;
}

const truncated: Say = ({ args: [unit, value], type }) => {
  if (!value || !isTime(value.type)) return undefined;
  const micros = begin(unitOf(unit), instantSql(value));
  if (micros === undefined) return undefined;
  return answer(isDate(type) ? castSql(days(micros), type) : micros, type);
};

/** How many begins of the unit lie between. */
const difference: Say = ({ args: [unit, from, to], type }) => {
  if (!from || !to || !isTime(from.type) || !isTime(to.type)) return undefined;
  const name = unitOf(unit);
  const months: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
  const [a, b] = [instantSql(from), instantSql(to)];
  const span = months[name];
  if (span !== undefined) {
    const number = (micros: string): string => {
      const time = calendarSql(micros);
      return `intDiv(toYear(${time}) * 12 + toMonth(${time}) - 1, ${span})`;
    };
    return answer(castSql(`${number(b)} - ${number(a)}`, type), type);
  }
  if (name === 'week') return answer(castSql(`intDiv(${days(b)} - ${days(a)}, 7)`, type), type); // of days, not of Mondays
  const width = WIDTHS[name];
  const [first, last] = [begin(name, a), begin(name, b)];
  if (width === undefined || first === undefined || last === undefined) return undefined;
  return answer(castSql(`intDiv(${last} - ${first}, ${width})`, type), type);
};

/** How many whole units lie between. */
const wholeUnits: Say = ({ args: [unit, from, to], type }) => {
  const name = unitOf(unit);
  const width = name === 'week' ? 7n * DAY_US : WIDTHS[name];
  if (!from || !to || !isInstant(from.type) || !isInstant(to.type) || width === undefined) return undefined;
  return answer(castSql(`intDiv(${to.sql} - ${from.sql}, ${width})`, type), type);
};

const bucket: Say = ({ args: [width, value, more], type }) => {
  if (!width?.interval || !value || !isInstant(value.type) || more) return undefined;
  const micros = microsOf(width);
  const past = `(${value.sql} - ${ORIGIN_US})`;
  const message = '[[A bucket is longer than nothing.]]';
  const checked = `if(throwIf(${micros} <= 0, '${message}') = 0, ${micros}, 1)`;
  return answer(`(${value.sql} - positiveModulo(${past}, toInt64(${checked})))`, type);
};

/** Of an instant, or of how long something is. */
const epoch =
  (unit: bigint, name: 'epoch' | 'count'): Say =>
  ({ args: [value], type }) => {
    if (!value) return undefined;
    if (!value.interval && isInt(value.type) && isInstant(type)) {
      return answer(exactSql(`toInt128(${value.sql}) * ${unit}`, type), type); // the other way: milliseconds to an instant
    }
    if (!value.interval && !isTime(value.type)) return undefined;
    const micros = value.interval ? microsOf(value) : instantSql(value);
    if (name === 'epoch') return answer(`(${micros} / ${unit})`, type, true);
    return answer(castSql(`intDiv(${micros}, ${unit})`, type), type);
  };

const spoken =
  (names: readonly string[], unit: string, first: number): Say =>
  ({ args: [value], type }) => {
    const number = part(unit, value, BIGINT);
    if (!value || !number) return undefined;
    const list = `[${names.map((name) => `'${name}'`).join(', ')}]`;
    return answer(
      `if(isNull(${value.sql}), NULL, arrayElement(${list}, ifNull(${number.sql}, 0) + ${1 - first}))`,
      type,
    );
  };

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July'].concat([
  'August',
  'September',
  'October',
  'November',
  'December',
]);

const lastDay: Say = ({ args: [value], type }) =>
  value && isTime(value.type) && isDate(type)
    ? answer(castSql(`toInt32(toLastDayOfMonth(toDate32(${calendarSql(instantSql(value))})))`, type), type)
    : undefined;

const FORMATS: Readonly<Record<string, string>> = { Y: '%Y', m: '%m', d: '%d', H: '%H', M: '%i', S: '%S', '%': '%%' };

const formatted: Say = ({ args: [first, second], type, printing }) => {
  const [value, format] = first && isText(first.type) ? [second, first] : [first, second];
  if (!value || !isTime(value.type) || format?.constant === undefined) return undefined;
  const said = format.constant.replace(/%(.?)/gs, (_, letter: string) => {
    const own = FORMATS[letter];
    if (own === undefined) throw unsupported(`%${letter} in strftime`);
    return own;
  });
  return answer(`formatDateTime(${calendarSql(instantSql(value))}, ${printing.values.text(said)}, 'UTC')`, type);
};

const now: Say = ({ type, printing: { nowUs } }) => answer(castSql(String(nowUs), type), type);
const today: Say = ({ type, printing: { nowUs } }) => answer(castSql(String(nowUs / DAY_US), type), type);

const length =
  (unit: 'months' | 'days' | 'micros', count: bigint): Say =>
  ({ args: [number] }: Call) =>
    number && interval({ [unit]: countSql(number, count) });

/** `INTERVAL 2 HOUR` reaches the plan as a double that is cut to a whole number. */
function countSql({ sql, type, constant }: Printed, count: bigint): string {
  if (constant !== undefined) return String(BigInt(constant) * count);
  return isInt(type) ? `(toInt128(${sql}) * ${count})` : castSql(`trunc(${sql} * ${count})`, BIGINT);
}

export const TIMES: Readonly<Record<string, Say>> = {
  date_trunc: truncated,
  datetrunc: truncated,
  date_part: datePart,
  datepart: datePart,
  date_diff: difference,
  datediff: difference,
  date_sub: wholeUnits,
  datesub: wholeUnits,
  time_bucket: bucket,
  year: partNamed('year'),
  quarter: partNamed('quarter'),
  month: partNamed('month'),
  week: partNamed('week'),
  weekofyear: partNamed('week'),
  isoyear: partNamed('isoyear'),
  yearweek: partNamed('yearweek'),
  dayofyear: partNamed('doy'),
  day: partNamed('day'),
  dayofmonth: partNamed('day'),
  dayofweek: partNamed('dow'),
  weekday: partNamed('dow'),
  isodow: partNamed('isodow'),
  hour: partNamed('hour'),
  minute: partNamed('minute'),
  second: partNamed('second'),
  millisecond: partNamed('millisecond'),
  microsecond: partNamed('microsecond'),
  decade: partNamed('decade'),
  century: partNamed('century'),
  millennium: partNamed('millennium'),
  epoch: epoch(SECOND_US, 'epoch'),
  epoch_ms: epoch(1_000n, 'count'),
  epoch_us: epoch(1n, 'count'),
  dayname: spoken(DAYS, 'dow', 0),
  monthname: spoken(MONTHS, 'month', 1),
  last_day: lastDay,
  strftime: formatted,
  now,
  get_current_timestamp: now,
  current_date: today,
  today,
  normalized_interval: ({ args: [value] }) => value,
  to_years: length('months', 12n),
  to_quarters: length('months', 3n),
  to_months: length('months', 1n),
  to_weeks: length('days', 7n),
  to_days: length('days', 1n),
  to_hours: length('micros', HOUR_US),
  to_minutes: length('micros', MINUTE_US),
  to_seconds: length('micros', SECOND_US),
  to_milliseconds: length('micros', 1_000n),
  to_microseconds: length('micros', 1n),
};
