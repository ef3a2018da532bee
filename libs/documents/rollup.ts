import { BUCKET_UNITS, BucketUnit } from './bucket-units';
import { durationMs } from './duration';

export interface RollupSpec {
  readonly name: string;
  /**
   * The width of a bucket, at least 1 s: buckets start at multiples of it from 1970-01-01T00:00:00Z. Or a unit of the
   * calendar, like `month`.
   */
  readonly bucket: string;
  /** IANA zone whose calendar it is; UTC when left out. */
  readonly timezone?: string;
  readonly by?: readonly string[];
  /** Measure name -> call, as in `max(magnitude)`. */
  readonly measures: Readonly<Record<string, string>>;
}

/** How a rollup cuts time: into equal widths, in milliseconds, or by a unit of a zone's calendar. */
export type RollupBucket = { readonly bucketMs: number } | { readonly unit: BucketUnit; readonly zone: string };

const DAY_MS = 86_400_000;

/** The bucket that a checked document says. A day of UTC is a width like any other, which more questions can use. */
export function rollupBucketOf({ bucket, timezone = 'UTC' }: RollupSpec): RollupBucket {
  const unit = BUCKET_UNITS.find((one) => one === bucket);
  if (unit === undefined) return { bucketMs: durationMs(bucket) };
  return unit === 'day' && timezone === 'UTC' ? { bucketMs: DAY_MS } : { unit, zone: timezone };
}
