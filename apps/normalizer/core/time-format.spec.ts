import fc from 'fast-check';
import { Failure } from './failure';
import { dateFromMicros, Micros, rfc3339FromMicros } from './instants';
import { formatTime, parseTime } from './time-format';

const iso = (text: string, format: string, zone?: string): string => {
  const micros = parseTime(text, format, zone);
  return micros === null || micros instanceof Failure ? `refused: ${micros?.reason}` : rfc3339FromMicros(micros);
};

describe('time formats', () => {
  it.each([
    ['2018-02-01 10:20:30', '%Y-%m-%d %H:%M:%S', 'UTC', '2018-02-01T10:20:30.000Z'],
    ['1/2/2018', '%d/%m/%Y', 'UTC', '2018-02-01T00:00:00.000Z'],
    ['020118', '%m%d%y', 'UTC', '2018-02-01T00:00:00.000Z'],
    ['12:00 AM', '%I:%M %p', 'UTC', '1970-01-01T00:00:00.000Z'],
    ['2020-366', '%Y-%j', 'UTC', '2020-12-31T00:00:00.000Z'],
    ['Thursday, 1 February 2018', '%A, %d %B %Y', 'UTC', '2018-02-01T00:00:00.000Z'],
    ['01/Feb/2018:10:20:30 -0700', '%d/%b/%Y:%H:%M:%S %z', 'Europe/Berlin', '2018-02-01T17:20:30.000Z'],
    ['1517443200', '%s', 'Asia/Tokyo', '2018-02-01T00:00:00.000Z'],
    ['2018-02-01T00:00:00.123456789Z', '%FT%T.%f%z', 'UTC', '2018-02-01T00:00:00.123456Z'],
    ['2016-12-31 23:59:60', '%F %T', 'UTC', '2016-12-31T23:59:59.000Z'],
    ['2018-07-01 12:00', '%F %R', 'America/New_York', '2018-07-01T16:00:00.000Z'],
    ['2018-01-01 12:00', '%F %R', 'Asia/Kolkata', '2018-01-01T06:30:00.000Z'],
    // Clocks go back at 03:00 on 28 October: 02:30 comes twice, and is the first.
    ['2018-10-28 02:30', '%F %R', 'Europe/Berlin', '2018-10-28T00:30:00.000Z'],
    // Clocks jump from 02:00 to 03:00 on 25 March: 02:30 never comes.
    ['2018-03-25 02:30', '%F %R', 'Europe/Berlin', '2018-03-25T01:30:00.000Z'],
  ])('reads %s by %s in %s', (text, format, zone, expected) => {
    expect(iso(text, format, zone)).toBe(expected);
  });

  it.each([
    ['2018-02-30', '%F', 'UTC', 'does not exist'],
    ['2019-366', '%Y-%j', 'UTC', 'does not exist'],
    ['25:00', '%R', 'UTC', 'does not exist'],
    ['13:00 PM', '%I:%M %p', 'UTC', 'does not exist'],
    ['2018-02-01x', '%F', 'UTC', 'of the form'],
    ['18-02-01', '%F', 'UTC', 'of the form'],
    ['2018-02-01', '%F', 'Europe/Atlantis', 'no time zone'],
    ['2018-02-01', '%Q', 'UTC', 'unknown directive "%Q"'],
    ['2018-02-01', '%F%', 'UTC', 'unknown directive "%"'],
  ])('refuses %s by %s in %s', (text, format, zone, why) => {
    expect(iso(text, format, zone)).toContain(why);
  });

  it('reads what it writes, in any zone, to the microsecond', () => {
    const micros = fc.bigInt({ min: -62_000_000_000_000_000n, max: 250_000_000_000_000_000n });
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia');
    fc.assert(
      fc.property(micros, zone, (moment, where) => {
        const written = formatTime(dateFromMicros(moment), '%Y-%m-%d %H:%M:%S.%f %z', where);
        // Before 1900 zones were offset by seconds too, which %z cannot say.
        fc.pre(where === 'UTC' || moment > 0n);
        expect(BigInt(parseTime(written, '%Y-%m-%d %H:%M:%S.%f %z') as Micros)).toBe(moment);
      }),
    );
  });

  it('reads any text, or says that it cannot', () => {
    const format = fc.array(fc.constantFrom('%Y', '%m', '%d', '%H', '%f', '%z', '%p', '%b', '%j', '%s', '-', ' '));
    fc.assert(
      fc.property(fc.string(), format, (text, parts) => {
        const micros = parseTime(text, parts.join(''));
        expect(['number', 'bigint', 'object']).toContain(typeof micros);
      }),
    );
  });
});
