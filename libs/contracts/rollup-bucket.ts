import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { BUCKET_UNITS, BucketUnit } from '#libs/documents/bucket-units';
import { RollupBucket } from '#libs/documents/rollup';
import { IsShortText } from './fields';

/** How a rollup cuts time: exactly one of a width and a unit of a zone's calendar. */
export class RollupBucketFields {
  /** Equal widths that start at multiples of it from 1970-01-01T00:00:00Z. Unit: milliseconds. */
  @IsOptional() @IsInt() @Min(1_000) bucketMs?: number;
  /** Weeks begin on Monday; a day may have 23 or 25 hours. */
  @IsOptional() @IsIn(BUCKET_UNITS) unit?: BucketUnit;
  /** IANA zone whose calendar it is. */
  @IsOptional() @IsShortText(60) zone?: string;
}

/** The one of the two that the fields say; a sentence when it is neither or both. */
export function rollupBucket({ bucketMs, unit, zone }: RollupBucketFields): RollupBucket | string {
  if (bucketMs !== undefined && unit === undefined && zone === undefined) return { bucketMs };
  if (bucketMs === undefined && unit !== undefined && zone !== undefined) return { unit, zone };
  return `A bucket has either a width or a unit (${BUCKET_UNITS.join(', ')}) and its zone.`;
}
