import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
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
export const KIND_IN_PATH: Readonly<Record<string, DocumentKind>> = {
  pipelines: 'Pipeline',
  schemas: 'Schema',
  connections: 'Connection',
};

/** What is no kind becomes none: a kind as documents write it does not stand in a path. */
const toKind = ({ value }: { value: unknown }): string =>
  Object.hasOwn(KIND_IN_PATH, String(value)) ? KIND_IN_PATH[String(value)]! : ''; // it has it

const AS_WRITTEN = JSONSchema({ enum: Object.keys(KIND_IN_PATH) });

export class DocumentParams extends ProjectParams {
  @Transform(toKind)
  @AS_WRITTEN
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
  @AS_WRITTEN
  @IsIn(Object.values(KIND_IN_PATH), { message: `kind must be one of ${Object.keys(KIND_IN_PATH).join(', ')}` })
  kind?: DocumentKind;
}

const VERSION_MAX = 2 ** 31 - 1;

export class VersionQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(VERSION_MAX) version?: number;
}

export class RunsQuery extends PageQuery {
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @IsIn(RUN_STATES) state?: RunState;
}
