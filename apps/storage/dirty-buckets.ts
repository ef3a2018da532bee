import { aboutUs, Bucket, bucketAfter, bucketStart } from '#libs/calendar/bucket';

const CALENDAR_STEP_US = 1_000_000n;
const BUCKET_RUNS_MAX = 16;

/**
 * A bucket goes by a number in the lists of dirty ones: its start over this. It is the width of buckets of equal width;
 * those of a calendar start at whole seconds. Unit: microseconds.
 */
export const numberStepUs = (bucket: Bucket): bigint => (bucket.kind === 'fixed' ? bucket.widthUs : CALENDAR_STEP_US);

/** Number of the bucket that holds a time, which is in microseconds since 1970 UTC; before 1970 numbers are negative. */
export const bucketNumber = (bucket: Bucket, timeUs: bigint): number =>
  Number(bucketStart(bucket, timeUs) / numberStepUs(bucket));

/** The start of the bucket of a number, in microseconds since 1970 UTC. */
export const numberedStart = (bucket: Bucket, number: number): bigint => BigInt(number) * numberStepUs(bucket);

/** The numbers of the buckets that hold the times. */
export function bucketNumbers(bucket: Bucket, timesUs: Iterable<bigint>): Set<number> {
  const numbers = new Set<number>();
  let [from, to] = [1n, 0n];
  for (const us of timesUs) {
    if (us >= from && us < to) continue;
    from = bucketStart(bucket, us);
    to = bucketAfter(bucket, from);
    numbers.add(Number(from / numberStepUs(bucket)));
  }
  return numbers;
}

/** The numbers of the buckets that the given rows fall in; all rows when none are named. Times are in microseconds. */
export function touchedBuckets(
  times: BigInt64Array,
  numbers: Float64Array,
  rows: Int32Array | undefined,
  bucket: Bucket,
): Set<number> {
  const touched = new Set<number>();
  let from = Number.NaN;
  let to = Number.NaN;
  const count = rows?.length ?? times.length;
  for (let at = 0; at < count; at += 1) {
    const row = rows === undefined ? at : rows[at]!;
    const time = numbers[row]!;
    if (time >= from && time < to) continue;
    const start = bucketStart(bucket, times[row]!);
    touched.add(Number(start / numberStepUs(bucket)));
    // Beyond the year 2255 the numbers are not exact, so each row asks anew.
    const [first, next] = [Number(start), Number(bucketAfter(bucket, start))];
    const exact = Number.isSafeInteger(first) && Number.isSafeInteger(next);
    from = exact ? first : Number.NaN;
    to = exact ? next : Number.NaN;
  }
  return touched;
}

/**
 * The numbers of the buckets that share an instant with a span of a day at most, from its first row to its last: how an
 * engine that knows no calendar tells which buckets its rows are in.
 */
export function bucketsOfSpans(bucket: Bucket, spans: Iterable<readonly [first: bigint, last: bigint]>): Set<number> {
  const touched = new Set<number>();
  for (const [first, last] of spans) {
    for (let start = bucketStart(bucket, first); start <= last; start = bucketAfter(bucket, start)) {
      touched.add(Number(start / numberStepUs(bucket)));
    }
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

/** Dirty buckets as runs of near ones, of their sorted numbers; a run may hold clean ones where there are too many. */
export const bucketRuns = (bucket: Bucket, sorted: ArrayLike<number>): Run[] =>
  runsOf(sorted, (1.5 * Number(aboutUs(bucket))) / Number(numberStepUs(bucket)), BUCKET_RUNS_MAX);

/** The time from the start of a run's first bucket to the end of its last. In microseconds since 1970 UTC. */
export const runRange = (bucket: Bucket, { from, to }: Run): { readonly fromUs: bigint; readonly toUs: bigint } => ({
  fromUs: numberedStart(bucket, from),
  toUs: bucketAfter(bucket, numberedStart(bucket, to)),
});
