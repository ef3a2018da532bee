import { Bucket } from '#libs/calendar/bucket';
import { commonStart } from '#libs/calendar/common-start';

/**
 * The time before which rows are kept no more. It is the start of a bucket in every rollup, so that no bucket is ever
 * computed from a part of its rows; documents whose rollups have none in common are refused. In microseconds since 1970
 * UTC.
 */
export function keptFrom(nowUs: bigint, retainMs: number, buckets: readonly Bucket[]): bigint {
  const wanted = nowUs - BigInt(retainMs) * 1_000n;
  return commonStart(buckets, wanted) ?? wanted;
}
