import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { STEP_KINDS, StepKind } from '#libs/documents/step';
import { DatasetRef } from './columns';
import { IsCount, IsId, IsName, IsShortText, IsVersion } from './fields';
import type { RowJson } from './preview';
import { FilterValue } from './query-filter';
import { IsRowId } from './row-id';

export const LINEAGE_ROWS_MAX = 10;

/** The rows of one key, of which it is asked where they came from. */
export class TraceRows extends DatasetRef {
  /** A value for each column of the key. */
  @IsObject() key: Readonly<Record<string, FilterValue>>;
  /** Only the row of this time, as RFC 3339 text. */
  @IsOptional() @IsShortText(40) at?: string;
  /** The newest rows; 1 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(LINEAGE_ROWS_MAX) limit?: number;
}

/** One stored row, of which it is asked where it came from. */
export class TraceRow extends DatasetRef {
  /** As answers give it. */
  @IsRowId() id: string;
}

/** The raw batch that a row came from. */
export class OriginBatch {
  @IsId() batchId: string;
  @IsVersion() version: number;
  /** How often the batch was replayed before it gave this row; absent for a row that was retried from quarantine. */
  @IsOptional() @IsCount() generation?: number;
  /** False when the raw bytes were not kept, or no longer are: what follows is then not known. */
  @IsBoolean() rawKept: boolean;
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @IsId() runId?: string;
  /** RFC 3339 UTC. */
  @IsOptional() @IsString() receivedAt?: string;
  @IsOptional() @IsString() format?: string;
  @IsOptional() @IsCount() records?: number;
  @IsOptional() @IsCount() bytes?: number;
  /** SHA-256 of the raw bytes, in hex. */
  @IsOptional() @IsString() sha256?: string;
}

/** The record in the batch. */
export class OriginRecord {
  /** Its place in the batch, from 0. */
  @IsCount() index: number;
  /** Its raw text as it came, cut to 64 KiB. */
  @IsString() raw: string;
}

/** A step that the record passed, as the version has it. */
export class OriginStep {
  @IsOptional() @IsString() name?: string;
  @IsIn(STEP_KINDS) kind: StepKind;
}

export class RowLineage {
  /** The row's id: `GET …/rows/{id}/lineage` asks for this row alone. */
  @IsRowId() id: string;
  @IsObject() row: RowJson;
  @IsShortText(200) appendId: string;
  @IsOptional() @ValidateNested() @Type(() => OriginBatch) batch?: OriginBatch;
  @IsOptional() @ValidateNested() @Type(() => OriginRecord) record?: OriginRecord;
  /** Of the version that made the row, in their order. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => OriginStep) steps: OriginStep[];
}

/** The newest row first; empty when there is no such row. */
export class RowLineages {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RowLineage) rows: RowLineage[];
}
