import { Type } from 'class-transformer';
import { IsArray, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { DatasetRef } from './columns';
import { IsCount, IsId, IsName, IsShortText } from './fields';

export class ArchiveRows extends DatasetRef {
  /** Only rows at or after this time, RFC 3339. */
  @IsOptional() @IsShortText(40) from?: string;
  /** Only rows before this time, RFC 3339. */
  @IsOptional() @IsShortText(40) to?: string;
}

export class RestoreArchive extends DatasetRef {
  @IsId() archive: string;
  /** The dataset that takes the rows; the one they came from when left out. */
  @IsOptional() @IsName() into?: string;
}

/** One archive of a dataset. */
export class ArchiveRef extends DatasetRef {
  @IsId() archive: string;
}

const ARCHIVE_STATES = ['running', 'done', 'failed', 'removing', 'removed'] as const;

/** Work on an archive, as far as it is. */
export class ArchiveWork {
  @IsId() id: string;
  @IsIn(['archive', 'restore']) kind: 'archive' | 'restore';
  @IsId() archive: string;
  @IsName() dataset: string;
  /** `removing` and `removed` are of archives that were deleted. */
  @IsIn(ARCHIVE_STATES) state: (typeof ARCHIVE_STATES)[number];
  /** Rows that were written to the archive, or read from it. */
  @IsCount() rows: number;
  /** Of a restore: rows that were not there. */
  @IsOptional() @IsCount() stored?: number;
  /** Why it failed. */
  @IsOptional() @IsShortText(2_000) reason?: string;
  /** RFC 3339 UTC. */
  @IsShortText(40) begunAt: string;
}

export class ArchiveWorks {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ArchiveWork) work: ArchiveWork[];
}
