import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { BUCKET_UNITS, BucketUnit } from '#libs/documents/bucket-units';
import { MEASURE_FUNCTIONS, MeasureFunction } from '#libs/documents/measure';
import { COLUMN_TYPES, ColumnType } from '#libs/documents/store';
import { DatasetRef } from './columns';
import { IsCount, IsName, IsShortText } from './fields';
import { FilterNode } from './query-filter';

/**
 * One aggregate of a group. Every engine means the same by it:
 *
 * | fn | answer | of no value |
 * |---|---|---|
 * | `count` | rows, or values that are not null | 0 |
 * | `sum` | exact for ints, compensated for doubles | null |
 * | `avg`, `stddev` | mean; sample standard deviation (n - 1), null below two values | null |
 * | `min`, `max` | by the column's order; texts by code point | null |
 * | `quantile` | interpolated between neighbours (`quantile_cont`, `quantileExactInclusive`) | null |
 * | `distinct`, `distinct_approx` | different values; the second by a sketch, a few percent off | 0 |
 * | `first`, `last` | the value of the row with the least or greatest time; of several such rows the greatest value | null |
 */
export class PlanMeasure {
  @IsShortText(63) name: string;
  @IsIn(MEASURE_FUNCTIONS) fn: MeasureFunction;
  /** A column, or a dotted path into a json column, whose values count as doubles where numbers are needed. */
  @IsOptional() @IsShortText(200) column?: string;
  @IsOptional() q?: number;
}

/** Exactly one of a width and a unit of the calendar. */
export class PlanBucket {
  /** Equal widths that start at multiples of it from 1970-01-01T00:00:00Z. Unit: milliseconds. */
  @IsOptional() @IsInt() @Min(1_000) widthMs?: number;
  @IsOptional() @IsIn(BUCKET_UNITS) unit?: BucketUnit;
  /** IANA zone whose calendar it is; UTC when left out. */
  @IsOptional() @IsShortText(60) zone?: string;
}

/** Which groups an answer tells apart, each by its values of the plan's dimensions as cells of an answer. */
export class PlanGroups {
  @IsArray() @ArrayMaxSize(1_000) groups: readonly (readonly (string | number | boolean | null)[])[];
  /**
   * True: all other groups are one, whose dimensions are null; an answer column {@link OTHER} tells it. False: they are
   * left out.
   */
  @IsBoolean() fold: boolean;
}

/** The answer column that is true for the rows in which all groups beside the named ones are one. */
export const OTHER = 'other';

export class PlanOrder {
  /** A dimension, a measure, a plain column or `bucket`. */
  @IsShortText(200) by: string;
  @IsBoolean() descending: boolean;
}

export const QUERY_ROWS_MAX = 100_000;

/** A page of plain rows, in the order of time and key. */
export class PlanPage {
  /** Only rows behind the one of this time and key: the `next` of the page before. */
  @IsOptional() @IsArray() @ArrayMaxSize(17) after?: readonly (string | number | boolean)[];
}

/**
 * What every engine compiles to its own SQL. With measures it groups by bucket and dimensions; without it reads plain rows
 * of `columns`. Unknown columns are refused before any SQL is built.
 */
export class RowsPlan extends DatasetRef {
  /** Read this rollup of the dataset instead of its rows; its measures are then columns. */
  @IsOptional() @IsName() rollup?: string;
  /** Answer from raw rows even where a rollup would say the same. */
  @IsOptional() @IsBoolean() raw?: boolean;
  /** Only rows with `from <= time < to`. Unit: microseconds since 1970 UTC, as decimal text. */
  @IsOptional() @IsShortText(20) fromUs?: string;
  @IsOptional() @IsShortText(20) toUs?: string;
  @IsOptional() @ValidateNested() @Type(() => PlanBucket) bucket?: PlanBucket;
  @IsArray() @ArrayMaxSize(50) @ValidateNested({ each: true }) @Type(() => PlanMeasure) measures: PlanMeasure[];
  /** Columns, or dotted paths into json columns. */
  @IsArray() @ArrayMaxSize(16) dimensions: string[];
  @IsOptional() @ValidateNested() @Type(() => PlanGroups) groups?: PlanGroups;
  /** The plain columns to read when there are no measures; empty for all. */
  @IsArray() @ArrayMaxSize(500) columns: string[];
  /** All hold together, on columns of the dataset. */
  @IsArray() @ArrayMaxSize(100) @ValidateNested({ each: true }) @Type(() => FilterNode) filters: FilterNode[];
  /** All hold together, on columns of the answer. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterNode)
  having?: FilterNode[];
  /** Where it leaves something open, the order goes on by what tells rows or groups apart. */
  @IsArray() @ArrayMaxSize(16) @ValidateNested({ each: true }) @Type(() => PlanOrder) order: PlanOrder[];
}

/** A plan whose answer comes at once. */
export class QueryPlan extends RowsPlan {
  @IsInt() @Min(1) @Max(QUERY_ROWS_MAX) limit: number;
  @IsOptional() @ValidateNested() @Type(() => PlanPage) page?: PlanPage;
}

/** A value in an answer: timestamps as RFC 3339 UTC text, json as its parsed value. */
export type Cell = string | number | boolean | null | object;

export class ResultColumn {
  @IsShortText(200) name: string;
  @IsIn(COLUMN_TYPES) type: ColumnType;
}

/** What of an asked range lies between a dataset's first and last row, as RFC 3339 UTC. */
export class Coverage {
  @IsShortText(40) from: string;
  @IsShortText(40) to: string;
}

export class QueryRows {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  /** True when the limit cut the answer. */
  @IsBoolean() truncated: boolean;
  /** Of a page that is not the last: the time and key of its last row. */
  @IsOptional() @IsArray() next?: readonly (string | number | boolean)[];
  /** The rollup that answered, where one said the same as raw rows. */
  @IsOptional() @IsName() usedRollup?: string;
  /** Rows, of the dataset or of a rollup, that the filters let through and the answer was computed from. */
  @IsCount() rowsScanned: number;
  /** None when no row lies in the range. */
  @IsOptional() @ValidateNested() @Type(() => Coverage) coverage?: Coverage;
  /** Dirty buckets of a rollup that were answered from raw rows (0 for a dataset). */
  @IsCount() repairedBuckets: number;
  /** When the snapshot was taken, as RFC 3339 UTC text. */
  @IsShortText(40) asOf: string;
  /** Another text whenever the dataset may have changed; equal texts promise equal answers to equal plans. */
  @IsShortText(100) dataVersion: string;
}

/** Some of the rows of an answer that comes part by part. */
export class RowsPart {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
}
