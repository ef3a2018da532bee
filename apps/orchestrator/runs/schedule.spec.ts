import fc from 'fast-check';
import { COUNT_MAX, dueTicks, nextTick } from './schedule';

const at = (text: string): Date => new Date(text);
const ticks = (schedule: Parameters<typeof nextTick>[0], after: Date, count: number): string[] => {
  const found: string[] = [];
  for (let tick = nextTick(schedule, after); found.length < count; tick = nextTick(schedule, tick)) {
    found.push(tick.toISOString());
  }
  return found;
};

describe('schedules', () => {
  it('tick at whole multiples of an interval', () => {
    expect(nextTick({ every: '5m' }, at('2026-01-01T00:03:20Z'))).toEqual(at('2026-01-01T00:05:00Z'));
    expect(nextTick({ every: '5m' }, at('2026-01-01T00:05:00Z'))).toEqual(at('2026-01-01T00:10:00Z'));
  });

  it('count what passed while nobody looked', () => {
    const due = dueTicks({ every: '5m' }, at('2026-01-01T00:00:00Z'), at('2026-01-01T01:02:00Z'));
    expect(due).toEqual({ last: at('2026-01-01T01:00:00Z'), passed: 12 });
    expect(dueTicks({ cron: '0 * * * *' }, at('2026-01-01T00:00:00Z'), at('2026-01-01T03:30:00Z'))).toEqual({
      last: at('2026-01-01T03:00:00Z'),
      passed: 3,
    });
  });

  it('count a cron tick that falls on this very moment', () => {
    const noon = at('2026-01-01T12:00:00Z');
    expect(dueTicks({ cron: '0 * * * *' }, at('2026-01-01T11:00:00Z'), noon)).toEqual({ last: noon, passed: 1 });
    expect(dueTicks({ cron: '0 * * * *' }, noon, noon)).toEqual({ last: noon, passed: 0 });
  });

  it('take a tick that has just come as the only one', () => {
    expect(dueTicks({ every: '5m' }, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:01Z'))).toEqual({
      last: at('2026-01-01T00:00:00Z'),
      passed: 0,
    });
  });

  it('find the newest tick however long nobody looked, and stop counting before it takes long', () => {
    const due = dueTicks({ cron: '* * * * *' }, at('2026-01-01T00:00:00Z'), at('2026-06-01T12:34:56Z'));
    expect(due).toEqual({ last: at('2026-06-01T12:34:00Z'), passed: COUNT_MAX });
  });

  it('tick once in the hour that winter time repeats, and at the local time all year', () => {
    expect(ticks({ cron: '30 2 * * *', timezone: 'Europe/Vienna' }, at('2026-10-24T12:00:00Z'), 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
      '2026-10-27T01:30:00.000Z',
    ]);
  });

  it('tick once, after the gap, on the day that summer time takes the hour away', () => {
    expect(ticks({ cron: '30 2 * * *', timezone: 'Europe/Vienna' }, at('2026-03-28T12:00:00Z'), 2)).toEqual([
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('tick in both of the hours that winter time makes of one, when each hour is asked for', () => {
    expect(ticks({ cron: '*/30 * * * *', timezone: 'Europe/Vienna' }, at('2026-10-24T23:45:00Z'), 6)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T02:30:00.000Z',
    ]);
  });

  it('account for each tick once, wherever the looks fall', () => {
    const schedule = fc.oneof(
      fc.constantFrom('7s', '1m', '5m', '3h').map((every) => ({ every })),
      fc
        .tuple(
          fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 */3 * * *'),
          fc.constantFrom('UTC', 'Europe/Vienna', 'Australia/Lord_Howe'),
        )
        .map(([cron, timezone]) => ({ cron, timezone })),
    );
    const begins = fc.constantFrom(at('2026-10-24T20:00:00Z'), at('2026-03-28T20:00:00Z'));
    fc.assert(
      fc.property(
        schedule,
        begins,
        fc.array(fc.integer({ min: 0, max: 5_400_000 }), { minLength: 1, maxLength: 8 }),
        (s, begin, gaps) => {
          let due = nextTick(s, begin);
          let now = begin;
          let accounted = 0;
          for (const gap of gaps) {
            now = new Date(now.getTime() + gap);
            if (due > now) continue;
            accounted += dueTicks(s, due, now).passed + 1;
            due = nextTick(s, now);
          }
          let expected = 0;
          for (let tick = nextTick(s, begin); tick <= now; tick = nextTick(s, tick)) expected += 1;
          expect(accounted).toBe(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
