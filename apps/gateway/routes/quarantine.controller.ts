import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { QuarantinedRecord, QuarantinePage, QuarantineTask } from '#libs/contracts/quarantine';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PipelineParams, ProjectParams } from './params.dto';
import {
  DiscardBody,
  ProjectQuarantineQuery,
  QuarantineQuery,
  QuarantineRecordParams,
  QuarantineTaskParams,
  RetryBody,
} from './quarantine.dto';

const FILTERS = {
  version: 'Only records that came under this version.',
  step: 'Only records that failed at the step of this name.',
  reason: 'Only records whose reason holds this text, in whatever case.',
  text: 'Only records that hold this text as they came.',
  from: 'Only records kept at or after this time.',
  to: 'Only records kept before this time.',
  state: 'Only records in this state; open ones when left out.',
  limit: 'Items in a page, 1 to 1,000.',
  cursor: 'The `next` of the page before.',
};

@Controller('v1/projects/:project')
export class QuarantineController {
  constructor(private readonly normalizer: NormalizerContract) {}

  @Get('quarantine')
  @Allow('quarantine:read')
  @Describe({
    summary: 'Records that could not become rows, as they came and why; the newest first.',
    gives: QuarantinePage,
    query: { pipeline: 'Only records of this pipeline.', ...FILTERS },
  })
  list(@Param() { project }: ProjectParams, @Query() query: ProjectQuarantineQuery): Promise<QuarantinePage> {
    return this.normalizer.quarantine({ project, ...query });
  }

  @Get('pipelines/:pipeline/quarantine')
  @Allow('quarantine:read')
  @Describe({
    summary: 'Records of one pipeline that could not become rows; the newest first.',
    gives: QuarantinePage,
    query: FILTERS,
  })
  ofPipeline(@Param() { project, pipeline }: PipelineParams, @Query() query: QuarantineQuery): Promise<QuarantinePage> {
    return this.normalizer.quarantine({ project, pipeline, ...query });
  }

  @Get('quarantine/records/:record')
  @Allow('quarantine:read')
  @Describe({ summary: 'One quarantined record, whole.', gives: QuarantinedRecord })
  get(@Param() { project, record }: QuarantineRecordParams): Promise<QuarantinedRecord> {
    return this.normalizer.quarantinedRecord({ project, id: record });
  }

  @Post('quarantine/retry')
  @HttpCode(202)
  @Allow('quarantine:write')
  @Audited('quarantine.retry')
  @Describe({
    summary: 'Takes records through their steps again, with the current or a named version.',
    status: 202,
    takes: RetryBody,
    gives: QuarantineTask,
    idempotencyKey: true,
  })
  retry(@Param() { project }: ProjectParams, @Body() body: RetryBody): Promise<QuarantineTask> {
    return this.normalizer.retryQuarantined({ ...body, project });
  }

  @Post('quarantine/discard')
  @HttpCode(202)
  @Allow('quarantine:write')
  @Audited('quarantine.discard')
  @Describe({
    summary: 'Takes records out of the quarantine for good, with a reason.',
    status: 202,
    takes: DiscardBody,
    gives: QuarantineTask,
    idempotencyKey: true,
  })
  discard(@Param() { project }: ProjectParams, @Body() body: DiscardBody): Promise<QuarantineTask> {
    return this.normalizer.discardQuarantined({ ...body, project });
  }

  @Get('quarantine/tasks/:task')
  @Allow('quarantine:read')
  @Describe({ summary: 'How far a retry or discard has come.', gives: QuarantineTask })
  task(@Param() { project, task }: QuarantineTaskParams): Promise<QuarantineTask> {
    return this.normalizer.quarantineTask({ project, task });
  }
}
