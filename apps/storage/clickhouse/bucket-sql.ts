import { Bucket, bucketAfter, bucketStarts } from '#libs/calendar/bucket';
import { Unprocessable } from '#libs/errors/errors';
import { numberedStart } from '../dirty-buckets';
import { Bounds } from '../range-bounds';
import { ClickCell } from './click-house';
import { quoted } from './tables';

const DAY_US = 86_400_000_000n;
const CALENDAR_BUCKETS_MAX = 40_000;

export const fixedStartSql = (time: string, widthUs: bigint): string =>
  `(${time} - positiveModulo(${time}, toInt64(${widthUs})))`;

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

/** The same for times that fall in the numbered buckets; of other times something else than the start of one of these. */
export function numberedStartSql(bucket: Bucket, time: string, numbers: readonly number[]): string {
  if (bucket.kind === 'fixed') return fixedStartSql(time, bucket.widthUs);
  const starts = numbers.map((number) => numberedStart(bucket, number));
  const edges = [...new Set(starts.flatMap((start) => [start, bucketAfter(bucket, start)]))];
  const sorted = edges.sort((one, other) => (one < other ? -1 : 1));
  return sorted.length === 0 ? time : `roundDown(${time}, [${sorted.map((edge) => `toInt64(${edge})`).join(', ')}])`;
}

/** SELECT of the first and last time of rows, of each bucket or of each day of UTC where the calendar cuts. */
export function spansSql(bucket: Bucket, column: string, rows: string): string {
  const time = quoted(column);
  const part = fixedStartSql(time, bucket.kind === 'fixed' ? bucket.widthUs : DAY_US);
  return `SELECT min(${time}), max(${time}) FROM ${rows} GROUP BY ${part}`;
}

/** A row of {@link spansSql}. */
export const spanOf = ([first, last]: readonly ClickCell[]): readonly [bigint, bigint] => [
  BigInt(String(first)),
  BigInt(String(last)),
];
