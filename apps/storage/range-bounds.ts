import { bucketStart } from '#libs/calendar/bucket';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { OffsetSpan, offsetsBetween } from '#libs/calendar/zone';
import { Coverage } from '#libs/contracts/query-plan';
import { CheckedPlan } from './checked-plan';

const DAY_US = 86_400_000_000n;

/** The first and the last time that rows have. Unit: microseconds since 1970 UTC. */
export interface Bounds {
  readonly first: bigint;
  readonly last: bigint;
}

/** Offsets of a calendar bucket's zone over a plan's range, as far as there are rows; none for any other bucket. */
export function spansOf({ shape, fromUs, toUs }: CheckedPlan, bounds: Bounds | undefined): readonly OffsetSpan[] {
  if (shape.kind !== 'groups' || shape.bucket?.kind !== 'calendar') return [];
  const from = later(fromUs, bounds?.first) ?? 0n;
  const to = earlier(toUs, bounds?.last) ?? from;
  return offsetsBetween(shape.bucket.zone, bucketStart(shape.bucket, from) - DAY_US, to);
}

/** What of a plan's range lies between the first and the last row. */
export function coverageOf({ fromUs, toUs }: CheckedPlan, bounds: Bounds | undefined): Coverage | undefined {
  const from = later(fromUs, bounds?.first);
  const to = earlier(toUs, bounds?.last);
  if (!bounds || from === undefined || to === undefined || from > to) return undefined;
  return { from: rfc3339OfMicros(from), to: rfc3339OfMicros(to) };
}

const later = (one: bigint | undefined, other: bigint | undefined): bigint | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one;
const earlier = (one: bigint | undefined, other: bigint | undefined): bigint | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;
