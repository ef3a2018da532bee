const US_PER_MS = 1_000n;
/** Buckets of rollups meet at most this often in practice; beyond it a common start is not looked for. */
const MEETING_MAX_US = 400n * 86_400_000_000n;

/**
 * The time before which rows are kept no more. It is the start of a bucket in every rollup, so that no bucket is ever
 * computed from a part of its rows. All in microseconds since 1970 UTC, but for the widths.
 */
export function keptFrom(nowUs: bigint, retainMs: number, bucketsMs: readonly number[]): bigint {
  const wanted = nowUs - BigInt(retainMs) * US_PER_MS;
  const meeting = bucketsMs.reduce((all, ms) => leastCommonMultiple(all, BigInt(ms) * US_PER_MS), 1n);
  const step = meeting > MEETING_MAX_US ? 1n : meeting;
  return wanted - (((wanted % step) + step) % step);
}

function leastCommonMultiple(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b > 0n) [a, b] = [b, a % b];
  return (one / a) * other;
}
