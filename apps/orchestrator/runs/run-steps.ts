import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { RunStepName } from '#libs/contracts/orchestrator.contract';
import { RunRecord } from './run.entity';

const SLICE_MS = 5_000;
const POLL_FIRST_MS = 50;
const POLL_MAX_MS = 1_000;

type Counts = Readonly<Record<string, number>>;

/** What a step has come to: done, or to go on later. */
export interface StepProgress {
  readonly done: boolean;
  readonly counts: Counts;
  readonly waitMs: number;
  /** What people should know of this piece. */
  readonly notes?: readonly string[];
}

/** What each step of a run does, a bounded piece at a time. */
@Injectable()
export class RunSteps {
  constructor(
    private readonly hub: ConnectorHubContract,
    private readonly analytics: AnalyticsContract,
  ) {}

  /** One piece of a step's work; `counts` are those of the pieces before it. */
  advance(step: RunStepName, run: RunRecord, counts: Counts, turn: number, signal: AbortSignal): Promise<StepProgress> {
    switch (step) {
      case 'replay':
        return this.replay(run);
      case 'pull':
        return this.pull(run, counts);
      case 'normalize':
        return this.normalize(run, turn, signal);
      case 'refresh':
        return this.refresh(run);
    }
  }

  private async pull({ id, project, pipeline, version }: RunRecord, before: Counts): Promise<StepProgress> {
    const slice = await this.hub.pull({ project, pipeline, version, runId: id, sliceMs: SLICE_MS });
    const counts = {
      pages: (before.pages ?? 0) + slice.pages,
      records: (before.records ?? 0) + slice.records,
      batches: (before.batches ?? 0) + slice.batches,
    };
    return { done: slice.done, counts, waitMs: slice.done ? 0 : slice.waitMs, notes: slice.drift };
  }

  private async replay({ id, project, pipeline, version, replay }: RunRecord): Promise<StepProgress> {
    if (!replay) throw new TypeError(`Run ${id} has a step of a replay, and says not of what.`);
    const {
      done,
      waitMs,
      waitingFor: _told,
      ...counts
    } = await this.hub.replay({
      ...{ project, pipeline, version, runId: id },
      ...replay,
    });
    return { done, waitMs, counts: { ...counts } };
  }

  /** Waits until every batch that the run pulled is settled. */
  private async normalize({ id }: RunRecord, turn: number, signal: AbortSignal): Promise<StepProgress> {
    if (turn > 0) await setTimeout(Math.min(POLL_MAX_MS, POLL_FIRST_MS * 1.5 ** turn), undefined, { signal });
    const { pendingBatches, accepted, normalized, filtered, quarantined, stored, duplicate } =
      await this.hub.runBatches({
        runId: id,
      });
    const counts = { accepted, normalized, filtered, quarantined, stored, duplicate };
    return { done: pendingBatches === 0, counts, waitMs: 0 };
  }

  private async refresh({ project, pipeline, replay }: RunRecord): Promise<StepProgress> {
    const { refreshedBuckets } = await this.analytics.refresh({
      project,
      pipeline: replay?.into?.pipeline ?? pipeline,
    });
    return { done: true, counts: { buckets: refreshedBuckets }, waitMs: 0 };
  }
}
