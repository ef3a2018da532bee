import { Bucket, bucketAfter, bucketStart } from '#libs/calendar/bucket';

/** A half-open range of time, open where there is no end. Unit: microseconds since 1970 UTC. */
export interface TimeRange {
  readonly fromUs?: bigint;
  readonly toUs?: bigint;
}

/** A range as whole buckets, and its ends beside them, where buckets are cut. */
export interface WholeBuckets {
  readonly inside: TimeRange;
  readonly ends: readonly TimeRange[];
}

/**
 * The whole buckets of a range; undefined when none lies in it. Rows before `keptFromUs` are kept no more: buckets before
 * it say of them what raw rows no longer would, and are left out.
 */
export function wholeBuckets(
  { fromUs, toUs }: TimeRange,
  bucket: Bucket,
  keptFromUs?: bigint,
): WholeBuckets | undefined {
  const from = fromUs === undefined || (keptFromUs !== undefined && keptFromUs > fromUs) ? keptFromUs : fromUs;
  const begun = from === undefined ? undefined : bucketStart(bucket, from);
  const first = begun === undefined || begun === from ? from : bucketAfter(bucket, begun);
  const last = toUs === undefined ? undefined : bucketStart(bucket, toUs);
  if (first !== undefined && last !== undefined && first >= last) return undefined;
  return {
    inside: { fromUs: first, toUs: last },
    ends: [
      ...(first === from ? [] : [{ fromUs: from, toUs: first }]),
      ...(last === toUs ? [] : [{ fromUs: last, toUs }]),
    ],
  };
}
