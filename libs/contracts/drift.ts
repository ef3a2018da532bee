import { IsArray, IsOptional, IsString } from 'class-validator';
import { IsId, IsVersion } from './fields';
import { PipelineName } from './pipeline-ref';

/** How the records of a pipeline's source have changed and nobody has approved yet. */
export class SourceDrift {
  /** What is approved; absent when nothing waits. It changes with what is seen. */
  @IsOptional() @IsId() id?: string;
  /** The version of the pipeline that was pulling. */
  @IsOptional() @IsVersion() version?: number;
  /** The changes, in sentences. */
  @IsArray() @IsString({ each: true }) changes: string[];
  /** When it was seen last, RFC 3339 UTC. */
  @IsOptional() @IsString() seenAt?: string;
}

export class ApproveDrift extends PipelineName {
  /** Of the drift as it was looked at. */
  @IsId() id: string;
}
