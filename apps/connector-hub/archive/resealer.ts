import { Injectable, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { ObjectStore } from '#libs/objects/object-store';
import { throwAll } from '#libs/queue/each-by-itself';
import { keyOf, SEGMENT_RULES, SegmentRules } from './mover';
import { sealSegment, SegmentEntry } from './segment-format';
import { SegmentRow, segmentOf, Segments, SEGMENT_COLUMNS } from './segments';

const MIB = 2 ** 20;
const SEGMENTS_AT_ONCE = 100;
/** A segment is as large as the batch that filled it up made it. */
const SEGMENT_MAX_BYTES = 512 * MIB;

/**
 * A replay puts batches back into the inbox and leaves their bytes in their segment. When they are settled, their rows go
 * out of the inbox again: the segment is written anew, the same bytes under an index that knows what came of them last.
 * As with `Mover`, every batch lies whole in the inbox or in a segment at every moment.
 */
@Injectable()
export class Resealer {
  constructor(
    private readonly database: DataSource,
    private readonly objects: ObjectStore,
    private readonly segments: Segments,
    private readonly ids: Ids,
    @Optional() private readonly rules: SegmentRules = SEGMENT_RULES,
  ) {}

  /** Gives how many batches went. A segment that fails is passed over this time; its failure is thrown in the end. */
  async reseal(): Promise<number> {
    const due = await this.database.query<DueSegment[]>(DUE, [this.rules.ageMs, SEGMENTS_AT_ONCE]);
    let went = 0;
    const failures: unknown[] = [];
    for (const row of due) {
      try {
        went += await this.resealOne(row);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    throwAll(failures);
    return went;
  }

  private async resealOne(old: DueSegment): Promise<number> {
    const rows = await this.database.query<PutBack[]>(PUT_BACK_ROWS, [old.segmentId]);
    const latest = new Map(rows.map((row) => [row.batchId, row]));
    const segment = segmentOf(old);
    const entries = [...(await this.segments.entries(segment)).values()].map((entry): SegmentEntry => {
      const row = latest.get(entry.batchId)?.row;
      return row ? { ...entry, row } : entry;
    });
    const { offset } = segment.index;
    const range = { start: 0, end: offset };
    const payloads =
      offset === 0 ? undefined : await this.objects.read(old.objectKey, { range, maxBytes: SEGMENT_MAX_BYTES });
    const { tail, index } = sealSegment(entries, offset);
    const segmentId = this.ids.uuidv7();
    const objectKey = keyOf(old, old.hour, segmentId);
    await this.database.query(BEGIN, [segmentId, objectKey, old.segmentId]);
    const { bytes } = await this.objects.put(objectKey, payloads ? Buffer.concat([payloads, tail]) : tail);
    return this.database.transaction(async (tx) => {
      // A replay that begins with the segment holds it; one that holds it has batches pending, or passed it by.
      const [held] = await tx.query<unknown[]>(HOLD, [old.segmentId]);
      const [{ taken }] = await tx.query<[{ taken: number }]>(TAKE_OUT, [
        rows.map(({ batchId }) => batchId),
        rows.map(({ generation }) => generation),
        old.segmentId,
      ]);
      if (!held || taken !== rows.length) {
        throw new Error(`The segment ${old.segmentId} changed while it was written anew; it is another time.`);
      }
      await tx.query(FOLLOW, [old.segmentId, segmentId]);
      await tx.query(KEEP, [segmentId, bytes, index.offset, index.bytes, index.sha256]);
      await tx.query(LEAVE, [old.segmentId]);
      return taken;
    });
  }
}

interface DueSegment extends SegmentRow, PipelineName {
  readonly hour: Date;
}

interface PutBack {
  readonly batchId: string;
  readonly generation: number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Of those whose batches are all at rest; a batch with a source is a copy for another pipeline, and stays. */
const DUE = `
  SELECT ${SEGMENT_COLUMNS}, project, pipeline, hour
  FROM connector_hub.segments
  JOIN (
    SELECT segment_id
    FROM connector_hub.batches
    WHERE segment_id IS NOT NULL
    GROUP BY segment_id
    HAVING bool_and(status = 'settled') AND bool_or(source_id IS NULL)
       AND max(settled_at) FILTER (WHERE source_id IS NULL) < clock_timestamp() - $1::float8 * interval '1 millisecond'
  ) AS resting USING (segment_id)
  WHERE state = 'kept'
  ORDER BY segment_id
  LIMIT $2`;

const PUT_BACK_ROWS = `
  SELECT batch_id AS "batchId", generation, to_jsonb(b) - 'payload' || '{"segment_id": null}' AS row
  FROM connector_hub.batches b
  WHERE segment_id = $1 AND source_id IS NULL AND status = 'settled'`;

const BEGIN = `
  INSERT INTO connector_hub.segments
         (segment_id, project, pipeline, state, object_key, first_id, last_id, hour, batches, records, raw_bytes)
  SELECT $1, project, pipeline, 'writing', $2, first_id, last_id, hour, batches, records, raw_bytes
  FROM connector_hub.segments
  WHERE segment_id = $3`;

const HOLD = `
  SELECT segment_id
  FROM connector_hub.segments s
  WHERE segment_id = $1 AND state = 'kept'
  FOR UPDATE`;

/** Nothing when a batch of the segment is pending, one of a copy included. */
const TAKE_OUT = `
  WITH taken AS (
    DELETE FROM connector_hub.batches b
    USING unnest($1::uuid[], $2::int[]) AS resting (batch_id, generation)
    WHERE b.batch_id = resting.batch_id AND b.generation = resting.generation AND b.segment_id = $3
      AND b.status = 'settled'
      AND NOT EXISTS (SELECT FROM connector_hub.batches other WHERE other.segment_id = $3 AND other.status = 'pending')
    RETURNING 1
  )
  SELECT count(*)::int AS taken FROM taken`;

const FOLLOW = `UPDATE connector_hub.batches SET segment_id = $2 WHERE segment_id = $1`;

const KEEP = `
  UPDATE connector_hub.segments
  SET state = 'kept', object_bytes = $2, index_offset = $3, index_bytes = $4, index_sha256 = decode($5, 'hex')
  WHERE segment_id = $1`;

const LEAVE = `UPDATE connector_hub.segments SET state = 'leaving' WHERE segment_id = $1`;
