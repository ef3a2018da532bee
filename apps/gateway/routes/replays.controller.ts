import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { IsISO8601, IsOptional } from 'class-validator';
import { IsName, IsVersion } from '#libs/contracts/fields';
import { OrchestratorContract, Run } from '#libs/contracts/orchestrator.contract';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { InUtc } from '../http/utc';
import { PipelineParams, RunParams } from './params.dto';

/** What is replayed, and with what. */
export class ReplayBody {
  /** Raw batches that came at this time or later. RFC 3339. */
  @InUtc() @IsISO8601({ strict: true }) from: string;
  /** Raw batches that came before this time; now when left out. */
  @IsOptional() @InUtc() @IsISO8601({ strict: true }) to?: string;
  /** The version that they pass; the active one when left out. */
  @IsOptional() @IsVersion() version?: number;
  /** A new dataset for the rows; they take the place of those from before when left out. */
  @IsOptional() @IsName() dataset?: string;
}

/** Raw batches of the past that pass their pipeline again: each replay is a run. */
@Controller('v1/projects/:project')
export class ReplaysController {
  constructor(private readonly orchestrator: OrchestratorContract) {}

  @Post('pipelines/:pipeline/replays')
  @HttpCode(202)
  @Allow('runs:write')
  @Audited('replays.start')
  @Describe({
    summary: 'Replays raw batches of a time with a version, in place or into a new dataset.',
    status: 202,
    gives: Run,
    takes: ReplayBody,
    idempotencyKey: true,
  })
  start(@Param() { project, pipeline }: PipelineParams, @Body() body: ReplayBody): Promise<Run> {
    return this.orchestrator.startReplay({ project, pipeline, ...body });
  }

  @Post('runs/:run/pause')
  @HttpCode(202)
  @Allow('runs:write')
  @Audited('runs.pause')
  @Describe({ summary: 'Pauses a replay.', status: 202, gives: Run, idempotencyKey: true })
  pause(@Param() { project, run }: RunParams): Promise<Run> {
    return this.orchestrator.pauseRun({ project, runId: run });
  }

  @Post('runs/:run/resume')
  @HttpCode(202)
  @Allow('runs:write')
  @Audited('runs.resume')
  @Describe({ summary: 'Lets a paused replay go on.', status: 202, gives: Run, idempotencyKey: true })
  resume(@Param() { project, run }: RunParams): Promise<Run> {
    return this.orchestrator.resumeRun({ project, runId: run });
  }
}
