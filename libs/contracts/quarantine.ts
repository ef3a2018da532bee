import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsCount, IsId, IsPageCursor, IsPageLimit, IsShortText, IsVersion } from './fields';
import { PipelineName } from './pipeline-ref';

export class QuarantineTotals {
  /** Records kept since the pipeline began, discarded ones included. */
  @IsCount() quarantined: number;
  @IsCount() discarded: number;
}

export class ListQuarantine extends PipelineName {
  @IsPageLimit() limit?: number;
  @IsPageCursor() cursor?: string;
}

/** A record that could not become a row, as it came, and why. */
export class QuarantinedRecord {
  @IsId() batchId: string;
  @IsVersion() version: number;
  /** The record's place in its batch, from 0. */
  @IsCount() index: number;
  @IsShortText(200) step: string;
  @IsShortText(2_000) reason: string;
  /** The record's raw text, as it came. */
  @IsString() raw: string;
  /** RFC 3339 UTC. */
  @IsString() at: string;
}

export class QuarantinePage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => QuarantinedRecord) records: QuarantinedRecord[];
  @IsOptional() @IsString() next?: string;
}
