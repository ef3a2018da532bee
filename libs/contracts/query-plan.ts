import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { ColumnType, COLUMN_TYPES } from '#libs/documents/store';
import { MEASURE_FUNCTIONS, MeasureFunction } from '#libs/documents/measure';
import { DatasetRef } from './columns';
import { IsCount, IsName, IsShortText } from './fields';

export const FILTER_OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'is_null', 'is_not_null'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];
export type FilterValue = string | number | boolean;

/** One condition on a column; all conditions of a plan hold together. `in` takes a list, the null tests no value. */
export class FilterCondition {
  @IsShortText(63) column: string;
  @IsIn(FILTER_OPERATORS) op: FilterOperator;
  /** A timestamp column is compared with an RFC 3339 text. */
  @IsOptional() value?: FilterValue | readonly FilterValue[];
}

export class PlanMeasure {
  @IsShortText(63) name: string;
  @IsIn(MEASURE_FUNCTIONS) fn: MeasureFunction;
  @IsOptional() @IsShortText(63) column?: string;
  @IsOptional() q?: number;
}

export class PlanOrder {
  /** A dimension, a measure, a plain column or `bucket`. */
  @IsShortText(63) by: string;
  @IsBoolean() descending: boolean;
}

export const QUERY_ROWS_MAX = 100_000;

/**
 * A query that every engine compiles to its own SQL. With measures it groups by bucket and dimensions; without it reads
 * plain rows of `columns`. Unknown columns are refused before any SQL is built.
 */
export class QueryPlan extends DatasetRef {
  /** Read this rollup of the dataset instead of its rows; its measures are then columns. */
  @IsOptional() @IsName() rollup?: string;
  /** Only rows with `from <= time < to`. Unit: microseconds since 1970 UTC, as decimal text. */
  @IsOptional() @IsShortText(20) fromUs?: string;
  @IsOptional() @IsShortText(20) toUs?: string;
  /** Unit: milliseconds. */
  @IsOptional() @IsInt() @Min(1_000) bucketMs?: number;
  @IsArray() @ArrayMaxSize(50) @ValidateNested({ each: true }) @Type(() => PlanMeasure) measures: PlanMeasure[];
  @IsArray() @ArrayMaxSize(16) dimensions: string[];
  /** The plain columns to read when there are no measures; empty for all. */
  @IsArray() @ArrayMaxSize(500) columns: string[];
  @IsArray() @ArrayMaxSize(50) @ValidateNested({ each: true }) @Type(() => FilterCondition) filters: FilterCondition[];
  @IsArray() @ArrayMaxSize(16) @ValidateNested({ each: true }) @Type(() => PlanOrder) order: PlanOrder[];
  @IsInt() @Min(1) @Max(QUERY_ROWS_MAX) limit: number;
}

/** A value in an answer: timestamps as RFC 3339 UTC text, json as its parsed value. */
export type Cell = string | number | boolean | null | object;

export class ResultColumn {
  @IsShortText(63) name: string;
  @IsIn(COLUMN_TYPES) type: ColumnType;
}

export class QueryRows {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray() rows: readonly (readonly Cell[])[];
  /** True when the limit cut the answer. */
  @IsBoolean() truncated: boolean;
  /** Dirty buckets that were answered from raw rows (0 for a dataset). */
  @IsCount() repairedBuckets: number;
  /** When the snapshot was taken, as RFC 3339 UTC text. */
  @IsShortText(40) asOf: string;
}
