import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { IsName } from '#libs/contracts/fields';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { PipelinePreview, RecordedPage } from '#libs/contracts/pipeline-preview';
import { PREVIEW_MAX_RECORDS } from '#libs/contracts/preview';
import { PREVIEW_PAGES_MAX } from '#libs/contracts/source-preview';
import { Allow } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { textOf } from '../http/json-body';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

const DOCUMENT_TYPES = ['application/yaml', 'application/json'];
const DOCUMENT_BODY: BodyConfig = { raw: ['json', 'yaml'] };

class PreviewQuery {
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(PREVIEW_MAX_RECORDS) limit?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(PREVIEW_PAGES_MAX) pages?: number;
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value))
  @IsBoolean()
  record?: boolean;
}

/** Documents, and records to run through one of their pipelines. */
export class TestPipelineBody {
  /** YAML or JSON text. */
  @IsString() @MaxLength(1_000_000) documents: string;
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @IsInt() @Min(1) @Max(PREVIEW_MAX_RECORDS) limit?: number;
  @ValidateNested() @Type(() => RecordedPage) given: RecordedPage;
}

/** What a pipeline would do, before it does it. */
@Controller('v1/projects/:project/pipelines')
export class PreviewController {
  constructor(private readonly orchestrator: OrchestratorContract) {}

  @Post('preview')
  @HttpCode(200)
  @Allow('pipelines:write')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary: "Fetches the first page of a pipeline's source and shows what would become of it; keeps nothing.",
    gives: PipelinePreview,
    takesRaw: DOCUMENT_TYPES,
    query: {
      pipeline: 'Which one, when the documents hold several.',
      limit: 'Records that are shown, the first ones: 1 to 1,000.',
      pages: 'Pages that are fetched: 1 to 10.',
      record: '`true`: the answer holds the pages, to run them again without the source.',
    },
  })
  preview(
    @Param() { project }: ProjectParams,
    @Query() query: PreviewQuery,
    @Body() body: Uint8Array,
  ): Promise<PipelinePreview> {
    return this.orchestrator.preview({ project, text: textOf(body), ...query });
  }

  @Post('test')
  @HttpCode(200)
  @Allow('pipelines:read')
  @Describe({
    summary:
      'Runs given records through a pipeline and shows what would become of them; asks no source, keeps nothing.',
    takes: TestPipelineBody,
    gives: PipelinePreview,
  })
  test(
    @Param() { project }: ProjectParams,
    @Body() { documents, ...rest }: TestPipelineBody,
  ): Promise<PipelinePreview> {
    return this.orchestrator.preview({ project, text: documents, ...rest });
  }
}
