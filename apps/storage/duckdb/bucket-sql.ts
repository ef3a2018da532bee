import { Bucket } from '#libs/calendar/bucket';
import { localThreshold, OffsetSpan } from '#libs/calendar/zone';

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
  const local = `make_timestamp(${plusOffset(`epoch_us(${time})`, spans)})`;
  return `make_timestamp(${instantOf(`epoch_us(date_trunc('${bucket.unit}', ${local}))`, spans)})`;
}

export function fixedStartSql(time: string, widthUs: bigint): string {
  const unit = TRUNCATED.get(widthUs);
  if (unit !== undefined) return `date_trunc('${unit}', ${time})`;
  const us = `epoch_us(${time})`;
  return `make_timestamp(${us} - ((${us} % ${widthUs}) + ${widthUs}) % ${widthUs})`;
}

/** The number of the bucket that a time falls in. */
export const bucketNumberSql = (time: string, widthUs: bigint): string => {
  const us = `epoch_us(${time})`;
  return `((${us} - ((${us} % ${widthUs}) + ${widthUs}) % ${widthUs}) // ${widthUs})`;
};

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
