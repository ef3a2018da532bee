import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { IsShortText } from './fields';

export const FILTER_OPERATORS = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'in',
  'not_in',
  'is_null',
  'is_not_null',
  'contains',
  'starts_with',
  'ends_with',
  'matches',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];
export type FilterValue = string | number | boolean;

/** Operators that compare texts, case and all; `matches` finds an RE2 pattern anywhere in the text. */
export const TEXT_OPERATORS = ['contains', 'starts_with', 'ends_with', 'matches'] as const satisfies FilterOperator[];
export type TextOperator = (typeof TEXT_OPERATORS)[number];

/**
 * A tree of conditions: exactly one of a condition (`column`, `op`, `value`), `and`, `or` and `not`. What is null
 * compares to nothing, as in SQL: `ne` and `not` leave it out too.
 */
export class FilterNode {
  /** A column, or a dotted path into a json column (`payload.geo.country`, `payload.tags[0]`). */
  @IsOptional() @IsShortText(200) column?: string;
  @IsOptional() @IsIn(FILTER_OPERATORS) op?: FilterOperator;
  /** One value; a list for `in` and `not_in`, none for the null tests. Timestamps are RFC 3339 texts. */
  @IsOptional() value?: FilterValue | readonly FilterValue[];
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterNode)
  and?: FilterNode[];
  @IsOptional() @IsArray() @ArrayMaxSize(100) @ValidateNested({ each: true }) @Type(() => FilterNode) or?: FilterNode[];
  @IsOptional() @ValidateNested() @Type(() => FilterNode) not?: FilterNode;
}
