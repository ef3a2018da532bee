import { Controller, Get, Param, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, ValidateNested } from 'class-validator';
import { Ledger, ObserverContract, SystemHealth } from '#libs/contracts/observer.contract';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { PipelineParams, ProjectParams, VersionQuery } from './params.dto';

const PIPELINES_MAX = 1_000;

export class Ledgers {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Ledger) ledgers: Ledger[];
}

@Controller('v1')
export class LedgerController {
  constructor(
    private readonly observer: ObserverContract,
    private readonly orchestrator: OrchestratorContract,
  ) {}

  @Get('projects/:project/ledger')
  @Allow('ledger:read')
  @Describe({ summary: 'The books of every pipeline of a project, counted now.', gives: Ledgers })
  async ledgers(@Param() { project }: ProjectParams): Promise<Ledgers> {
    const { documents } = await this.orchestrator.documents({ project, kind: 'Pipeline', limit: PIPELINES_MAX });
    const ledgers: Ledger[] = [];
    for (const { name } of documents) ledgers.push(await this.observer.ledger({ project, pipeline: name }));
    return { ledgers };
  }

  @Get('projects/:project/pipelines/:pipeline/ledger')
  @Allow('ledger:read')
  @Describe({
    summary: 'The books of one pipeline, counted now.',
    gives: Ledger,
    query: { version: 'The books of one version; of all together when left out.' },
  })
  ledger(@Param() { project, pipeline }: PipelineParams, @Query() { version }: VersionQuery): Promise<Ledger> {
    return this.observer.ledger({ project, pipeline, version });
  }

  @Get('health')
  @Allow('system:read')
  @Describe({ summary: 'Whether each service is ready, and what it waits for.', gives: SystemHealth })
  health(): Promise<SystemHealth> {
    return this.observer.health({});
  }
}
