import { Controller, Get, Param, Query } from '@nestjs/common';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { QuarantinePage } from '#libs/contracts/quarantine';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PageQuery, PipelineParams } from './params.dto';

@Controller('v1/projects/:project')
export class DataController {
  constructor(private readonly normalizer: NormalizerContract) {}

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
