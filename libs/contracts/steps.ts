import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsObject, IsString, ValidateNested, IsOptional } from 'class-validator';
import type { JsonSchema } from '#libs/documents/pipeline';
import type { Step } from '#libs/documents/step';
import { ColumnDef } from './columns';
import { IsName, IsShortText } from './fields';
import { PipelineRef } from './pipeline-ref';

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
  /** Where steps that compile compute with what may be missing, and do not say what should happen then. */
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => StepProblem) warnings?: StepProblem[];
}
