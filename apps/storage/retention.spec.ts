import { Bucket } from '#libs/calendar/bucket';
import { keptFrom } from './retention';

const HOUR_MS = 3_600_000;
const fixed = (...widthsMs: number[]): Bucket[] =>
  widthsMs.map((ms) => ({ kind: 'fixed', widthUs: BigInt(ms) * 1_000n }));
const us = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;

describe('what a dataset keeps', () => {
  it('goes back to the start of a bucket that all its rollups share', () => {
    const now = us('2026-03-10T17:25:00Z');
    expect(keptFrom(now, 24 * HOUR_MS, [])).toBe(us('2026-03-09T17:25:00Z'));
    expect(keptFrom(now, 24 * HOUR_MS, fixed(HOUR_MS))).toBe(us('2026-03-09T17:00:00Z'));
    expect(keptFrom(now, 24 * HOUR_MS, fixed(HOUR_MS, 24 * HOUR_MS))).toBe(us('2026-03-09T00:00:00Z'));
  });

  it('goes back to the start of a month by its clocks, with the hours that begin there', () => {
    const month: Bucket = { kind: 'calendar', unit: 'month', zone: 'Europe/Berlin' };
    const now = us('2026-05-10T17:25:00Z');
    expect(keptFrom(now, 24 * HOUR_MS, [month, ...fixed(HOUR_MS)])).toBe(us('2026-04-30T22:00:00Z'));
    const withWeek: Bucket[] = [month, { ...month, unit: 'week' }];
    expect(keptFrom(now, 24 * HOUR_MS, withWeek)).toBe(us('2025-11-30T23:00:00Z'));
    expect(keptFrom(us('2031-08-30T00:00:00Z'), 24 * HOUR_MS, withWeek)).toBe(us('2030-06-30T22:00:00Z'));
  });

  it('never keeps less than was asked, before 1970 too', () => {
    for (const now of [0n, 12_345_678_901n, -12_345_678_901n]) {
      const from = keptFrom(now, 5_000, fixed(1_000, 7_000));
      expect(from <= now - 5_000_000n).toBe(true);
      expect(from % 7_000_000n).toBe(0n);
    }
  });
});
