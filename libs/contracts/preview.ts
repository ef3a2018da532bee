import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { RECORD_FORMATS, RecordFormat } from './record-format';
import { IsBytes, IsCount, IsShortText } from './fields';
import { InstallSteps } from './steps';

export const PREVIEW_MAX_RECORDS = 1_000;

/** Raw bytes and the steps that they would pass; the steps need not be installed, and their version may be any. */
export class PreviewSteps {
  @ValidateNested() @Type(() => InstallSteps) steps: InstallSteps;
  @IsIn(RECORD_FORMATS) format: RecordFormat;
  @IsBytes() payload: Uint8Array;
  /** How many records are shown, the first ones; all are counted. 100 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(PREVIEW_MAX_RECORDS) limit?: number;
}

export const PREVIEW_OUTCOMES = ['normalized', 'filtered', 'quarantined'] as const;
export type PreviewOutcome = (typeof PREVIEW_OUTCOMES)[number];

/** A row as JSON writes it: column -> value, times as RFC 3339, ints beyond 2^53 as text. */
export type RowJson = Readonly<Record<string, unknown>>;

/** One record: what came, and what would become of it. */
export class PreviewedRecord {
  /** The record's place in the payload, from 0. */
  @IsCount() index: number;
  /** The record's raw text, as it came; cut to 64 KiB. */
  @IsString() raw: string;
  @IsIn(PREVIEW_OUTCOMES) outcome: PreviewOutcome;
  /** The rows that it would become: one, or several behind a split; none when it is filtered or quarantined. */
  @IsArray() rows: RowJson[];
  /** The step that quarantined it. */
  @IsOptional() @IsShortText(200) step?: string;
  @IsOptional() @IsShortText(2_000) reason?: string;
}

/** `normalized + filtered + quarantined = framed`, as in the ledger. */
export class Preview {
  @IsCount() framed: number;
  @IsCount() normalized: number;
  @IsCount() filtered: number;
  @IsCount() quarantined: number;
  /** Rows over all records. */
  @IsCount() produced: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PreviewedRecord) records: PreviewedRecord[];
}
