import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsCount, IsName, IsShortText, IsVersion } from './fields';
import { Cell, ResultColumn } from './query-plan';

export const PARAMETER_TYPES = ['string', 'number', 'boolean', 'time'] as const;

/** What a caller of a saved query gives. */
export class QueryParameter {
  @IsIn(PARAMETER_TYPES) type: (typeof PARAMETER_TYPES)[number];
  /** Taken when the caller gives none; without one the caller must. */
  @IsOptional() default?: string | number | boolean;
  @IsOptional() @IsShortText(200) description?: string;
}

/** A question or a statement with places for parameters: exactly one of `query` and `sql`. */
export class QueryDefinition {
  @IsOptional() @IsShortText(500) description?: string;
  /** By name; `"$name"` as a whole text in the question, `$name` in the statement, stands for its value. */
  @IsOptional() @IsObject() parameters?: Readonly<Record<string, QueryParameter>>;
  /** A question as `POST .../query` takes it. */
  @IsOptional() @IsObject() query?: Readonly<Record<string, unknown>>;
  /** A statement as `POST .../sql` takes it. */
  @IsOptional() @IsShortText(20_000) sql?: string;
}

export class SavedQueryName {
  @IsName() project: string;
  @IsName() name: string;
}

export class SaveQuery extends SavedQueryName {
  @ValidateNested() @Type(() => QueryDefinition) definition: QueryDefinition;
}

export class FindSavedQuery extends SavedQueryName {
  /** The newest when left out. */
  @IsOptional() @IsVersion() version?: number;
}

export class SavedQuery extends SavedQueryName {
  @IsVersion() version: number;
  @ValidateNested() @Type(() => QueryDefinition) definition: QueryDefinition;
  /** RFC 3339 UTC. */
  @IsString() savedAt: string;
}

export class SavedQueries {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SavedQuery) queries: SavedQuery[];
}

export class RunSavedQuery extends SavedQueryName {
  /** Values as they stand in a URL. */
  @IsObject() parameters: Readonly<Record<string, string>>;
  /** ETags that the caller has answers of. */
  @IsArray() @IsString({ each: true }) known: string[];
}

/** The answer of a saved query; without rows when the caller has it already (`unchanged`). */
export class SavedAnswer {
  /** Strong: the query's version, its parameters and the version of the data. None for an answer that depends on the clock. */
  @IsOptional() @IsString() etag?: string;
  @IsBoolean() unchanged: boolean;
  @IsVersion() version: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  @IsBoolean() truncated: boolean;
  @IsString() asOf: string;
  @IsCount() rowCount: number;
}
