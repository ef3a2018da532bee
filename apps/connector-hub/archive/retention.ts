import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ObjectStore } from '#libs/objects/object-store';
import { throwAll } from '#libs/queue/each-by-itself';

/** A segment that is still being written after this was given up: its process is gone. */
const WRITING_MAX_HOURS = 1;
const LEAVING_AT_ONCE = 100;
/** After so many failures of one time the engine itself is away. */
const FAILURES_MAX = 100;

/**
 * Takes away raw batches that their pipeline keeps no longer, and what a crash left half written. A segment is marked
 * first, so that nobody begins to read it; then its object goes, then its row: whatever is interrupted is done again.
 */
@Injectable()
export class Retention {
  constructor(
    private readonly database: DataSource,
    private readonly objects: ObjectStore,
  ) {}

  /** Gives how many segments went. One that fails is passed over this time; its failure is thrown in the end. */
  async apply(): Promise<number> {
    let gone = 0;
    const failures = new Map<string, unknown>();
    for (;;) {
      await this.mark();
      const leaving = await this.database.query<{ segmentId: string; objectKey: string }[]>(LEAVING, [
        LEAVING_AT_ONCE,
        [...failures.keys()],
      ]);
      for (const { segmentId, objectKey } of leaving) {
        try {
          await this.objects.delete(objectKey);
          await this.database.query(FORGET, [segmentId]);
          gone += 1;
        } catch (thrown) {
          failures.set(segmentId, thrown);
        }
      }
      if (leaving.length < LEAVING_AT_ONCE || failures.size >= FAILURES_MAX) break;
    }
    throwAll([...failures.values()]);
    return gone;
  }

  private async mark(): Promise<void> {
    await this.database.transaction(async (tx) => {
      const due = await tx.query<{ segmentId: string }[]>(DUE, [LEAVING_AT_ONCE]);
      if (due.length > 0) await tx.query(MARK, [due.map(({ segmentId }) => segmentId)]);
    });
  }
}

/** Counts from the newest batch of the segment, by what the pipeline says now. */
const DUE = `
  SELECT s.segment_id AS "segmentId"
  FROM connector_hub.segments s
  JOIN connector_hub.pipelines p USING (project, pipeline)
  JOIN connector_hub.sources v ON v.project = s.project AND v.pipeline = s.pipeline AND v.version = p.version
  WHERE (s.state = 'kept'
         AND connector_hub.time_of_id(s.last_id) + v.keep_raw_ms * interval '1 millisecond' < clock_timestamp())
     OR (s.state = 'writing' AND s.written_at < clock_timestamp() - interval '${WRITING_MAX_HOURS} hours')
  ORDER BY s.segment_id
  LIMIT $1
  FOR UPDATE OF s SKIP LOCKED`;

/** A statement of its own, after the lock: so it sees what a replay referred to just before. What a replay is at stays. */
const MARK = `
  UPDATE connector_hub.segments s
  SET state = 'leaving'
  WHERE s.segment_id = ANY ($1::uuid[])
    AND NOT EXISTS (SELECT FROM connector_hub.batches b WHERE b.segment_id = s.segment_id AND b.status = 'pending')`;

const LEAVING = `
  SELECT segment_id AS "segmentId", object_key AS "objectKey"
  FROM connector_hub.segments
  WHERE state = 'leaving' AND segment_id <> ALL ($2::uuid[])
  ORDER BY segment_id
  LIMIT $1`;

const FORGET = `
  WITH outcomes AS (
    DELETE FROM connector_hub.batches WHERE segment_id = $1 AND status = 'settled'
  )
  DELETE FROM connector_hub.segments WHERE segment_id = $1 AND state = 'leaving'`;
