import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { ListRuns, RunPage, RunState } from '#libs/contracts/orchestrator.contract';
import { BadRequest, NotFound } from '#libs/errors/errors';
import { ReplayRecord, RunRecord, viewOf } from './run.entity';
import { newSteps, StepRecord } from './run-state';

const PAGE = 100;
const LEASE = `interval '30 seconds'`;

const CREATE = `
  INSERT INTO orchestrator.runs (id, project, pipeline, version, state, trigger, due_at, created_at, ended_at, reason, steps, replay)
  VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), CASE WHEN $5 = 'queued' THEN NULL ELSE clock_timestamp() END, $8, $9, $10)
  ON CONFLICT DO NOTHING
  RETURNING id`;

/** Leases count by the database's clock: those of the processes may differ (fault 13). */
const CLAIM = `
  UPDATE orchestrator.runs
     SET state = 'running',
         started_at = coalesce(started_at, clock_timestamp()),
         epoch = epoch + 1,
         lease_until = clock_timestamp() + ${LEASE},
         wake_at = NULL
   WHERE id = $1
     AND state IN ('queued', 'running')
     AND (lease_until IS NULL OR lease_until < clock_timestamp())
  RETURNING id, clock_timestamp() AS now`;

const RENEW = `
  UPDATE orchestrator.runs
     SET lease_until = clock_timestamp() + ${LEASE}
   WHERE id = $1 AND epoch = $2 AND state = 'running'
  RETURNING cancel_requested`;

const SAVE = `
  UPDATE orchestrator.runs
     SET steps = $3,
         lease_until = clock_timestamp() + ${LEASE}
   WHERE id = $1 AND epoch = $2 AND state = 'running'
  RETURNING cancel_requested`;

const RELEASE = `
  UPDATE orchestrator.runs
     SET steps = $3, lease_until = NULL, wake_at = $4
   WHERE id = $1 AND epoch = $2 AND state = 'running'`;

const END = `
  UPDATE orchestrator.runs
     SET steps = $3, state = $4, reason = $5, ended_at = clock_timestamp(), lease_until = NULL, wake_at = NULL
   WHERE id = $1 AND epoch = $2 AND state = 'running'`;

const OPEN = `
  SELECT id
    FROM orchestrator.runs
   WHERE state IN ('queued', 'running')
     AND (lease_until IS NULL OR lease_until < clock_timestamp())
     AND (wake_at IS NULL OR wake_at <= clock_timestamp())
   ORDER BY created_at
   LIMIT $1`;

const LIST = `
  SELECT id
    FROM orchestrator.runs
   WHERE project = $1
     AND ($2::text IS NULL OR pipeline = $2)
     AND ($3::text IS NULL OR state = $3)
     AND ($4::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM orchestrator.runs WHERE id = $4))
   ORDER BY created_at DESC, id DESC
   LIMIT $5`;

export interface NewRun {
  readonly project: string;
  readonly pipeline: string;
  readonly version: number;
  readonly trigger: 'manual' | 'schedule';
  readonly state: Extract<RunState, 'queued' | 'skipped' | 'missed'>;
  readonly dueAt?: Date;
  readonly reason?: string;
  readonly replay?: ReplayRecord;
}

export interface ClaimedRun {
  readonly run: RunRecord;
  /** The database's time. */
  readonly now: Date;
}

/** Tells that somebody else has the run by now: whoever gets it stops and writes nothing more. */
export class LeaseLost extends Error {}

/** The book of runs: every due tick and every run started by hand stands in it. */
@Injectable()
export class RunBook {
  constructor(
    private readonly database: DataSource,
    private readonly ids: Ids,
  ) {}

  /** The new run's id; undefined when a run of the pipeline is open already. */
  async create(run: NewRun, tx: EntityManager = this.database.manager): Promise<string | undefined> {
    const steps = run.state === 'queued' ? newSteps(run.replay ? 'replay' : 'pull') : [];
    const { project, pipeline, version, state, trigger, dueAt, reason, replay } = run;
    const [created] = await tx.query<{ id: string }[]>(CREATE, [
      this.ids.uuidv7(),
      project,
      pipeline,
      version,
      state,
      trigger,
      dueAt ?? null,
      reason ?? null,
      JSON.stringify(steps),
      replay ? JSON.stringify(replay) : null,
    ]);
    return created?.id;
  }

  find(id: string, tx: EntityManager = this.database.manager): Promise<RunRecord | null> {
    return tx.findOneBy(RunRecord, { id });
  }

  /** Throws NotFound `run.unknown`. */
  async found(project: string, id: string, tx?: EntityManager): Promise<RunRecord> {
    const run = await this.find(id, tx);
    if (run?.project === project) return run;
    throw new NotFound('run.unknown', `There is no run ${id} in project "${project}".`);
  }

  /** The run under a new epoch; undefined when it has ended or somebody else has it. */
  async claim(id: string): Promise<ClaimedRun | undefined> {
    const [[claimed]] = await this.database.query<[{ now: Date }[], number]>(CLAIM, [id]);
    const run = claimed && (await this.find(id));
    return run ? { run, now: claimed.now } : undefined;
  }

  /** Keeps the lease while a piece of work goes on; undefined when somebody else has the run by now. */
  async renew({ id, epoch }: RunRecord): Promise<{ cancelRequested: boolean } | undefined> {
    const [[kept]] = await this.database.query<[{ cancel_requested: boolean }[], number]>(RENEW, [id, epoch]);
    return kept && { cancelRequested: kept.cancel_requested };
  }

  /** Keeps the steps and the lease; tells whether somebody asked the run to stop. Throws {@link LeaseLost}. */
  async save({ id, epoch }: RunRecord, steps: readonly StepRecord[]): Promise<{ cancelRequested: boolean }> {
    const [[saved]] = await this.database.query<[{ cancel_requested: boolean }[], number]>(SAVE, [
      id,
      epoch,
      JSON.stringify(steps),
    ]);
    if (!saved) throw new LeaseLost(id);
    return { cancelRequested: saved.cancel_requested };
  }

  /** Lets go of the run until `wakeAt`. */
  async release({ id, epoch }: RunRecord, steps: readonly StepRecord[], wakeAt: Date): Promise<void> {
    await this.database.query(RELEASE, [id, epoch, JSON.stringify(steps), wakeAt]);
  }

  async end({ id, epoch }: RunRecord, steps: readonly StepRecord[], state: RunState, reason?: string): Promise<void> {
    await this.database.query(END, [id, epoch, JSON.stringify(steps), state, reason ?? null]);
  }

  /** Runs that nobody is at and that are due to go on. */
  async open(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }[]>(OPEN, [limit]);
    return rows.map(({ id }) => id);
  }

  async list({ project, pipeline, state, limit = PAGE, cursor }: ListRuns): Promise<RunPage> {
    const after = cursor === undefined ? null : readCursor(cursor);
    const rows = await this.database.query<{ id: string }[]>(LIST, [
      project,
      pipeline ?? null,
      state ?? null,
      after,
      limit + 1,
    ]);
    const runs: RunRecord[] = [];
    for (const row of rows.slice(0, limit)) {
      const run = await this.find(row.id);
      if (run) runs.push(run);
    }
    const last = runs.at(-1);
    return { runs: runs.map(viewOf), ...(rows.length > limit && last ? { next: writeCursor(last) } : {}) };
  }
}

/** A cursor is the run itself: its time as we read it has lost the database's microseconds. */
const writeCursor = ({ id }: RunRecord): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

function readCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('hex');
  if (id.length !== 32) throw new BadRequest('cursor.malformed', 'The cursor is not one that a page before gave.');
  return id;
}
