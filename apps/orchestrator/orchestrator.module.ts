import { BeforeApplicationShutdown, Injectable, Module, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { Periodic } from '#libs/queue/periodic';
import { serve } from '#libs/transport/serve';
import { Applier } from './documents/applier';
import { DocumentRecord, DocumentVersion } from './documents/document.entity';
import { Installer } from './documents/installer';
import { DocumentLibrary } from './documents/library';
import { LookupTables } from './documents/lookup-tables';
import { Planner } from './documents/planner';
import { DocumentViews } from './documents/views';
import { OrchestratorService } from './orchestrator.service';
import { RowsPlanner } from './documents/rows-planner';
import { PipelinePreviewer } from './preview/previewer';
import { Replays } from './replays/replays';
import { RunBook } from './runs/run-book';
import { CONCURRENT_RUNS, RunEngine } from './runs/run-engine';
import { RunRecord } from './runs/run.entity';
import { RunMetrics, runStartDelay } from './runs/run-metrics';
import { RunSteps } from './runs/run-steps';
import { Ticker } from './runs/ticker';

const TICK_MS = 500;
const RESUME_MS = 500;
const RECONCILE_MS = 5_000;

/** What the orchestrator does without being asked: ticks, runs that wait to go on, versions that wait for a service. */
@Injectable()
class Rounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds: readonly Periodic[];

  constructor(
    private readonly ticker: Ticker,
    private readonly book: RunBook,
    private readonly engine: RunEngine,
    private readonly installer: Installer,
  ) {
    this.rounds = [
      new Periodic('Ticker', TICK_MS, () => this.ticker.tick()),
      new Periodic('RunEngine', RESUME_MS, () => this.resume()),
      new Periodic('Installer', RECONCILE_MS, () => this.installer.finish()),
    ];
  }

  onApplicationBootstrap(): void {
    for (const round of this.rounds) round.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.rounds.map((round) => round.stop()));
  }

  private async resume(): Promise<void> {
    for (const id of await this.book.open(CONCURRENT_RUNS)) this.engine.take(id);
  }
}

/** What a process that is the whole system was at when it ended is nobody's now: no lease need run out first. */
const RECLAIM = `UPDATE orchestrator.runs SET lease_until = NULL WHERE state IN ('queued', 'running')`;

/** Coordinates what happens: documents, versions, plans, schedules and runs. */
@Module({
  imports: [
    ClockModule,
    TypeOrmModule.forFeature([DocumentRecord, DocumentVersion, RunRecord]),
    AuditTrailModule.forSchema('orchestrator'),
    IdempotencyModule.forSchema('orchestrator'),
  ],
  providers: [
    ...serve(OrchestratorContract, OrchestratorService),
    LookupTables,
    Planner,
    RowsPlanner,
    PipelinePreviewer,
    Applier,
    Installer,
    DocumentLibrary,
    DocumentViews,
    RunBook,
    RunSteps,
    RunEngine,
    RunMetrics,
    runStartDelay,
    Ticker,
    Replays,
    Rounds,
  ],
})
export class OrchestratorModule implements OnModuleInit {
  constructor(
    private readonly config: ChartlyConfig,
    private readonly database: DataSource,
  ) {}

  async onModuleInit(): Promise<void> {
    if (this.config.hostsAll) await this.database.query(RECLAIM);
  }
}
