import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { Run, StartReplay } from '#libs/contracts/orchestrator.contract';
import { PipelineRef } from '#libs/contracts/pipeline-ref';
import { PipelineDocument } from '#libs/documents/pipeline';
import { Conflict, NotFound, Unavailable, Unprocessable } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { currentCall, withCall } from '#libs/transport/call-context';
import { Applier } from '../documents/applier';
import { DocumentVersion } from '../documents/document.entity';
import { DocumentLibrary } from '../documents/library';
import { RunBook } from '../runs/run-book';
import { closed } from '../runs/run-state';
import { RunRecord, viewOf } from '../runs/run.entity';
import { copyFor, rangeOf, REPLAY_OF } from './replay-plan';

const INSTALLED = `
  SELECT EXISTS (
    SELECT FROM orchestrator.installations
     WHERE project = $1 AND pipeline = $2 AND version = $3 AND service = 'normalizer') AS there`;

/** Whoever carries the run now finds its lease gone, and writes nothing more. */
const PAUSE = `
  UPDATE orchestrator.runs
     SET state = 'paused', epoch = epoch + 1, lease_until = NULL, wake_at = NULL
   WHERE id = $1 AND state IN ('queued', 'running') AND replay IS NOT NULL`;

const RESUME = `UPDATE orchestrator.runs SET state = 'queued' WHERE id = $1 AND state = 'paused'`;

const CANCEL_PAUSED = `
  UPDATE orchestrator.runs
     SET state = 'cancelled', ended_at = clock_timestamp(), reason = 'somebody asked it to stop', steps = $2
   WHERE id = $1 AND state = 'paused'`;

/** Replays as runs: they begin, pause, go on and end as somebody asks; the run engine carries them. */
@Injectable()
export class Replays {
  constructor(
    private readonly database: DataSource,
    private readonly library: DocumentLibrary,
    private readonly applier: Applier,
    private readonly book: RunBook,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /** See `OrchestratorContract.startReplay`. */
  async start(request: StartReplay): Promise<Run> {
    const { project, pipeline, dataset } = request;
    const range = rangeOf(request, this.clock.now());
    const version = await this.versionOf(request);
    const into = dataset === undefined ? undefined : await this.prepareCopy(version, dataset);
    return this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        const run = { project, pipeline, version: version.version, trigger: 'manual', state: 'queued' } as const;
        const created = await this.book.create({ ...run, replay: { range, ...(into ? { into } : {}) } }, tx);
        if (created === undefined) {
          throw new Conflict(
            'replay.overlap',
            `A replay of "${pipeline}" is going on. Wait for its end, or cancel it.`,
          );
        }
        await this.audit.record(tx, {
          action: 'replays.start',
          target: `Run/${created}`,
          project,
          outcome: 'succeeded',
        });
        return viewOf(await this.book.found(project, created, tx));
      }),
    );
  }

  /** A run that has ended, or waits already, stays as it is. */
  async pause(run: RunRecord): Promise<Run> {
    if (!run.replay && (run.state === 'queued' || run.state === 'running')) {
      throw new Conflict('run.not_pausable', `Only a replay can pause; cancel the run ${run.id} instead.`);
    }
    return this.change(run, 'runs.pause', PAUSE, [run.id]);
  }

  resume(run: RunRecord): Promise<Run> {
    return this.change(run, 'runs.resume', RESUME, [run.id]);
  }

  cancelPaused(run: RunRecord): Promise<Run> {
    return this.change(run, 'runs.cancel', CANCEL_PAUSED, [run.id, JSON.stringify(closed(run.steps))]);
  }

  private change({ id, project }: RunRecord, action: string, statement: string, values: unknown[]): Promise<Run> {
    return this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        await tx.query(statement, values);
        await this.audit.record(tx, { action, target: `Run/${id}`, project, outcome: 'succeeded' });
        return viewOf(await this.book.found(project, id, tx));
      }),
    );
  }

  /** The version that is named, or the active one; it writes to the dataset that the active one writes to. */
  private async versionOf({ project, pipeline, version: named, dataset }: StartReplay): Promise<DocumentVersion> {
    const latest = await this.library.latest(project, 'Pipeline', pipeline);
    const activeVersion = latest?.record.state === 'removing' ? undefined : latest?.record.activeVersion;
    const active = activeVersion ? await this.library.version(project, 'Pipeline', pipeline, activeVersion) : undefined;
    if (!active) {
      throw new NotFound('pipeline.unknown', `There is no active pipeline "${pipeline}" in project "${project}".`);
    }
    const version = named === undefined ? active : await this.library.version(project, 'Pipeline', pipeline, named);
    const [{ there }] = await this.database.query<[{ there: boolean }]>(INSTALLED, [project, pipeline, named ?? 0]);
    if (!version?.resolved || (named !== undefined && !there)) {
      throw new NotFound('version.unknown', `There is no version ${named} of "${pipeline}" that was ever active.`);
    }
    const [theirs, ours] = [version, active].map((one) => one.resolved?.spec.store.dataset);
    if (dataset === undefined && theirs !== ours) {
      throw new Unprocessable(
        'replay.other_dataset',
        `Version ${version.version} of "${pipeline}" writes to "${theirs}" and the active one to "${ours}": its rows cannot take the place of theirs. Replay into a new dataset.`,
      );
    }
    return version;
  }

  private async prepareCopy(
    { project, name, document, resolved }: DocumentVersion,
    dataset: string,
  ): Promise<PipelineRef> {
    const there = await this.library.latest(project, 'Pipeline', dataset);
    if (there && (there.version.document as PipelineDocument).metadata.labels?.[REPLAY_OF] !== name) {
      throw new Conflict(
        'replay.name_taken',
        `A pipeline "${dataset}" is there already, and no replay of "${name}" made it. Name another dataset.`,
      );
    }
    const frozen = resolved?.spec.steps;
    const text = JSON.stringify(copyFor(document as PipelineDocument, dataset, frozen)); // a version of a pipeline is one
    // The caller's idempotency key is for the replay, which makes this harmless to repeat.
    const { documents } = await withCall({ ...currentCall(), idempotency: undefined }, () =>
      this.applier.apply({ project, text }),
    );
    const [applied] = documents;
    if (!applied?.active) {
      throw new Unavailable('replay.preparing', `The dataset "${dataset}" is being made. Try again shortly.`, {
        retryAfterMs: 1_000,
      });
    }
    return { project, pipeline: dataset, version: applied.version };
  }
}
