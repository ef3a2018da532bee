import { Bucket, bucketStarts } from '#libs/calendar/bucket';
import { Unprocessable } from '#libs/errors/errors';

const CALENDAR_BUCKETS_MAX = 40_000;

/** A range that holds every time that is asked about. Unit: microseconds since 1970 UTC. */
export interface Bounds {
  readonly first: bigint;
  readonly last: bigint;
}

export const fixedStartSql = (time: string, widthUs: bigint): string =>
  `(${time} - positiveModulo(${time}, ${widthUs}))`;

/**
 * The start of the bucket that a time falls in. Calendars are the runtime's own and not the engine's, so that all
 * engines and the filling of gaps agree: the engine only finds a time its place among the starts.
 */
export function bucketStartSql(bucket: Bucket, time: string, bounds: Bounds | undefined): string {
  if (bucket.kind === 'fixed') return fixedStartSql(time, bucket.widthUs);
  if (!bounds) return `toInt64(0 * ${time})`; // there are no rows
  const starts = bucketStarts(bucket, bounds.first, bounds.last + 1n, CALENDAR_BUCKETS_MAX);
  if (starts.length > CALENDAR_BUCKETS_MAX) {
    throw new Unprocessable(
      'query.invalid',
      `There are more than ${CALENDAR_BUCKETS_MAX} buckets of a ${bucket.unit} in the range. Ask for a shorter one.`,
    );
  }
  return `roundDown(${time}, [${starts.map((start) => `toInt64(${start})`).join(', ')}])`;
}
