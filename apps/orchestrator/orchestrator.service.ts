import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import {
  Applied,
  ApplyDocuments,
  DeleteDocument,
  DocumentPage,
  DocumentView,
  GetDocument,
  ListDocuments,
  ListRuns,
  OrchestratorContract,
  Plan,
  PlanDocuments,
  PlanRows,
  Run,
  RunId,
  RunPage,
  StartReplay,
  StartRun,
} from '#libs/contracts/orchestrator.contract';
import { PipelinePreview, PreviewPipeline } from '#libs/contracts/pipeline-preview';
import { Done } from '#libs/contracts/pipeline-ref';
import { Conflict, NotFound, Unprocessable } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Applier } from './documents/applier';
import { DocumentLibrary } from './documents/library';
import { Planner } from './documents/planner';
import { DocumentViews } from './documents/views';
import { RowsDifferences } from '#libs/contracts/rows-difference';
import { RowsPlanner } from './documents/rows-planner';
import { PipelinePreviewer } from './preview/previewer';
import { Replays } from './replays/replays';
import { RunBook } from './runs/run-book';
import { RunEngine } from './runs/run-engine';
import { RunRecord, viewOf } from './runs/run.entity';

/** An open run that nobody is at ends at once; one that somebody is at learns of it at its next step. */
const CANCEL = `
  UPDATE orchestrator.runs
     SET cancel_requested = true, wake_at = NULL
   WHERE id = $1 AND state IN ('queued', 'running')`;

@Injectable()
export class OrchestratorService implements OrchestratorContract {
  constructor(
    private readonly database: DataSource,
    private readonly planner: Planner,
    private readonly rows: RowsPlanner,
    private readonly previewer: PipelinePreviewer,
    private readonly applier: Applier,
    private readonly library: DocumentLibrary,
    private readonly views: DocumentViews,
    private readonly book: RunBook,
    private readonly engine: RunEngine,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
    private readonly replays: Replays,
  ) {}

  async plan({ project, text }: PlanDocuments): Promise<Plan> {
    const { documents, basis } = await this.planner.plan(project, text, this.database.manager);
    return { documents: documents.map(({ plan }) => plan), basis };
  }

  planRows(request: PlanRows): Promise<RowsDifferences> {
    return this.rows.plan(request);
  }

  preview(request: PreviewPipeline): Promise<PipelinePreview> {
    return this.previewer.preview(request);
  }

  apply(request: ApplyDocuments): Promise<Applied> {
    return this.applier.apply(request);
  }

  documents(request: ListDocuments): Promise<DocumentPage> {
    return this.views.list(request);
  }

  document(request: GetDocument): Promise<DocumentView> {
    return this.views.get(request);
  }

  async remove(request: DeleteDocument): Promise<Done> {
    await this.applier.remove(request);
    return {};
  }

  async startRun(request: StartRun): Promise<Run> {
    const run = await this.first(() => this.beginRun(request));
    this.engine.take(run.id);
    return run;
  }

  async startReplay(request: StartReplay): Promise<Run> {
    const run = await this.first(() => this.replays.start(request));
    this.engine.take(run.id);
    return run;
  }

  async pauseRun({ project, runId }: RunId): Promise<Run> {
    const run = await this.first(async () => this.replays.pause(await this.book.found(project, runId)));
    this.engine.interrupt(runId);
    return run;
  }

  async resumeRun({ project, runId }: RunId): Promise<Run> {
    const run = await this.first(async () => this.replays.resume(await this.book.found(project, runId)));
    this.engine.take(runId);
    return run;
  }

  async run({ project, runId }: RunId): Promise<Run> {
    return viewOf(await this.book.found(project, runId));
  }

  runs(request: ListRuns): Promise<RunPage> {
    return this.book.list(request);
  }

  cancelRun({ project, runId }: RunId): Promise<Run> {
    return this.first(async () => {
      const run = await this.book.found(project, runId);
      if (run.state === 'paused') return this.replays.cancelPaused(run);
      if (run.state !== 'queued' && run.state !== 'running') return this.answerWith(viewOf(run));
      const cancelled = await this.cancel(run);
      this.engine.interrupt(runId);
      this.engine.take(runId);
      return cancelled;
    });
  }

  private async beginRun({ project, pipeline }: StartRun): Promise<Run> {
    const latest = await this.library.latest(project, 'Pipeline', pipeline);
    const version = latest?.record.activeVersion;
    const active =
      version && latest?.record.state !== 'removing'
        ? await this.library.version(project, 'Pipeline', pipeline, version)
        : undefined;
    if (!active || !version) {
      throw new NotFound('pipeline.unknown', `There is no active pipeline "${pipeline}" in project "${project}".`);
    }
    if (!active.resolved?.spec.source) {
      throw new Unprocessable(
        'pipeline.no_source',
        `"${pipeline}" has no source to pull from: it takes pushed events.`,
      );
    }
    return this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        const created = await this.book.create({ project, pipeline, version, trigger: 'manual', state: 'queued' }, tx);
        if (created === undefined) {
          throw new Conflict('run.overlap', `A run of "${pipeline}" is going on. Wait for its end, or cancel it.`);
        }
        await this.audit.record(tx, { action: 'runs.start', target: `Run/${created}`, project, outcome: 'succeeded' });
        return viewOf(await this.book.found(project, created, tx));
      }),
    );
  }

  private cancel({ id, project }: RunRecord): Promise<Run> {
    return this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        await tx.query(CANCEL, [id]);
        await this.audit.record(tx, { action: 'runs.cancel', target: `Run/${id}`, project, outcome: 'succeeded' });
        return viewOf(await this.book.found(project, id, tx));
      }),
    );
  }

  /** What changes nothing is answered as it was, too. */
  private answerWith(run: Run): Promise<Run> {
    return this.database.transaction((tx) => this.idempotency.once(tx, () => Promise.resolve(run)));
  }

  /** What is looked at before a change may be otherwise when it is asked for again; the answer is not. */
  private async first(work: () => Promise<Run>): Promise<Run> {
    return (await this.idempotency.replied<Run>(this.database)) ?? work();
  }
}
