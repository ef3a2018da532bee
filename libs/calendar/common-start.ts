import { Bucket, bucketStart } from './bucket';

/** Beyond it a common start is not looked for. A week and a month begin together every 427 days at least. */
const APART_MAX_US = 430n * 86_400_000_000n;

/**
 * The latest instant up to `us` at which all buckets begin together; undefined when the last 430 days have none. In
 * microseconds since 1970 UTC.
 */
export function commonStart(buckets: readonly Bucket[], us: bigint): bigint | undefined {
  const widthUs = buckets.reduce(
    (all, bucket) => (bucket.kind === 'fixed' ? leastCommonMultiple(all, bucket.widthUs) : all),
    1n,
  );
  const steps: Bucket[] = [{ kind: 'fixed', widthUs }, ...buckets.filter(({ kind }) => kind === 'calendar')];
  for (let at = us; us - at <= APART_MAX_US;) {
    const earliest = steps.reduce((least, bucket) => {
      const start = bucketStart(bucket, at);
      return start < least ? start : least;
    }, at);
    if (earliest === at) return at;
    at = earliest;
  }
  return undefined;
}

function leastCommonMultiple(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b > 0n) [a, b] = [b, a % b];
  return (one / a) * other;
}
