import { Injectable, Module } from '@nestjs/common';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { RowsAppended } from '#libs/contracts/jobs';
import { HandlesJob } from '#libs/queue/handles-job';
import { serve } from '#libs/transport/serve';
import { ClockModule } from '#libs/clock/clock';
import { AnalyticsService } from './analytics.service';
import { Answers } from './answers';
import { Exports } from './exports';
import { RowReads } from './row-reads';
import { RollupKeeper } from './rollup-keeper';
import { Rollup } from './rollup.entity';
import { PrometheusRead } from './prometheus/prometheus-read';
import { SampleSets } from './prometheus/sample-sets';
import { QueryShelf } from './saved/query-shelf';
import { SavedAnswers } from './saved/saved-answers';
import { Targets } from './targets';
import { SqlParser } from './sql/sql-parser';
import { Statements } from './sql/statements';

@Injectable()
class RollupJobs {
  constructor(private readonly keeper: RollupKeeper) {}

  @HandlesJob(RowsAppended)
  rowsAppended(_job: RowsAppended): Promise<void> {
    this.keeper.rowsCame();
    return Promise.resolve();
  }
}

/** Answers questions over stored rows and keeps rollups. */
@Module({
  imports: [ClockModule, TypeOrmModule.forFeature([Rollup]), AuditTrailModule.forSchema('analytics')],
  providers: [
    ...serve(AnalyticsContract, AnalyticsService),
    Answers,
    Exports,
    RowReads,
    Targets,
    SampleSets,
    PrometheusRead,
    QueryShelf,
    SavedAnswers,
    SqlParser,
    Statements,
    RollupKeeper,
    RollupJobs,
  ],
})
export class AnalyticsModule {}
