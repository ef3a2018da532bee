import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { RecordFormat } from '#libs/contracts/record-format';
import { QuarantineAction } from '#libs/contracts/quarantine';
import { storable } from './quarantine';
import { RecordId, Selection, SELECTED, SELECTION_PARAMETERS, selectionParameters } from './selection';

const CHUNK_MAX_RECORDS = 500;
const LEASE_SECONDS = 60;

/** A task as its runner holds it. */
export interface RunningTask {
  readonly id: string;
  readonly action: QuarantineAction;
  readonly version: number | null;
  readonly why: string | null;
  readonly startedAt: Date;
  readonly selection: Selection & { readonly pipeline: string };
}

export interface HeldRecord extends RecordId {
  readonly version: number;
  readonly format: RecordFormat;
  readonly columns: readonly string[] | null;
  readonly receivedAt: Date;
  readonly raw: Buffer;
}

/** Records of one batch that one amendment holds: the same ones however often it is tried. */
export interface Chunk {
  readonly amendmentId: string;
  readonly records: readonly [HeldRecord, ...HeldRecord[]];
}

/** What became of a chunk's records, by their place in it. */
export interface ChunkEnd {
  readonly normalized: readonly number[];
  readonly filtered: readonly number[];
  readonly discarded: readonly number[];
  readonly failed: readonly { readonly at: number; readonly step: string; readonly reason: string }[];
}

/**
 * Takes records for a task and lets them go again. What is taken is written down before it is worked on, so that a
 * worker that dies is followed by one that does the very same.
 */
@Injectable()
export class Chunks {
  constructor(
    private readonly database: DataSource,
    private readonly ids: Ids,
  ) {}

  /** The task that waits longest, leased to the caller for a minute; nothing when there is none. */
  async takeTask(): Promise<RunningTask | undefined> {
    const [rows] = await this.database.query<[TaskRow[], number]>(TAKE_TASK);
    const [row] = rows;
    if (!row) return undefined;
    const { project, pipeline, selection, ...task } = row;
    return { ...task, selection: { ...selection, project, pipeline } };
  }

  /** The chunk that an earlier worker left, or else the next; nothing when the task has come to its end. */
  async next(task: RunningTask): Promise<Chunk | undefined> {
    return (await this.left(task)) ?? this.database.transaction((tx) => this.take(task, tx));
  }

  /** Lets the chunk's records go. The second time changes nothing. */
  async end(task: RunningTask, { amendmentId, records }: Chunk, outcome: ChunkEnd): Promise<void> {
    const idsOf = (places: readonly number[]): unknown[] => {
      const named = places.map((at) => records[at]).filter((one) => one !== undefined);
      return [
        named.map(({ batchId }) => batchId),
        named.map(({ generation }) => generation),
        named.map(({ index }) => index),
      ];
    };
    const { normalized, filtered, discarded, failed } = outcome;
    await this.database.transaction(async (tx) => {
      const [, ended] = await tx.query<[unknown[], number]>(END_AMENDMENT, [amendmentId]);
      if (ended === 0) return;
      for (const [state, places] of Object.entries({ normalized, filtered, discarded })) {
        if (places.length > 0) await tx.query(END_RECORDS, [...idsOf(places), state, task.version, task.why]);
      }
      await tx.query(KEEP_RECORDS, [
        ...idsOf(failed.map(({ at }) => at)),
        failed.map(({ step }) => step),
        failed.map(({ reason }) => storable(reason)),
        task.version,
      ]);
      await tx.query(COUNT, [task.id, normalized.length, filtered.length, failed.length, discarded.length]);
    });
  }

  async finish({ id }: RunningTask): Promise<void> {
    await this.database.query(FINISH, [id]);
  }

  async wait({ id }: RunningTask, seconds: number, reason: string): Promise<void> {
    await this.database.query(WAIT, [id, seconds, storable(reason).slice(0, 500)]);
  }

  private async left({ id }: RunningTask): Promise<Chunk | undefined> {
    const [found] = await this.database.query<{ id: string }[]>(LEFT, [id]);
    return found && this.held(found.id, this.database.manager);
  }

  private async take(task: RunningTask, tx: EntityManager): Promise<Chunk | undefined> {
    const amendmentId = this.ids.uuidv7();
    const parameters = [...selectionParameters(task.selection), task.id, task.startedAt, amendmentId];
    const [taken] = await tx.query<{ records: number }[]>(TAKE, parameters);
    return taken && taken.records > 0 ? this.held(amendmentId, tx) : undefined;
  }

  private async held(amendmentId: string, tx: EntityManager): Promise<Chunk | undefined> {
    const [first, ...others] = await tx.query<HeldRecord[]>(HELD, [amendmentId]);
    return first && { amendmentId, records: [first, ...others] };
  }
}

interface TaskRow extends Omit<RunningTask, 'selection'> {
  readonly project: string;
  readonly pipeline: string;
  readonly selection: Omit<Selection, 'project' | 'pipeline'>;
}

const TAKE_TASK = `
  UPDATE normalizer.quarantine_tasks
     SET lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
   WHERE id = (SELECT id FROM normalizer.quarantine_tasks
                WHERE state = 'running' AND lease_until < clock_timestamp()
                ORDER BY lease_until, started_at
                LIMIT 1
                FOR UPDATE SKIP LOCKED)
  RETURNING id, project, pipeline, action, version, why, selection, started_at AS "startedAt"`;

/** An amendment whose records a replay superseded has nothing to do any more, and must not hide those after it. */
const LEFT = `
  WITH orphans AS (
    DELETE FROM normalizer.amendments a
     WHERE a.task_id = $1 AND NOT EXISTS (SELECT FROM normalizer.quarantine q WHERE q.held_by = a.id)
  )
  SELECT a.id
    FROM normalizer.amendments a
   WHERE a.task_id = $1 AND EXISTS (SELECT FROM normalizer.quarantine q WHERE q.held_by = a.id)
   ORDER BY a.created_at
   LIMIT 1`;

const parameter = (nth: number): string => `$${SELECTION_PARAMETERS + nth}`;

/** In the order of batches, from where the chunk before ended; all of one batch, so that one amendment names it. */
const TAKE = `
  WITH task AS (
    SELECT after_batch, after_generation, after_index
      FROM normalizer.quarantine_tasks WHERE id = ${parameter(1)} FOR UPDATE
  ), fitting AS (
    SELECT q.batch_id, q.generation, q.index, q.version
      FROM normalizer.quarantine q, task
     WHERE ${SELECTED}
       AND q.state = 'open' AND q.held_by IS NULL AND q.at <= ${parameter(2)}
       AND (q.batch_id, q.generation, q.index) > (task.after_batch, task.after_generation, task.after_index)
     ORDER BY q.batch_id, q.generation, q.index
     LIMIT ${CHUNK_MAX_RECORDS}
       FOR UPDATE OF q
  ), first AS (
    SELECT batch_id, generation FROM fitting ORDER BY batch_id, generation LIMIT 1
  ), taken AS (
    SELECT fitting.* FROM fitting JOIN first USING (batch_id, generation)
  ), amendment AS (
    INSERT INTO normalizer.amendments (id, task_id) SELECT ${parameter(3)}, ${parameter(1)} FROM first
  ), moved AS (
    UPDATE normalizer.quarantine_tasks t
       SET after_batch = last.batch_id, after_generation = last.generation, after_index = last.index,
           waiting_for = NULL, lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
      FROM (SELECT batch_id, generation, max(index) AS index FROM taken GROUP BY batch_id, generation) AS last
     WHERE t.id = ${parameter(1)}
  ), held AS (
    UPDATE normalizer.quarantine q
       SET held_by = ${parameter(3)}
      FROM taken
     WHERE q.batch_id = taken.batch_id AND q.generation = taken.generation AND q.index = taken.index
    RETURNING q.index
  )
  SELECT count(*)::int AS records FROM held`;

const HELD = `
  SELECT batch_id AS "batchId", generation, index, version, format, columns, coalesce(received_at, at) AS "receivedAt", raw
    FROM normalizer.quarantine
   WHERE held_by = $1
   ORDER BY index`;

const END_AMENDMENT = `DELETE FROM normalizer.amendments WHERE id = $1`;

const END_RECORDS = `
  UPDATE normalizer.quarantine q
     SET state = $4, tried_version = coalesce($5, q.tried_version), note = $6, raw = '', held_by = NULL,
         attempts = q.attempts + CASE WHEN $4 = 'discarded' THEN 0 ELSE 1 END, ended_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::int[], $3::int[]) AS one (batch_id, generation, index)
   WHERE q.batch_id = one.batch_id AND q.generation = one.generation AND q.index = one.index`;

const KEEP_RECORDS = `
  UPDATE normalizer.quarantine q
     SET attempts = q.attempts + 1, step = one.step, reason = one.reason, tried_version = $6, held_by = NULL
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[])
         AS one (batch_id, generation, index, step, reason)
   WHERE q.batch_id = one.batch_id AND q.generation = one.generation AND q.index = one.index`;

const COUNT = `
  UPDATE normalizer.quarantine_tasks
     SET normalized = normalized + $2, filtered = filtered + $3, failed = failed + $4, discarded = discarded + $5
   WHERE id = $1`;

/** While records are held for the task it goes on: whoever takes it next finds them. */
const FINISH = `
  UPDATE normalizer.quarantine_tasks
     SET state = 'done', ended_at = clock_timestamp(), waiting_for = NULL
   WHERE id = $1 AND NOT EXISTS (SELECT FROM normalizer.amendments WHERE task_id = $1)`;

const WAIT = `
  UPDATE normalizer.quarantine_tasks
     SET lease_until = clock_timestamp() + $2 * interval '1 second', waiting_for = $3
   WHERE id = $1`;
