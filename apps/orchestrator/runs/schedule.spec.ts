import { dueTicks, nextTick } from './schedule';

const at = (text: string): Date => new Date(text);

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

  it('take a tick that has just come as the only one', () => {
    expect(dueTicks({ every: '5m' }, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:01Z'))).toEqual({
      last: at('2026-01-01T00:00:00Z'),
      passed: 0,
    });
  });

  it('tick once in the hour that summer time repeats, and at the local time all year', () => {
    const daily = { cron: '30 2 * * *', timezone: 'Europe/Vienna' };
    const first = nextTick(daily, at('2026-10-24T12:00:00Z'));
    const second = nextTick(daily, first);
    expect(first.toISOString().slice(0, 10)).toBe('2026-10-25');
    expect(second.toISOString()).toBe('2026-10-26T01:30:00.000Z');
  });
});
