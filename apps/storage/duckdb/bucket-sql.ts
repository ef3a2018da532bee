import { Bucket, bucketStart } from '#libs/calendar/bucket';
import { localThreshold, offsetsBetween, OffsetSpan } from '#libs/calendar/zone';
import { numberStepUs } from '../dirty-buckets';

const DAY_US = 86_400_000_000n;

/** Widths that `date_trunc` knows; it is the quickest of all, and right before 1970 too. Unit: microseconds. */
const TRUNCATED: ReadonlyMap<bigint, string> = new Map([
  [1_000_000n, 'second'],
  [60_000_000n, 'minute'],
  [3_600_000_000n, 'hour'],
  [86_400_000_000n, 'day'],
]);

/**
 * The start of the bucket that a time falls in. `spans` are the zone's offsets over every time that there is; they are
 * the runtime's own and not the engine's, so that all engines and the filling of gaps agree.
 */
export function bucketStartSql(bucket: Bucket, time: string, spans: readonly OffsetSpan[]): string {
  if (bucket.kind === 'fixed') return fixedStartSql(time, bucket.widthUs);
  const shown = withoutRepeatedMidnights(spans);
  const local = `make_timestamp(${plusOffset(`epoch_us(${time})`, shown)})`;
  return `make_timestamp(${instantOf(`epoch_us(date_trunc('${bucket.unit}', ${local}))`, shown)})`;
}

export function fixedStartSql(time: string, widthUs: bigint): string {
  const unit = TRUNCATED.get(widthUs);
  if (unit !== undefined) return `date_trunc('${unit}', ${time})`;
  const us = `epoch_us(${time})`;
  return `make_timestamp(${us} - ((${us} % ${widthUs}) + ${widthUs}) % ${widthUs})`;
}

/** The number of the bucket that begins at a time. */
export const numberOfStartSql = (bucket: Bucket, start: string): string =>
  `(epoch_us(${start}) // ${numberStepUs(bucket)})`;

/** The number of the bucket that a time falls in; `spans` as of {@link bucketStartSql}. */
export function bucketNumberSql(bucket: Bucket, time: string, spans: readonly OffsetSpan[]): string {
  if (bucket.kind === 'calendar') return numberOfStartSql(bucket, bucketStartSql(bucket, time, spans));
  const us = `epoch_us(${time})`;
  const { widthUs } = bucket;
  return `((${us} - ((${us} % ${widthUs}) + ${widthUs}) % ${widthUs}) // ${widthUs})`;
}

/** The offsets of a bucket's zone over all times of a range, and over the buckets that these fall in. */
export const spansOver = (bucket: Bucket, firstUs: bigint, lastUs: bigint): readonly OffsetSpan[] =>
  bucket.kind === 'fixed' ? [] : offsetsBetween(bucket.zone, bucketStart(bucket, firstUs) - DAY_US, lastUs);

/**
 * Where clocks are put back over a midnight, the day that had begun goes on: the earlier offset lasts until they show
 * midnight once more.
 */
function withoutRepeatedMidnights(spans: readonly OffsetSpan[]): OffsetSpan[] {
  return spans.map((span, at) => {
    const before = spans[at - 1];
    if (!before || before.offsetUs <= span.offsetUs) return span;
    const shown = span.fromUs + before.offsetUs - 1n;
    const midnight = shown - (((shown % DAY_US) + DAY_US) % DAY_US);
    return midnight - span.offsetUs > span.fromUs ? { ...span, fromUs: midnight - span.offsetUs } : span;
  });
}

function plusOffset(us: string, spans: readonly OffsetSpan[]): string {
  const [first, ...later] = spans;
  if (!first) return us;
  if (later.length === 0) return `${us} + ${first.offsetUs}`;
  const cases = later.reverse().map(({ fromUs, offsetUs }) => `WHEN ${us} >= ${fromUs} THEN ${offsetUs}`);
  return `${us} + CASE ${cases.join(' ')} ELSE ${first.offsetUs} END`;
}

/** As `instantOfLocal`: the first of two instants, and the jump itself for a time that the clocks skip. */
function instantOf(localUs: string, spans: readonly OffsetSpan[]): string {
  const [first] = spans;
  if (!first) return localUs;
  const cases = spans.flatMap((span, at) => {
    const before = spans[at - 1];
    if (!before) return [];
    const after = `WHEN ${localUs} >= ${localThreshold(before, span)} THEN ${localUs} - ${span.offsetUs}`;
    const skipped = `WHEN ${localUs} >= ${span.fromUs + before.offsetUs} THEN ${span.fromUs}`;
    return [span.offsetUs > before.offsetUs ? `${after} ${skipped}` : after];
  });
  return cases.length === 0
    ? `${localUs} - ${first.offsetUs}`
    : `CASE ${cases.reverse().join(' ')} ELSE ${localUs} - ${first.offsetUs} END`;
}
