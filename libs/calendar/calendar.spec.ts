import { Bucket, bucketAfter, bucketStart, bucketStarts, nests, shiftLocal } from './bucket';
import { commonStart } from './common-start';
import { microsOfRfc3339, rfc3339OfMicros } from './instants';
import { instantOfLocal, isZone, offsetsBetween } from './zone';

const us = (text: string): bigint => microsOfRfc3339(text)!; // written as one
const days = (zone: string, unit: 'day' | 'week' | 'month' | 'quarter' | 'year' = 'day'): Bucket => ({
  kind: 'calendar',
  unit,
  zone,
});
const startOf = (bucket: Bucket, text: string): string => rfc3339OfMicros(bucketStart(bucket, us(text)));

describe('buckets of the calendar', () => {
  it('gives a day 23 and 25 hours where the clocks change', () => {
    const berlin = days('Europe/Berlin');
    const hours = (from: string, to: string): number[] => {
      const starts = bucketStarts(berlin, us(from), us(to), 10);
      return starts.map((start) => Number((bucketAfter(berlin, start) - start) / 3_600_000_000n));
    };
    expect(hours('2026-03-28T00:00:00+01:00', '2026-03-31T00:00:00+02:00')).toEqual([24, 23, 24]);
    expect(hours('2026-10-24T00:00:00+02:00', '2026-10-27T00:00:00+01:00')).toEqual([24, 25, 24]);
  });

  it('starts a day that has no midnight when it begins, and one whose midnight comes twice at the first', () => {
    expect(startOf(days('America/Sao_Paulo'), '2018-11-04T12:00:00Z')).toBe('2018-11-04T03:00:00.000Z');
    expect(startOf(days('America/Havana'), '2026-11-01T12:00:00Z')).toBe('2026-11-01T04:00:00.000Z');
    expect(startOf(days('Asia/Beirut'), '2025-10-25T22:30:00Z')).toBe('2025-10-25T22:00:00.000Z');
  });

  it('begins weeks on Monday, and quarters and years on their first day', () => {
    expect(startOf(days('UTC', 'week'), '2026-11-25T12:00:00Z')).toBe('2026-11-23T00:00:00.000Z');
    expect(startOf(days('UTC', 'week'), '1969-12-31T12:00:00Z')).toBe('1969-12-29T00:00:00.000Z');
    expect(startOf(days('Asia/Kolkata', 'quarter'), '2026-05-25T12:00:00Z')).toBe('2026-03-31T18:30:00.000Z');
    expect(startOf(days('America/New_York', 'year'), '2026-05-25T12:00:00Z')).toBe('2026-01-01T05:00:00.000Z');
  });

  it('cuts equal widths from 1970, also before it', () => {
    const hour: Bucket = { kind: 'fixed', widthUs: 3_600_000_000n };
    expect(startOf(hour, '1969-12-31T23:30:00Z')).toBe('1969-12-31T23:00:00.000Z');
  });

  it('goes a month back to the last day of a shorter one', () => {
    expect(rfc3339OfMicros(shiftLocal('month', 'Europe/Berlin', us('2026-03-31T12:00:00+02:00'), -1))).toBe(
      '2026-02-28T11:00:00.000Z',
    );
  });

  it('agrees with itself: every instant lies in its bucket, for a year of hours in odd zones', () => {
    for (const [zone, year] of [
      ['Europe/Berlin', 2026],
      ['America/Havana', 2026],
      ['Australia/Lord_Howe', 2026],
      ['Africa/Casablanca', 2026],
      ['Asia/Kathmandu', 2026],
      ['America/St_Johns', 2010],
      ['Pacific/Apia', 2011],
    ] as const) {
      const bucket = days(zone);
      const outside: bigint[] = [];
      for (let at = us(`${year}-01-01T00:30:00Z`); at < us(`${year + 1}-01-01T00:00:00Z`); at += 3_600_000_000n) {
        const start = bucketStart(bucket, at);
        if (start > at || at >= bucketAfter(bucket, start)) outside.push(at);
      }
      expect(outside).toEqual([]);
    }
  });

  it('lets a day that has begun go on where clocks are put back over its midnight', () => {
    const newfoundland = days('America/St_Johns'); // 2010-11-07 00:01 became 2010-11-06 23:01
    for (const at of ['2010-11-07T02:30:30Z', '2010-11-07T02:31:00Z', '2010-11-07T03:29:59Z', '2010-11-07T12:00:00Z']) {
      expect(startOf(newfoundland, at)).toBe('2010-11-07T02:30:00.000Z');
    }
  });

  it('tells which buckets make up which', () => {
    const hour: Bucket = { kind: 'fixed', widthUs: 3_600_000_000n };
    const month = days('Europe/Berlin', 'month');
    const spans = offsetsBetween('Europe/Berlin', us('2026-01-01T00:00:00Z'), us('2026-12-31T00:00:00Z'));
    expect(nests(days('Europe/Berlin'), month, [])).toBe(true);
    expect(nests(days('Europe/Berlin', 'week'), month, [])).toBe(false);
    expect(nests(days('Europe/Paris'), month, [])).toBe(false);
    expect(nests(month, days('Europe/Berlin', 'quarter'), [])).toBe(true);
    expect(nests(hour, month, spans)).toBe(true);
    expect(nests(hour, month, offsetsBetween('Asia/Kathmandu', us('2026-01-01T00:00:00Z'), 0n))).toBe(false);
    expect(nests(month, hour, [])).toBe(false);
    const day = 24n * 3_600_000_000n;
    expect(nests(hour, { kind: 'fixed', widthUs: day }, [])).toBe(true);
    expect(nests({ kind: 'fixed', widthUs: day }, hour, [])).toBe(false);
  });

  it('finds when buckets last began together, and says when that is too long ago', () => {
    const at = us('2026-05-20T12:34:56Z');
    const common = (...buckets: Bucket[]): string | undefined => {
      const start = commonStart(buckets, at);
      return start === undefined ? undefined : rfc3339OfMicros(start);
    };
    const hour: Bucket = { kind: 'fixed', widthUs: 3_600_000_000n };
    expect(common(days('Europe/Berlin', 'month'), hour)).toBe('2026-04-30T22:00:00.000Z');
    expect(common(days('Europe/Berlin', 'month'), days('Europe/Berlin', 'week'))).toBe('2025-11-30T23:00:00.000Z');
    expect(common(days('Asia/Kathmandu', 'month'), hour)).toBeUndefined();
    expect(common()).toBe('2026-05-20T12:34:56.000Z');
  });
});

describe('zones', () => {
  it('tells transitions to the second and knows no zone that is not one', () => {
    const spans = offsetsBetween('Europe/Berlin', us('2026-01-01T00:00:00Z'), us('2026-12-31T00:00:00Z'));
    expect(spans.slice(1).map(({ fromUs }) => rfc3339OfMicros(fromUs))).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
    ]);
    expect([isZone('Europe/Berlin'), isZone('UTC'), isZone('Mars/Olympus')]).toEqual([true, true, false]);
  });

  it('reads a time that the clocks skip as the jump, and one that they show twice as the first', () => {
    expect(rfc3339OfMicros(instantOfLocal('Europe/Berlin', us('2026-03-29T02:30:00Z')))).toBe(
      '2026-03-29T01:00:00.000Z',
    );
    expect(rfc3339OfMicros(instantOfLocal('Europe/Berlin', us('2026-10-25T02:30:00Z')))).toBe(
      '2026-10-25T00:30:00.000Z',
    );
  });
});
