import { countCronTicks, lastCronTick, nextCronTick } from '#libs/documents/cron';
import { durationMs } from '#libs/documents/duration';
import { Schedule } from '#libs/documents/schedule';

/** More cron ticks than this that passed at once are counted no further: counting them takes time. */
export const COUNT_MAX = 1_000;

/** The ticks that are due at a moment. */
export interface DueTicks {
  /** The newest of them. */
  readonly last: Date;
  /** How many passed before it, `COUNT_MAX` when there may be more. */
  readonly passed: number;
}

/** The first tick after `after`. Intervals tick at whole multiples from 1970-01-01T00:00:00Z. */
export function nextTick({ every, cron, timezone }: Schedule, after: Date): Date {
  if (every !== undefined) {
    const interval = durationMs(every);
    return new Date((Math.floor(after.getTime() / interval) + 1) * interval);
  }
  return nextCronTick(cron ?? '', timezone ?? 'UTC', after);
}

/** The ticks that are due at `now`, from `firstDue` on, which is one itself, be it a multiple or not. */
export function dueTicks({ every, cron, timezone }: Schedule, firstDue: Date, now: Date): DueTicks {
  if (every !== undefined) {
    const interval = durationMs(every);
    const last = new Date(Math.max(firstDue.getTime(), Math.floor(now.getTime() / interval) * interval));
    return { last, passed: Math.ceil((last.getTime() - firstDue.getTime()) / interval) };
  }
  const [expression, zone] = [cron ?? '', timezone ?? 'UTC'];
  const newest = lastCronTick(expression, zone, now);
  if (newest <= firstDue) return { last: firstDue, passed: 0 };
  const between = countCronTicks(expression, zone, firstDue, newest, COUNT_MAX - 1);
  return { last: newest, passed: between + 1 };
}
