import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsName, IsShortText, IsVersion } from './fields';
import { PREVIEW_OUTCOMES, PreviewOutcome, RowJson } from './preview';
import { PipelineName } from './pipeline-ref';
import { InstallSteps } from './steps';

export const COMPARED_RECORDS_MAX = 10_000;
/** Records that are compared when nobody says how many. */
export const COMPARED_RECORDS = 1_000;

/** The newest raw batches of a pipeline, until they hold so many records. */
export class RecentBatches extends PipelineName {
  @IsInt() @Min(1) @Max(COMPARED_RECORDS_MAX) records: number;
}

export class RecentBatchIds {
  /** The newest first; those whose raw bytes are kept. */
  @IsArray() @IsId({ each: true }) batchIds: string[];
}

/** Steps that are to take the place of a version's, over the newest raw records. */
export class CompareSteps {
  @IsVersion() fromVersion: number;
  /** They need not be installed. */
  @ValidateNested() @Type(() => InstallSteps) steps: InstallSteps;
  @IsInt() @Min(1) @Max(COMPARED_RECORDS_MAX) records: number;
}

/** How many records become something else than before. */
export class OutcomeChange {
  @IsIn(PREVIEW_OUTCOMES) from: PreviewOutcome;
  @IsIn(PREVIEW_OUTCOMES) to: PreviewOutcome;
  @IsCount() records: number;
}

/** In how many rows a field is another. */
export class FieldDifference {
  @IsString() field: string;
  @IsCount() rows: number;
}

/** What one version makes of a record. */
export class RecordOutcome {
  @IsIn(PREVIEW_OUTCOMES) outcome: PreviewOutcome;
  @IsArray() rows: RowJson[];
  @IsOptional() @IsShortText(200) step?: string;
  @IsOptional() @IsShortText(2_000) reason?: string;
}

/** A record that becomes something else. */
export class DifferenceExample {
  @IsId() batchId: string;
  /** The record's place in the batch, from 0. */
  @IsCount() index: number;
  /** The record's raw text, cut to 4 KiB. */
  @IsString() raw: string;
  @ValidateNested() @Type(() => RecordOutcome) before: RecordOutcome;
  @ValidateNested() @Type(() => RecordOutcome) after: RecordOutcome;
}

/**
 * What a pipeline's new steps would change over its newest raw records: `records = same + changed`, where a record is
 * the same when it has the same outcome and the same rows.
 */
export class RowsDifference {
  @IsName() pipeline: string;
  @IsVersion() fromVersion: number;
  @IsCount() records: number;
  @IsCount() same: number;
  @IsCount() changed: number;
  @IsCount() rowsBefore: number;
  @IsCount() rowsAfter: number;
  /** Of records that become rows with both, the fields that differ; the most frequent first. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => FieldDifference) fields: FieldDifference[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => OutcomeChange) outcomes: OutcomeChange[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => DifferenceExample) examples: DifferenceExample[];
}

export class RowsDifferences {
  /** Of each pipeline that the documents change. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => RowsDifference) pipelines: RowsDifference[];
}
