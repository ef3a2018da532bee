import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, ValidateNested } from 'class-validator';
import { DatasetRef } from './columns';
import { IsCount, IsId } from './fields';
import { FilterNode } from './query-filter';

/** Rows of a subject that are to go for good. */
export class EraseRows extends DatasetRef {
  /** Names the request: the same id again erases nothing more and gives the same receipt. */
  @IsId() eraseId: string;
  /** All hold together; at least one, since a dataset is not emptied by accident. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterNode)
  filters: FilterNode[];
}

export class ErasureReceipt {
  @IsId() eraseId: string;
  /** Rows that were there and are no more. */
  @IsCount() erased: number;
}
