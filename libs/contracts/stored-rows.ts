import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { DatasetRef } from './columns';
import { IsCount, IsShortText } from './fields';
import { FilterValue } from './query-filter';
import { Cell, ResultColumn } from './query-plan';

export const FIND_ROWS_MAX = 1_000;

/** The rows of one key, the newest first. */
export class FindRows extends DatasetRef {
  /** A value for each column of the key; timestamps as RFC 3339 text. */
  @IsObject() key: Readonly<Record<string, FilterValue>>;
  /** Only the row of this time, as RFC 3339 text. */
  @IsOptional() @IsShortText(40) at?: string;
  @IsInt() @Min(1) @Max(FIND_ROWS_MAX) limit: number;
}

/** Where a row came from. */
export class RowOrigin {
  /** The append that stored it: `batch/version/generation` for those that came through a pipeline. */
  @IsShortText(200) appendId: string;
  /** Its place among the rows of that append, from 0. */
  @IsCount() row: number;
}

export class FoundRows {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  /** One a row. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => RowOrigin) origins: RowOrigin[];
}
