import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { AnalyticsContract, QueryReply, RollupStatuses } from '#libs/contracts/analytics.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { QuarantinePage } from '#libs/contracts/quarantine';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PageQuery, PipelineParams, ProjectParams } from './params.dto';
import { QueryBody } from './query.dto';

@Controller('v1/projects/:project')
export class DataController {
  constructor(
    private readonly analytics: AnalyticsContract,
    private readonly normalizer: NormalizerContract,
  ) {}

  @Post('query')
  @HttpCode(200)
  @Allow('data:read')
  @Describe({
    summary: 'Answers a question over a dataset or a rollup.',
    takes: QueryBody,
    gives: QueryReply,
  })
  query(@Param() { project }: ProjectParams, @Body() body: QueryBody): Promise<QueryReply> {
    return this.analytics.query({ ...body, project });
  }

  @Get('rollups')
  @Allow('data:read')
  @Describe({ summary: 'Lists rollups and how current they are.', gives: RollupStatuses })
  rollups(@Param() { project }: ProjectParams): Promise<RollupStatuses> {
    return this.analytics.rollups({ project });
  }

  @Get('pipelines/:pipeline/quarantine')
  @Allow('quarantine:read')
  @Describe({
    summary: 'Records that could not become rows, as they came and why; the newest first.',
    gives: QuarantinePage,
    query: { limit: 'Items in a page, 1 to 1,000.', cursor: 'The `next` of the page before.' },
  })
  quarantine(
    @Param() { project, pipeline }: PipelineParams,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<QuarantinePage> {
    return this.normalizer.quarantine({ project, pipeline, limit, cursor });
  }
}
