import { IsArray, IsBoolean, IsIn, IsInt, Min } from 'class-validator';
import { COLUMN_TYPES, ColumnType } from '#libs/documents/store';
import { IsName, IsShortText } from './fields';

/** A column of a dataset. */
export class ColumnDef {
  @IsShortText(63) name: string;
  @IsIn(COLUMN_TYPES) type: ColumnType;
  @IsBoolean() nullable: boolean;
}

interface ColumnBase {
  readonly name: string;
  /** One byte a row, 1 where the value is null; left out when no row is. The value below a null is arbitrary. */
  readonly nulls?: Uint8Array;
}

/** `json` values are JSON texts. */
export interface TextColumn extends ColumnBase {
  readonly type: 'string' | 'json';
  readonly values: readonly string[];
}

/** `timestamp` values are microseconds since 1970-01-01T00:00:00Z. */
export interface IntegerColumn extends ColumnBase {
  readonly type: 'int' | 'timestamp';
  readonly values: BigInt64Array;
}

export interface DoubleColumn extends ColumnBase {
  readonly type: 'double';
  readonly values: Float64Array;
}

/** 1 is true. */
export interface BoolColumn extends ColumnBase {
  readonly type: 'bool';
  readonly values: Uint8Array;
}

export type Column = TextColumn | IntegerColumn | DoubleColumn | BoolColumn;

/** Rows in columns: every column holds `length` values, in the same order of rows. */
export class ColumnBatch {
  @IsInt() @Min(0) length: number;
  @IsArray() columns: readonly Column[];

  static of(length: number, columns: readonly Column[]): ColumnBatch {
    return Object.assign(new ColumnBatch(), { length, columns });
  }
}

/** A dataset, by the project that owns it and its name. */
export class DatasetRef {
  @IsName() project: string;
  @IsName() dataset: string;
}
