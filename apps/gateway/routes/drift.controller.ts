import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { ApproveDrift, SourceDrift } from '#libs/contracts/drift';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PipelineParams } from './params.dto';

export class ApproveDriftBody extends OmitType(ApproveDrift, ['project', 'pipeline'] as const) {}

/** Changes of a source's records that somebody has to look at. */
@Controller('v1/projects/:project/pipelines/:pipeline/drift')
export class DriftController {
  constructor(private readonly hub: ConnectorHubContract) {}

  @Get()
  @Allow('pipelines:read')
  @Describe({
    summary: "How the records of a pipeline's source have changed and nobody has approved yet.",
    gives: SourceDrift,
  })
  get(@Param() { project, pipeline }: PipelineParams): Promise<SourceDrift> {
    return this.hub.drift({ project, pipeline });
  }

  @Post('approve')
  @HttpCode(200)
  @Allow('pipelines:write')
  @Audited('drift.approve')
  @Describe({
    summary: "Takes the source's records as they are now, as long as they are what was looked at.",
    takes: ApproveDriftBody,
    gives: SourceDrift,
    idempotencyKey: true,
  })
  approve(@Param() { project, pipeline }: PipelineParams, @Body() { id }: ApproveDriftBody): Promise<SourceDrift> {
    return this.hub.approveDrift({ project, pipeline, id });
  }
}
