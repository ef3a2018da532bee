import { Controller, Get, Param } from '@nestjs/common';
import { AnalyticsContract, RollupStatuses } from '#libs/contracts/analytics.contract';
import { IsName } from '#libs/contracts/fields';
import { VerifiedRollup } from '#libs/contracts/storage.contract';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class RollupParams extends ProjectParams {
  @IsName() rollup: string;
}

@Controller('v1/projects/:project/rollups')
export class RollupsController {
  constructor(private readonly analytics: AnalyticsContract) {}

  @Get()
  @Allow('data:read')
  @Describe({ summary: 'Lists rollups, how current they are and how far a backfill is.', gives: RollupStatuses })
  rollups(@Param() { project }: ProjectParams): Promise<RollupStatuses> {
    return this.analytics.rollups({ project });
  }

  @Get(':rollup/verify')
  @Allow('data:read')
  @Describe({
    summary: 'Recomputes what a rollup keeps from raw rows, and tells every group that is not the same.',
    gives: VerifiedRollup,
  })
  verify(@Param() { project, rollup }: RollupParams): Promise<VerifiedRollup> {
    return this.analytics.verifyRollup({ project, rollup });
  }
}
