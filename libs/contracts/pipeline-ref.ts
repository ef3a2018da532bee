import { IsName, IsVersion } from './fields';

export class PipelineName {
  @IsName() project: string;
  @IsName() pipeline: string;
}

/** One immutable version of a pipeline. */
export class PipelineRef extends PipelineName {
  @IsVersion() version: number;
}

/** The answer to a call whose only news is that it was done. */
export class Done {}
