/** What JSON cannot say of a measured value. */
export type SpecialNumber = 'NaN' | '+Inf' | '-Inf';

/** A measured value: a number, or null and why. */
export interface MeasuredValue {
  readonly value: number | null;
  readonly special?: SpecialNumber;
}

export function measured(value: number): MeasuredValue {
  if (Number.isFinite(value)) return { value };
  return { value: null, special: Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf' };
}

const NANOS_PER_SECOND = 1_000_000_000n;
const SECONDS_MAX = 253_402_300_799n; // the end of the year 9999

/** An instant as RFC 3339 UTC with all of its nanoseconds; undefined for 0, which says that none is known. */
export function rfc3339FromNanos(nanos: bigint): string | undefined {
  const seconds = nanos / NANOS_PER_SECOND;
  if (nanos <= 0n || seconds > SECONDS_MAX) return undefined;
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
  const fraction = String(nanos % NANOS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}
