import { Type } from 'class-transformer';
import { IsBoolean, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsCount, IsId } from './fields';
import { PipelineRef } from './pipeline-ref';

/** Raw batches by when they came, from `from` to before `to`. RFC 3339. */
export class RawRange {
  @IsISO8601({ strict: true }) from: string;
  @IsISO8601({ strict: true }) to: string;
}

/** Go on with a replay: let as many raw batches pass the version again as may be on their way at once. */
export class ReplaySlice extends PipelineRef {
  /** Names the replay; the same id goes on where it stopped. */
  @IsId() runId: string;
  @ValidateNested() @Type(() => RawRange) range: RawRange;
  /**
   * The pipeline that gets a copy of each batch, as if it had been pushed there. Left out, the batches pass `version` of
   * their own pipeline, and what they stored before is replaced.
   */
  @IsOptional() @ValidateNested() @Type(() => PipelineRef) into?: PipelineRef;
}

/** How far a replay has come in all. */
export class ReplayedSlice {
  /** Taken up so far, with their records and raw bytes. */
  @IsCount() batches: number;
  @IsCount() records: number;
  @IsCount() bytes: number;
  /** Batches in the range whose raw bytes were not kept. */
  @IsCount() unavailable: number;
  /** Taken up and not settled yet. */
  @IsCount() pending: number;
  /** How much of the range lies behind. Unit: percent. */
  @IsCount() percent: number;
  @IsBoolean() done: boolean;
  /** How long to wait before the next slice. Unit: milliseconds. */
  @IsCount() waitMs: number;
  /** What the replay waits for, for people. */
  @IsOptional() @IsString() waitingFor?: string;
}
