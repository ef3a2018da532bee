import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import type { JsonSchema } from '#libs/documents/pipeline';
import type { Step } from '#libs/documents/step';
import { ColumnDef } from './columns';
import { Contract } from './contract';
import { IsCount, IsId, IsName, IsPageCursor, IsPageLimit, IsShortText, IsVersion } from './fields';
import { Done, PipelineName, PipelineRef } from './pipeline-ref';

/** Everything that turns raw bytes into rows, frozen by the version. */
export class InstallSteps extends PipelineRef {
  @IsArray() steps: readonly Step[];
  /** `name@version` -> JSON Schema, for every schema that a step names. */
  @IsObject() schemas: Readonly<Record<string, JsonSchema>>;
  @IsName() dataset: string;
  @IsShortText(63) time: string;
  @IsArray() @ArrayMinSize(1) key: string[];
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => ColumnDef) columns: ColumnDef[];
}

/** What `check` found in steps that are not installed yet; empty when they compile. */
export class StepProblem {
  /** Where, as a path in the document: `spec.steps[0].map.time`. */
  @IsString() path: string;
  @IsString() message: string;
}

export class StepProblems {
  @IsArray() @ValidateNested({ each: true }) @Type(() => StepProblem) problems: StepProblem[];
}

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

/** Turns raw batches into rows: a pure function of raw bytes, pipeline version and generation. */
@Contract('normalizer', {
  check: { takes: InstallSteps, gives: StepProblems, idempotent: true, timeoutMs: 10_000 },
  install: { takes: InstallSteps, gives: Done, idempotent: true, timeoutMs: 10_000 },
  remove: { takes: PipelineName, gives: Done, idempotent: true, timeoutMs: 10_000 },
  quarantineTotals: { takes: PipelineName, gives: QuarantineTotals, idempotent: true, timeoutMs: 10_000 },
  quarantine: { takes: ListQuarantine, gives: QuarantinePage, idempotent: true, timeoutMs: 10_000 },
})
export abstract class NormalizerContract {
  /** Compiles the steps and says what is wrong with them, without keeping anything. */
  abstract check(request: InstallSteps): Promise<StepProblems>;
  /** Keeps the version for good: batches that were accepted under it are normalized with it, however late. */
  abstract install(request: InstallSteps): Promise<Done>;
  /** Forgets nothing that a pending batch needs. */
  abstract remove(request: PipelineName): Promise<Done>;
  abstract quarantineTotals(request: PipelineName): Promise<QuarantineTotals>;
  /** Quarantined records, the newest first. */
  abstract quarantine(request: ListQuarantine): Promise<QuarantinePage>;
}
