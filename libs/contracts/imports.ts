import { IsBoolean, IsIn, IsInstance, IsOptional, Matches } from 'class-validator';
import { DatasetRef } from './columns';
import { IsCount, IsShortText } from './fields';

export const IMPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** What an import may be called. */
export const IMPORT_ID_PATTERN = /^[A-Za-z0-9][\w.:-]{0,127}$/;

/** Rows that go into a dataset as they are, by the names of its columns, and through no pipeline. */
export class ImportRows extends DatasetRef {
  @IsIn(IMPORT_FORMATS) format: ImportFormat;
  @IsInstance(Uint8Array) body: Uint8Array;
  /** Names the import: the same again stores nothing more. The SHA-256 of the body when left out. */
  @IsOptional() @Matches(IMPORT_ID_PATTERN) id?: string;
}

/** `stored + merged + stale + duplicate = rows` */
export class ImportReceipt {
  @IsShortText(200) id: string;
  /** Rows that the body has. */
  @IsCount() rows: number;
  @IsCount() stored: number;
  @IsCount() merged: number;
  @IsCount() stale: number;
  @IsCount() duplicate: number;
  /** True when this import was done before: the counts are those of that time, and nothing was stored now. */
  @IsBoolean() repeated: boolean;
}
