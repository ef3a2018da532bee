import { CronExpressionParser } from 'cron-parser';

const FIELDS = 5;

/** What is wrong with a cron expression or its zone, as a sentence; undefined when nothing is. */
export function cronProblem(cron: string, timezone: string): string | undefined {
  if (cron.trim().split(/\s+/).length !== FIELDS) {
    return `"${cron}" has not five fields: minute, hour, day of month, month, day of week`;
  }
  if (!isTimezone(timezone)) return `"${timezone}" is no IANA time zone, like Europe/Vienna`;
  try {
    CronExpressionParser.parse(cron, { tz: timezone });
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'is no cron expression';
  }
}

/** The first tick after `after`; the zone's summer time is respected. */
export function nextCronTick(cron: string, timezone: string, after: Date): Date {
  return CronExpressionParser.parse(cron, { tz: timezone, currentDate: after }).next().toDate();
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
