import { BucketUnit } from '#libs/documents/bucket-units';
import { RollupBucket } from '#libs/documents/rollup';
import { instantOfLocal, localOf, OffsetSpan } from './zone';

/**
 * How time is cut: into equal widths that start at multiples of them from 1970-01-01T00:00:00Z, or by the calendar of a
 * zone (weeks begin on Monday), where a day may have 23 or 25 hours.
 */
export type Bucket =
  | { readonly kind: 'fixed'; readonly widthUs: bigint }
  | { readonly kind: 'calendar'; readonly unit: BucketUnit; readonly zone: string };

const DAY_US = 86_400_000_000n;
const DAYS_ABOUT = { day: 1, week: 7, month: 30, quarter: 91, year: 365 } as const satisfies Record<BucketUnit, number>;
const MADE_OF: Readonly<Record<BucketUnit, readonly BucketUnit[]>> = {
  day: ['day'],
  week: ['day', 'week'],
  month: ['day', 'month'],
  quarter: ['day', 'month', 'quarter'],
  year: ['day', 'month', 'quarter', 'year'],
};

/**
 * The start of the bucket that an instant falls in: a bucket goes from its start to that of the next, also where clocks
 * are put back over a midnight and show the day before once more. All in microseconds since 1970 UTC.
 */
export function bucketStart(bucket: Bucket, us: bigint): bigint {
  if (bucket.kind === 'fixed') return us - modulo(us, bucket.widthUs);
  const start = instantOfLocal(bucket.zone, truncate(bucket.unit, localOf(bucket.zone, us)));
  const next = bucketAfter(bucket, start);
  return next <= us ? next : start;
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

/** The bucket of a rollup. */
export const bucketOf = (rollup: RollupBucket): Bucket =>
  'unit' in rollup
    ? { kind: 'calendar', unit: rollup.unit, zone: rollup.zone }
    : { kind: 'fixed', widthUs: BigInt(rollup.bucketMs) * 1_000n };

export const sameBucket = (one: Bucket, other: Bucket): boolean =>
  one.kind === 'fixed'
    ? other.kind === 'fixed' && one.widthUs === other.widthUs
    : other.kind === 'calendar' && one.unit === other.unit && one.zone === other.zone;

/** How long a bucket is, or about how long where the calendar makes them differ. Unit: microseconds. */
export const aboutUs = (bucket: Bucket): bigint =>
  bucket.kind === 'fixed' ? bucket.widthUs : BigInt(DAYS_ABOUT[bucket.unit]) * DAY_US;

/**
 * Whether every bucket of `outer` is made of whole buckets of `inner`. `spans` are the offsets of the outer one's zone
 * over the time in question.
 */
export function nests(inner: Bucket, outer: Bucket, spans: readonly OffsetSpan[]): boolean {
  if (inner.kind === 'calendar')
    return outer.kind === 'calendar' && outer.zone === inner.zone && MADE_OF[outer.unit].includes(inner.unit);
  const isWhole = (us: bigint): boolean => us % inner.widthUs === 0n;
  if (outer.kind === 'fixed') return isWhole(outer.widthUs);
  const jumps = spans.slice(1).map(({ fromUs }) => fromUs);
  return isWhole(DAY_US) && [...spans.map(({ offsetUs }) => offsetUs), ...jumps].every(isWhole);
}

/** A zone's time `count` units later, by its clocks: the same time of day, or the last day of a shorter month. */
export function shiftLocal(unit: BucketUnit, zone: string, us: bigint, count: number): bigint {
  return instantOfLocal(zone, addUnits(unit, localOf(zone, us), count));
}

/** The start of the unit that a local time falls in. */
export function truncate(unit: BucketUnit, localUs: bigint): bigint {
  const midnight = localUs - modulo(localUs, DAY_US);
  if (unit === 'day') return midnight;
  if (unit === 'week') return midnight - modulo(midnight - 4n * DAY_US, 7n * DAY_US); // 1970-01-05 was a Monday
  const date = dateOf(midnight);
  const month = unit === 'month' ? date.getUTCMonth() : unit === 'quarter' ? Math.floor(date.getUTCMonth() / 3) * 3 : 0;
  return microsOf(date.getUTCFullYear(), month, 1);
}

function addUnits(unit: BucketUnit, localUs: bigint, count: number): bigint {
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
