import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { STORE_MODES, StoreMode } from '#libs/documents/store';
import { ColumnDef, DatasetRef } from './columns';
import { IsCount, IsPageCursor, IsShortText } from './fields';
import { Cell, ResultColumn } from './query-plan';

/** What a dataset holds, and what tells its rows apart. */
export class DatasetDescription extends DatasetRef {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ColumnDef) columns: ColumnDef[];
  /** The column of the event's time. */
  @IsShortText(63) time: string;
  @IsArray() @IsString({ each: true }) key: string[];
  @IsIn(STORE_MODES) mode: StoreMode;
  /** Grows by one with each change of the columns. */
  @IsCount() schemaVersion: number;
  /** How long a row is kept, counted from its time; for ever when left out. Unit: milliseconds. */
  @IsOptional() @IsInt() retainMs?: number;
}

/** Which rows of a dataset; all of them where nothing is said. */
export class RowsRange extends DatasetRef {
  /** RFC 3339, a date or local time in `zone`, or relative to now: `now-24h`, `now-7d/d`. Inclusive. */
  @IsOptional() @IsShortText(60) from?: string;
  /** As `from`; exclusive. */
  @IsOptional() @IsShortText(60) to?: string;
  /** IANA time zone of times that name none; UTC when left out. */
  @IsOptional() @IsShortText(60) zone?: string;
  /** All columns when left out. */
  @IsOptional() @IsArray() @ArrayMaxSize(500) @IsString({ each: true }) columns?: string[];
}

const ROWS_PAGE_MAX = 10_000;

export class ListRows extends RowsRange {
  /** 1,000 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(ROWS_PAGE_MAX) limit?: number;
  @IsPageCursor() cursor?: string;
}

/** Rows in the order of time and key. */
export class RowPage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  /** Set when there are more. */
  @IsOptional() @IsString() next?: string;
}

export class LastRows extends RowsRange {
  /** The columns whose values make a series; the key when left out. */
  @IsOptional() @IsArray() @ArrayMaxSize(16) @IsString({ each: true }) by?: string[];
  /** 1,000 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(100_000) limit?: number;
}
