import { nextCronTick } from '#libs/documents/cron';
import { durationMs } from '#libs/documents/duration';
import { Schedule } from '#libs/documents/pipeline';

/** More ticks than this passed at once are counted no further. */
const COUNT_MAX = 10_000;

/** The first tick after `after`. Intervals tick at whole multiples from 1970-01-01T00:00:00Z. */
export function nextTick({ every, cron, timezone }: Schedule, after: Date): Date {
  if (every !== undefined) {
    const interval = durationMs(every);
    return new Date((Math.floor(after.getTime() / interval) + 1) * interval);
  }
  return nextCronTick(cron ?? '', timezone ?? 'UTC', after);
}

/** The ticks that are due at `now`, from `firstDue` on: the last one, and how many passed before it. */
export function dueTicks(
  schedule: Schedule,
  firstDue: Date,
  now: Date,
): { readonly last: Date; readonly passed: number } {
  if (schedule.every !== undefined) {
    const interval = durationMs(schedule.every);
    const last = new Date(Math.max(firstDue.getTime(), Math.floor(now.getTime() / interval) * interval));
    return { last, passed: Math.ceil((last.getTime() - firstDue.getTime()) / interval) };
  }
  let last = firstDue;
  let passed = 0;
  for (let tick = nextTick(schedule, last); tick <= now && passed < COUNT_MAX; tick = nextTick(schedule, tick)) {
    last = tick;
    passed += 1;
  }
  return { last, passed };
}
