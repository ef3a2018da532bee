import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsName, IsShortText } from './fields';
import { Cell, QUERY_ROWS_MAX, ResultColumn } from './query-plan';

export const SQL_TIMEOUT_MAX_MS = 30_000;

/** Values of a statement's named parameters, `$name`. */
export type SqlParameters = Readonly<Record<string, string | number | boolean | null>>;

/**
 * A read-only statement that was parsed and checked (analytics' gate): one SELECT that reads `tables` and nothing else.
 * Nothing that was not checked may be sent so.
 */
export class CheckedSql {
  @IsName() project: string;
  @IsShortText(20_000) sql: string;
  /** Datasets and rollups of the project that it reads, by name; they are all that an engine lets it see. */
  @IsArray() @ArrayMaxSize(100) @IsString({ each: true }) tables: string[];
  @IsObject() parameters: SqlParameters;
}

/** A statement whose answer comes at once. */
export class RunSql extends CheckedSql {
  @IsInt() @Min(1) @Max(QUERY_ROWS_MAX) limit: number;
  @IsInt() @Min(1) @Max(SQL_TIMEOUT_MAX_MS) timeoutMs: number;
}

export class ProjectOnly {
  @IsName() project: string;
}

export class TableVersion {
  /** A dataset, or a rollup of one. */
  @IsString() name: string;
  /** Another text whenever the dataset may have changed. */
  @IsShortText(100) version: string;
}

export class TableVersions {
  @IsArray() @ValidateNested({ each: true }) @Type(() => TableVersion) tables: TableVersion[];
}

export class SqlRows {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  /** True when the limit cut the answer. */
  @IsBoolean() truncated: boolean;
  /** When the snapshot was taken, as RFC 3339 UTC text. */
  @IsShortText(40) asOf: string;
  /** Another text whenever a table that was read may have changed. */
  @IsShortText(100) dataVersion: string;
}

/** A statement whose every row is wanted. */
export class ExportSql {
  @IsName() project: string;
  /** One SELECT over the project's datasets and rollups, by their names. */
  @IsShortText(20_000) sql: string;
  /** Values for `$name` in the statement. */
  @IsOptional() @IsObject() parameters?: SqlParameters;
}

/** A statement as it is posted. */
export class SqlRequest extends ExportSql {
  /** 1,000 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(QUERY_ROWS_MAX) limit?: number;
  /** How long it may run; 10 s when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(SQL_TIMEOUT_MAX_MS) timeoutMs?: number;
}
