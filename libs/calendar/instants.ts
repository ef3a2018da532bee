/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: what RFC 3339 can write. Unit: microseconds. */
export const INSTANT_MIN_US = -62_135_596_800_000_000n;
export const INSTANT_MAX_US = 253_402_300_799_999_999n;

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Microseconds of an RFC 3339 time in any zone; digits behind the microsecond are cut. `undefined` when it is none. */
export function microsOfRfc3339(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  const seconds =
    date.getTime() / 1_000 +
    Number(hour) * 3_600 +
    (Number(minute) - offsetMinutes) * 60 +
    Math.min(Number(second), 59);
  const micros = BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return micros >= INSTANT_MIN_US && micros <= INSTANT_MAX_US ? micros : undefined;
}

/** RFC 3339 in UTC, with milliseconds, or microseconds where there are any. */
export function rfc3339OfMicros(micros: bigint): string {
  const below = ((micros % 1_000n) + 1_000n) % 1_000n;
  const iso = new Date(Number((micros - below) / 1_000n)).toISOString();
  return below === 0n ? iso : `${iso.slice(0, -1)}${String(below).padStart(3, '0')}Z`;
}
