/**
 * Number of the bucket that holds a time: buckets start at its multiples from 1970, so times before have negative ones.
 * Both in microseconds.
 */
export function bucketOf(timeUs: bigint, bucketUs: bigint): number {
  const below = ((timeUs % bucketUs) + bucketUs) % bucketUs;
  return Number((timeUs - below) / bucketUs);
}

/** The numbers of the buckets that the given rows fall in; all rows when none are named. */
export function touchedBuckets(
  times: BigInt64Array,
  numbers: Float64Array,
  rows: Int32Array | undefined,
  bucketUs: number,
): Set<number> {
  const touched = new Set<number>();
  let from = Number.NaN;
  let to = Number.NaN;
  const count = rows?.length ?? times.length;
  for (let at = 0; at < count; at += 1) {
    const row = rows === undefined ? at : rows[at]!;
    const time = numbers[row]!;
    if (time >= from && time < to) continue;
    const bucket = bucketOf(times[row]!, BigInt(bucketUs));
    touched.add(bucket);
    // Beyond the year 2255 the numbers are not exact, so each row asks anew.
    const exact = Number.isSafeInteger(bucket * bucketUs) && Number.isSafeInteger((bucket + 1) * bucketUs);
    from = exact ? bucket * bucketUs : Number.NaN;
    to = exact ? from + bucketUs : Number.NaN;
  }
  return touched;
}

/** From the first number to the last, both within. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Parts sorted numbers at their widest gaps, so that one far away does not make the whole range be scanned. */
export function runsOf(sorted: ArrayLike<number>, widestGap: number, runsMax: number): Run[] {
  if (sorted.length === 0) return [];
  const gaps: { at: number; gap: number }[] = [];
  for (let at = 1; at < sorted.length; at += 1) {
    const gap = sorted[at]! - sorted[at - 1]!;
    if (gap > widestGap) gaps.push({ at, gap });
  }
  const cuts = gaps
    .sort((one, other) => other.gap - one.gap)
    .slice(0, runsMax - 1)
    .map(({ at }) => at)
    .sort((one, other) => one - other);
  const starts = [0, ...cuts];
  return starts.map((start, run) => ({ from: sorted[start]!, to: sorted[(starts[run + 1] ?? sorted.length) - 1]! }));
}
