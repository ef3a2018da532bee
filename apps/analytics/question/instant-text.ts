import { bucketStart, shiftLocal } from '#libs/calendar/bucket';
import { INSTANT_MAX_US, INSTANT_MIN_US, microsOfRfc3339 } from '#libs/calendar/instants';
import { instantOfLocal } from '#libs/calendar/zone';
import { BucketUnit } from '#libs/documents/bucket-units';

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?$/;
const RELATIVE = /^now((?:[+-]\d{1,6}[smhdwMy])*)(?:\/([smhdwMqy]))?$/;
const STEP = /([+-]\d+)([smhdwMy])/g;

const WIDTHS_US: Readonly<Record<string, bigint>> = { s: 1_000_000n, m: 60_000_000n, h: 3_600_000_000n };
const UNITS: Readonly<Record<string, BucketUnit>> = { d: 'day', w: 'week', M: 'month', q: 'quarter', y: 'year' };

/** So far that no step leaves the years that there are. */
const STEPS_MAX: Readonly<Record<BucketUnit, number>> = {
  day: 999_999,
  week: 99_999,
  month: 99_999,
  quarter: 9_999,
  year: 9_999,
};

/**
 * The instant that a text means, in microseconds since 1970 UTC; undefined when it means none. RFC 3339 with its own
 * offset; a date or time without one by the zone's clocks; or relative: `now`, `now-90m`, `now-7d`, `now-1M/M` (back one
 * month and down to its start). Days and longer follow the zone's calendar.
 */
export function instantOfText(text: string, zone: string, nowUs: bigint): bigint | undefined {
  const trimmed = text.trim();
  const absolute = microsOfRfc3339(trimmed);
  if (absolute !== undefined) return absolute;
  const [local, date, time = '00:00'] = LOCAL.exec(trimmed) ?? [];
  if (local !== undefined) {
    const clock = microsOfRfc3339(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);
    return clock === undefined ? undefined : instantOfLocal(zone, clock);
  }
  const [relative, steps = '', rounded] = RELATIVE.exec(trimmed) ?? [];
  if (relative === undefined) return undefined;
  let instant = nowUs;
  for (const [, count = '0', unit = 's'] of steps.matchAll(STEP)) {
    const calendar = UNITS[unit];
    if (calendar && Math.abs(Number(count)) > STEPS_MAX[calendar]) return undefined;
    instant = calendar
      ? shiftLocal(calendar, zone, instant, Number(count))
      : instant + BigInt(count.replace('+', '')) * WIDTHS_US[unit]!; // the pattern admits no other unit
  }
  if (instant < INSTANT_MIN_US || instant > INSTANT_MAX_US) return undefined;
  if (rounded === undefined) return instant;
  const unit = UNITS[rounded];
  return bucketStart(
    unit ? { kind: 'calendar', unit, zone } : { kind: 'fixed', widthUs: WIDTHS_US[rounded]! },
    instant,
  );
}
