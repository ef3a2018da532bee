import { isDate, Printed } from './types';

export const DAY_US = 86_400_000_000n;
const FIRST_US = -2_208_988_800_000_000n;
const LAST_US = 10_413_791_999_999_999n;

export const floorSql = (sql: string, widthUs: bigint): string =>
  `(${sql} - positiveModulo(${sql}, toInt64(${widthUs})))`;

/** The microseconds of an instant or of the begin of a day. */
export const instantSql = ({ sql, type }: Printed): string => (isDate(type) ? `(toInt64(${sql}) * ${DAY_US})` : sql);

/** An instant as ClickHouse's own time; what lies out of its calendar ends the statement instead of moving. */
export function calendarSql(micros: string): string {
  const out = `${micros} < ${FIRST_US} OR ${micros} > ${LAST_US}`;
  const message = '[[A time before 1900 or after 2299 has no calendar in ClickHouse.]]';
  return `fromUnixTimestamp64Micro(if(throwIf(ifNull(${out}, false), '${message}') = 0, ${micros}, ${micros}), 'UTC')`;
}

/** As DuckDB writes it: with as many digits behind the second as it has. */
export function timestampTextSql(value: Printed): string {
  const micros = instantSql(value);
  const second = `formatDateTime(${calendarSql(micros)}, '%Y-%m-%d %H:%i:%S', 'UTC')`;
  const digits = `leftPad(toString(positiveModulo(${micros}, toInt64(1000000))), 6, '0')`;
  const fraction = `if(positiveModulo(${micros}, toInt64(1000000)) = 0, '', concat('.', replaceRegexpOne(${digits}, '0+$', '')))`;
  const zone = value.type.id === 'TIMESTAMP WITH TIME ZONE' ? `, '+00'` : '';
  return `concat(${second}, ${fraction}${zone})`;
}

export const dateTextSql = (days: string): string =>
  `formatDateTime(${calendarSql(`(toInt64(${days}) * ${DAY_US})`)}, '%Y-%m-%d', 'UTC')`;
