import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsId, IsName, IsPageCursor, PAGE_MAX } from '#libs/contracts/fields';
import { RUN_STATES, RunState } from '#libs/contracts/orchestrator.contract';
import { DocumentKind } from '#libs/documents/pipeline';

export class ProjectParams {
  @IsName() project: string;
}

export class PipelineParams extends ProjectParams {
  @IsName() pipeline: string;
}

export class RunParams extends ProjectParams {
  @IsId() run: string;
}

/** How a kind is written in a path. */
const KIND_IN_PATH: Readonly<Record<string, DocumentKind>> = {
  pipelines: 'Pipeline',
  schemas: 'Schema',
  connections: 'Connection',
};

const toKind = ({ value }: { value: unknown }): unknown => KIND_IN_PATH[String(value)] ?? value;

export class DocumentParams extends ProjectParams {
  @Transform(toKind)
  @IsIn(Object.values(KIND_IN_PATH), { message: `kind must be one of ${Object.keys(KIND_IN_PATH).join(', ')}` })
  kind: DocumentKind;
  @IsName() name: string;
}

export class PageQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(PAGE_MAX) limit?: number;
  @IsPageCursor() cursor?: string;
}

export class DocumentsQuery extends PageQuery {
  @IsOptional()
  @Transform(toKind)
  @IsIn(Object.values(KIND_IN_PATH), { message: `kind must be one of ${Object.keys(KIND_IN_PATH).join(', ')}` })
  kind?: DocumentKind;
}

export class VersionQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) version?: number;
}

export class RunsQuery extends PageQuery {
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @IsIn(RUN_STATES) state?: RunState;
}
