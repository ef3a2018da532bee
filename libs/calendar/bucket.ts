import { BUCKET_UNITS } from '#libs/contracts/query-plan';
import { instantOfLocal, localOf } from './zone';

export type CalendarUnit = (typeof BUCKET_UNITS)[number];

/**
 * How time is cut: into equal widths that start at multiples of them from 1970-01-01T00:00:00Z, or by the calendar of a
 * zone (weeks begin on Monday), where a day may have 23 or 25 hours.
 */
export type Bucket =
  | { readonly kind: 'fixed'; readonly widthUs: bigint }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly zone: string };

const DAY_US = 86_400_000_000n;

/** The start of the bucket that an instant falls in. All in microseconds since 1970 UTC. */
export function bucketStart(bucket: Bucket, us: bigint): bigint {
  if (bucket.kind === 'fixed') return us - modulo(us, bucket.widthUs);
  return instantOfLocal(bucket.zone, truncate(bucket.unit, localOf(bucket.zone, us)));
}

/** The start of the bucket `count` after (or, negative, before) the one that starts at `start`. */
export function bucketAfter(bucket: Bucket, start: bigint, count = 1): bigint {
  if (bucket.kind === 'fixed') return start + BigInt(count) * bucket.widthUs;
  const local = truncate(bucket.unit, localOf(bucket.zone, start));
  return instantOfLocal(bucket.zone, addUnits(bucket.unit, local, count));
}

/** The starts of the buckets that share an instant with `[fromUs, toUs)`, in order; ends early past `max` of them. */
export function bucketStarts(bucket: Bucket, fromUs: bigint, toUs: bigint, max: number): bigint[] {
  const starts: bigint[] = [];
  for (let start = bucketStart(bucket, fromUs); start < toUs && starts.length <= max;) {
    starts.push(start);
    start = bucketAfter(bucket, start);
  }
  return starts;
}

/** A zone's time `count` units later, by its clocks: the same time of day, or the last day of a shorter month. */
export function shiftLocal(unit: CalendarUnit, zone: string, us: bigint, count: number): bigint {
  return instantOfLocal(zone, addUnits(unit, localOf(zone, us), count));
}

/** The start of the unit that a local time falls in. */
export function truncate(unit: CalendarUnit, localUs: bigint): bigint {
  const midnight = localUs - modulo(localUs, DAY_US);
  if (unit === 'day') return midnight;
  if (unit === 'week') return midnight - modulo(midnight - 4n * DAY_US, 7n * DAY_US); // 1970-01-05 was a Monday
  const date = dateOf(midnight);
  const month = unit === 'month' ? date.getUTCMonth() : unit === 'quarter' ? Math.floor(date.getUTCMonth() / 3) * 3 : 0;
  return microsOf(date.getUTCFullYear(), month, 1);
}

function addUnits(unit: CalendarUnit, localUs: bigint, count: number): bigint {
  if (unit === 'day') return localUs + BigInt(count) * DAY_US;
  if (unit === 'week') return localUs + BigInt(count * 7) * DAY_US;
  const timeOfDay = modulo(localUs, DAY_US);
  const date = dateOf(localUs - timeOfDay);
  const months = count * (unit === 'month' ? 1 : unit === 'quarter' ? 3 : 12);
  const target = date.getUTCMonth() + months;
  const lastDay = dateOf(microsOf(date.getUTCFullYear(), target + 1, 1) - DAY_US).getUTCDate();
  return microsOf(date.getUTCFullYear(), target, Math.min(date.getUTCDate(), lastDay)) + timeOfDay;
}

const dateOf = (midnightUs: bigint): Date => new Date(Number(midnightUs / 1_000n));

function microsOf(year: number, month: number, day: number): bigint {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return BigInt(date.getTime()) * 1_000n;
}

const modulo = (value: bigint, width: bigint): bigint => ((value % width) + width) % width;
