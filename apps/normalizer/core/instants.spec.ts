import fc from 'fast-check';
import {
  dateFromMicros,
  INSTANT_MAX_MS,
  INSTANT_MIN_MS,
  microsFromDate,
  microsFromMs,
  microsFromRfc3339,
  rfc3339FromMicros,
} from './instants';

const anyMs = fc.integer({ min: INSTANT_MIN_MS, max: INSTANT_MAX_MS });

describe('instants', () => {
  it('reads every time that Date writes, to the microsecond', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        expect(BigInt(microsFromRfc3339(new Date(ms).toISOString()) ?? -1)).toBe(BigInt(ms) * 1_000n);
      }),
    );
  });

  it('writes what it reads, microseconds included', () => {
    fc.assert(
      fc.property(anyMs, fc.integer({ min: 0, max: 999 }), (ms, below) => {
        const micros = BigInt(ms) * 1_000n + BigInt(below);
        expect(BigInt(microsFromRfc3339(rfc3339FromMicros(micros)) ?? -1)).toBe(micros);
        expect(BigInt(microsFromDate(dateFromMicros(micros)) ?? -1)).toBe(micros);
        if (micros <= BigInt(Number.MAX_SAFE_INTEGER)) {
          const small = Number(micros);
          if (Number.isSafeInteger(small)) expect(BigInt(microsFromDate(dateFromMicros(small)) ?? -1)).toBe(micros);
        }
      }),
    );
  });

  it('counts zones, fractions and leap days', () => {
    expect(microsFromRfc3339('2018-02-01T02:30:00.123456789+02:30')).toBe(1_517_443_200_123_456);
    expect(microsFromRfc3339('2018-01-31 19:00:00-05:00')).toBe(1_517_443_200_000_000);
    expect(microsFromRfc3339('2020-02-29T00:00:00Z')).toBe(Date.UTC(2020, 1, 29) * 1_000);
    expect(microsFromRfc3339('2016-12-31T23:59:60Z')).toBe(microsFromRfc3339('2016-12-31T23:59:59Z'));
  });

  it.each([
    '2018-02-01T00:00:00',
    '2018-02-01',
    '2019-02-29T00:00:00Z',
    '2018-13-01T00:00:00Z',
    '2018-02-01T24:00:00Z',
    '2018-02-01T00:00:00.Z',
    '2018-02-01T00:00:00+0200',
    '2018-02-01T00:00:00Zjunk',
    '0000-01-01T00:00:00Z',
    'yesterday at a quarter past',
    '9999-12-31T23:59:59-01:00',
  ])('refuses %s', (text) => {
    expect(microsFromRfc3339(text)).toBeUndefined();
  });

  it('refuses milliseconds outside the years 1 to 9999, NaN included', () => {
    for (const ms of [NaN, Infinity, -Infinity, INSTANT_MIN_MS - 1, INSTANT_MAX_MS + 1, 1e300]) {
      expect(microsFromMs(ms)).toBeUndefined();
    }
    expect(microsFromMs(1_517_443_200_123.456)).toBe(1_517_443_200_123_456);
  });
});
