import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Run, RunState } from '#libs/contracts/orchestrator.contract';
import { PipelineRef } from '#libs/contracts/pipeline-ref';
import { RawRange } from '#libs/contracts/replay';
import { StepRecord } from './run-state';

export interface ReplayRecord {
  readonly range: RawRange;
  readonly into?: PipelineRef;
}

/** A run of a pipeline, frozen on the version it started with. */
@Entity({ schema: 'orchestrator', name: 'runs' })
export class RunRecord {
  @PrimaryColumn('uuid') id: string;
  @Column('text') project: string;
  @Column('text') pipeline: string;
  @Column('int') version: number;
  @Column('text') state: RunState;
  @Column('text') trigger: 'manual' | 'schedule';
  @Column('timestamptz', { name: 'due_at', nullable: true }) dueAt: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt: Date | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('boolean', { name: 'cancel_requested' }) cancelRequested: boolean;
  /** Counts the claims: a write under an older one is refused (rule 3). */
  @Column('int') epoch: number;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil: Date | null;
  @Column('timestamptz', { name: 'wake_at', nullable: true }) wakeAt: Date | null;
  @Column('jsonb') steps: StepRecord[];
  /** What is replayed, when the run is a replay. */
  @Column('jsonb', { nullable: true }) replay: ReplayRecord | null;
}

export function viewOf(run: RunRecord): Run {
  return {
    id: run.id,
    project: run.project,
    pipeline: run.pipeline,
    version: run.version,
    state: run.state,
    trigger: run.trigger,
    createdAt: run.createdAt.toISOString(),
    ...(run.replay ? { replay: { ...run.replay.range, dataset: run.replay.into?.pipeline } } : {}),
    ...(run.dueAt ? { dueAt: run.dueAt.toISOString() } : {}),
    ...(run.startedAt ? { startedAt: run.startedAt.toISOString() } : {}),
    ...(run.endedAt ? { endedAt: run.endedAt.toISOString() } : {}),
    ...(run.reason === null ? {} : { reason: run.reason }),
    steps: run.steps.map(({ resumeAt: _kept, ...step }) => step),
  };
}
