import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsOptional, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsName } from './fields';
import { Job } from './job';

/** The most batches that one job names. */
export const OFFERED_BATCHES_MAX = 16;

/** An accepted batch as it is offered to the normalizer: the epoch tells one offer from the next. */
export class BatchOffer {
  @IsId() batchId: string;
  @IsCount() epoch: number;
  /** Of the payload. Left out by earlier releases, and then not known. */
  @IsOptional() @IsCount() bytes?: number;
}

/** Normalize accepted batches, each by itself. Sent by connector-hub; the inbox is the truth, this only the hint. */
@Job({ queue: 'normalizer', name: 'normalize' })
export class NormalizeBatches {
  @ArrayNotEmpty()
  @ArrayMaxSize(OFFERED_BATCHES_MAX)
  @ValidateNested({ each: true })
  @Type(() => BatchOffer)
  offers: BatchOffer[];
}

/** Rows came to a dataset, so its rollups have dirty buckets. Sent by storage. */
@Job({ queue: 'analytics', name: 'rows-appended' })
export class RowsAppended {
  @IsName() project: string;
  @IsName() dataset: string;
}
