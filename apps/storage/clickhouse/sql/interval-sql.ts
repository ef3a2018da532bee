import { Call } from './call';
import { microsOf } from './compare-sql';
import { calendarSql, instantSql } from './time-sql';
import { answer, exactSql, IntervalSql, isDate, isInstant, Printed } from './types';

/** A sum or a difference in which an interval takes part. */
export function addedSql({ args, type }: Pick<Call, 'args' | 'type'>, operator: '+' | '-'): Printed | undefined {
  const [a, b] = args;
  if (!a || !b) return undefined;
  if (a.interval && b.interval) {
    const [left, right] = [a.interval, b.interval];
    const part = (of: keyof IntervalSql): string => joined(left[of], right[of], operator);
    return interval({ months: part('months'), days: part('days'), micros: part('micros') });
  }
  const [when, length] = a.interval ? [b, a.interval] : [a, b.interval];
  if (!length || !isInstant(type) || !(isInstant(when.type) || isDate(when.type))) return undefined;
  const from = instantSql(when);
  const months = length.months === '0' ? from : monthsAdded(from, joined('0', length.months, operator));
  const rest = microsOf({ ...answer('', { id: 'INTERVAL' }), interval: { ...length, months: '0' } });
  return answer(exactSql(`toInt128(${months}) ${operator} ${rest}`, type), type);
}

function joined(a: string, b: string, operator: '+' | '-'): string {
  if (b === '0') return a;
  return a === '0' && operator === '+' ? b : `(${a} ${operator} ${b})`;
}

/** The last day of a shorter month stands for the days that it lacks, in both engines. */
const monthsAdded = (micros: string, months: string): string =>
  calendarMicros(`addMonths(${calendarSql(micros)}, ${months})`);

/** What lies behind the last year of ClickHouse's calendar is cut there, which no answer may be. */
function calendarMicros(time: string): string {
  const year = `toYear(${time})`;
  const out = `throwIf(ifNull(${year} < 1901 OR ${year} > 2298, false), '[[A time before 1901 or after 2298 has no calendar in ClickHouse.]]')`;
  return `if(${out} = 0, toUnixTimestamp64Micro(${time}), 0)`;
}

export const interval = (of: Partial<IntervalSql>): Printed => ({
  ...answer('', { id: 'INTERVAL' }),
  interval: { months: '0', days: '0', micros: '0', ...of },
});

/** The time between two instants; it has no months. */
export const betweenSql = (a: Printed, b: Printed): Printed => interval({ micros: `(${a.sql} - ${b.sql})` });
