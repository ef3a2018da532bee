import { IsCount, IsId, IsName } from './fields';
import { Job } from './job';

/** Normalize one accepted batch. Sent by connector-hub; the inbox is the truth, this only the hint. */
@Job({ queue: 'normalizer', name: 'normalize' })
export class NormalizeBatch {
  @IsId() batchId: string;
  @IsCount() epoch: number;
}

/** Rows came to a dataset, so its rollups have dirty buckets. Sent by storage. */
@Job({ queue: 'analytics', name: 'rows-appended' })
export class RowsAppended {
  @IsName() project: string;
  @IsName() dataset: string;
}
