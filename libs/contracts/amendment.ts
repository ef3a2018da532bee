import { IsOptional } from 'class-validator';
import { IsCount, IsId, IsShortText } from './fields';
import { PipelineRef } from './pipeline-ref';

/** Rows of records that a settled batch had left in quarantine, before they are appended. */
export class AnnounceAmendment {
  /** Of the amendment that will follow. The same id again changes nothing. */
  @IsId() amendmentId: string;
  @IsId() batchId: string;
  /** The attempt at the batch that left the records there. */
  @IsCount() generation: number;
  /** Under which the rows will be appended. */
  @IsShortText(200) appendId: string;
}

/** An announced append that was refused for good. */
export class WithdrawAmendment {
  /** That was announced. */
  @IsId() amendmentId: string;
}

/**
 * What became of records that a settled batch had left in quarantine. `normalized + filtered + discarded` leave it;
 * `produced = stored + merged + stale + duplicate` are the rows that came of them. The version is the one under which
 * the batch was accepted, in whose books they stand.
 */
export class AmendBatch extends PipelineRef {
  /** The same id again changes nothing. */
  @IsId() amendmentId: string;
  @IsId() batchId: string;
  /** The attempt at the batch that left them there. */
  @IsCount() generation: number;
  /** Under which the rows were appended, when there are any: who replaces the batch's rows replaces these too. */
  @IsOptional() @IsShortText(200) appendId?: string;
  @IsCount() normalized: number;
  @IsCount() filtered: number;
  @IsCount() discarded: number;
  @IsCount() produced: number;
  @IsCount() stored: number;
  @IsCount() merged: number;
  @IsCount() stale: number;
  @IsCount() duplicate: number;
}
