import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { OrchestratorContract, Run, RunPage } from '#libs/contracts/orchestrator.contract';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PipelineParams, ProjectParams, RunParams, RunsQuery } from './params.dto';

@Controller('v1/projects/:project')
export class RunsController {
  constructor(private readonly orchestrator: OrchestratorContract) {}

  @Post('pipelines/:pipeline/runs')
  @HttpCode(202)
  @Allow('runs:write')
  @Audited('runs.start')
  @Describe({ summary: 'Starts a run now.', status: 202, gives: Run, idempotencyKey: true, problems: [422] })
  start(@Param() { project, pipeline }: PipelineParams): Promise<Run> {
    return this.orchestrator.startRun({ project, pipeline });
  }

  @Get('runs')
  @Allow('runs:read')
  @Describe({
    summary: 'Lists runs, the newest first.',
    gives: RunPage,
    query: {
      pipeline: 'Only runs of this pipeline.',
      state: 'Only runs in this state.',
      limit: 'Items in a page, 1 to 1,000.',
      cursor: 'The `next` of the page before.',
    },
  })
  list(@Param() { project }: ProjectParams, @Query() query: RunsQuery): Promise<RunPage> {
    return this.orchestrator.runs({ project, ...query });
  }

  @Get('runs/:run')
  @Allow('runs:read')
  @Describe({ summary: 'One run with its steps.', gives: Run })
  get(@Param() { project, run }: RunParams): Promise<Run> {
    return this.orchestrator.run({ project, runId: run });
  }

  @Post('runs/:run/cancel')
  @HttpCode(202)
  @Allow('runs:write')
  @Audited('runs.cancel')
  @Describe({ summary: 'Asks a run to stop.', status: 202, gives: Run, idempotencyKey: true })
  cancel(@Param() { project, run }: RunParams): Promise<Run> {
    return this.orchestrator.cancelRun({ project, runId: run });
  }
}
