import { CronExpressionParser } from 'cron-parser';

const FIELDS = 5;
/** No change of a zone's time turns the clock back by more, twice over. */
const REPEATED_MAX_MS = 4 * 3_600_000;

/** What is wrong with a cron expression or its zone, as a sentence; undefined when nothing is. */
export function cronProblem(cron: string, timezone: string): string | undefined {
  if (cron.trim().split(/\s+/).length !== FIELDS) {
    return `"${cron}" has not five fields: minute, hour, day of month, month, day of week`;
  }
  if (!isTimezone(timezone)) return `"${timezone}" is no IANA time zone, like Europe/Vienna`;
  if (/\bH\b/i.test(cron)) return `"${cron}" holds H, which would be another time at each look: write a number`;
  try {
    nextCronTick(cron, timezone, new Date(0));
    return undefined;
  } catch (thrown) {
    return `"${cron}" never ticks: ${thrown instanceof Error ? thrown.message : 'it is no cron expression'}`;
  }
}

/** The first tick after `after`; the zone's summer time is respected. */
export function nextCronTick(cron: string, timezone: string, after: Date): Date {
  for (const tick of ticksAfter(cron, timezone, after)) return tick;
  throw new RangeError(`"${cron}" has no tick after ${after.toISOString()}.`);
}

/** The last tick at or before `until`. */
export function lastCronTick(cron: string, timezone: string, until: Date): Date {
  const justAfter = new Date(Math.floor(until.getTime() / 1_000) * 1_000 + 1_000); // ticks fall on whole seconds
  const back = CronExpressionParser.parse(cron, { tz: timezone, currentDate: justAfter });
  for (;;) {
    const tick = back.prev().toDate();
    if (nextCronTick(cron, timezone, new Date(tick.getTime() - 1)).getTime() === tick.getTime()) return tick;
  }
}

/** How many ticks lie between `after` and `until`, without these two, counted no further than `max`. */
export function countCronTicks(cron: string, timezone: string, after: Date, until: Date, max: number): number {
  let count = 0;
  for (const tick of ticksAfter(cron, timezone, after)) {
    if (count === max || tick >= until) break;
    count += 1;
  }
  return count;
}

/**
 * Within the hour that winter time repeats the parser would begin with a tick that this hour has had already, so there
 * it begins before that hour.
 */
function* ticksAfter(cron: string, timezone: string, after: Date): Generator<Date> {
  const before = new Date(after.getTime() - REPEATED_MAX_MS);
  const steady = offsetOf(timezone, before) === offsetOf(timezone, after);
  const ticks = CronExpressionParser.parse(cron, { tz: timezone, currentDate: steady ? after : before });
  for (;;) {
    const tick = ticks.next().toDate();
    if (tick > after) yield tick;
  }
}

function offsetOf(timeZone: string, at: Date): string | undefined {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  return parts.find(({ type }) => type === 'timeZoneName')?.value;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
