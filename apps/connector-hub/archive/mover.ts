import { Injectable, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { ObjectStore } from '#libs/objects/object-store';
import { throwAll } from '#libs/queue/each-by-itself';
import { IndexPlace, sealSegment, SegmentEntry } from './segment-format';

const MIB = 2 ** 20;
const READ_BYTES = 4 * MIB;

/** When a pipeline's settled batches are worth a segment, and how large it gets. */
export interface SegmentRules {
  readonly bytes: number;
  readonly batches: number;
  /** Batches that settled so long ago are moved, however few. */
  readonly ageMs: number;
}

export const SEGMENT_RULES: SegmentRules = { bytes: 32 * MIB, batches: 5_000, ageMs: 10 * 60_000 };

/** A settled batch that still lies in the inbox. */
interface SettledBatch {
  readonly batchId: string;
  readonly generation: number;
  readonly length: number;
  readonly hour: Date;
  readonly row: Readonly<Record<string, unknown>>;
}

/**
 * Moves settled batches from the inbox to the object store. At every moment a batch lies whole in at least one of the
 * two: the segment is known before its object is begun, and becomes what readers find in the transaction that takes its
 * batches out of the inbox. A crash in between leaves an object that nobody reads, and `Retention` takes it away.
 */
@Injectable()
export class Mover {
  private columns?: string;

  constructor(
    private readonly database: DataSource,
    private readonly objects: ObjectStore,
    private readonly ids: Ids,
    @Optional() private readonly rules: SegmentRules = SEGMENT_RULES,
  ) {}

  /**
   * Moves all that is worth it. Gives how many batches went. A pipeline that fails is passed over this time and keeps no
   * other back; its failure is thrown in the end.
   */
  async move(): Promise<number> {
    let moved = 0;
    const failures = new Map<string, unknown>();
    for (;;) {
      const due = await this.database.query<PipelineName[]>(DUE, [
        this.rules.bytes,
        this.rules.batches,
        this.rules.ageMs,
      ]);
      let now = 0;
      for (const { project, pipeline } of due) {
        const name = `${project}/${pipeline}`;
        if (failures.has(name)) continue;
        try {
          now += await this.moveOne({ project, pipeline });
        } catch (thrown) {
          failures.set(name, thrown);
        }
      }
      moved += now;
      if (now === 0) break;
    }
    throwAll([...failures.values()]);
    return moved;
  }

  /** One segment of the pipeline's oldest settled batches. */
  private async moveOne(name: PipelineName): Promise<number> {
    const batches = await this.choose(name);
    const [first, last] = [batches[0], batches.at(-1)];
    if (!first || !last) return 0;
    const segmentId = this.ids.uuidv7();
    const objectKey = keyOf(name, first.hour, segmentId);
    await this.database.query(BEGIN_SEGMENT, [
      segmentId,
      name.project,
      name.pipeline,
      objectKey,
      first.batchId,
      last.batchId,
      first.hour,
      batches.length,
      batches.reduce((sum, { row }) => sum + Number(row.count), 0),
      batches.reduce((sum, { row }) => sum + Number(row.bytes), 0),
    ]);
    const sealed: { index?: IndexPlace } = {};
    const { bytes } = await this.objects.put(objectKey, this.content(batches, sealed));
    return this.commit(segmentId, batches, bytes, sealed.index!); // the content was read to its end
  }

  private async choose({ project, pipeline }: PipelineName): Promise<SettledBatch[]> {
    this.columns ??= await this.columnsOfRow();
    const rows = await this.database.query<SettledBatch[]>(candidates(this.columns), [
      project,
      pipeline,
      this.rules.batches,
    ]);
    const chosen: SettledBatch[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.hour.getTime() !== rows[0]!.hour.getTime() || bytes >= this.rules.bytes) break; // there is one, we are in it
      chosen.push(row);
      bytes += row.length;
    }
    return chosen;
  }

  /** Every column but the payload, whatever columns the inbox has by now. */
  private async columnsOfRow(): Promise<string> {
    const rows = await this.database.query<{ column: string }[]>(COLUMNS);
    return rows.map(({ column }) => column).join(', ');
  }

  private async *content(batches: readonly SettledBatch[], sealed: { index?: IndexPlace }): AsyncGenerator<Uint8Array> {
    const entries: SegmentEntry[] = [];
    let offset = 0;
    for (let at = 0; at < batches.length;) {
      const from = at;
      for (let bytes = 0; at < batches.length && bytes < READ_BYTES; at += 1) bytes += batches[at]!.length;
      const together = batches.slice(from, at);
      const rows = await this.database.query<{ batchId: string; payload: Buffer }[]>(PAYLOADS, [
        together.map(({ batchId }) => batchId),
      ]);
      const payloads = new Map(rows.map(({ batchId, payload }) => [batchId, payload]));
      for (const { batchId, length, row } of together) {
        const payload = payloads.get(batchId);
        if (payload?.byteLength !== length) throw new Error(`Batch ${batchId} changed while it was moved.`);
        entries.push({ batchId, offset, length, row });
        offset += length;
        if (length > 0) yield payload;
      }
    }
    const { tail, index } = sealSegment(entries, offset);
    sealed.index = index;
    yield tail;
  }

  private async commit(
    segmentId: string,
    batches: readonly SettledBatch[],
    objectBytes: number,
    { offset, bytes, sha256 }: IndexPlace,
  ): Promise<number> {
    return this.database.transaction(async (tx) => {
      const [{ taken }] = await tx.query<[{ taken: number }]>(TAKE_OUT, [
        batches.map(({ batchId }) => batchId),
        batches.map(({ generation }) => generation),
      ]);
      if (taken !== batches.length) {
        throw new Error(
          `${batches.length - taken} batches changed while they were moved; they are moved another time.`,
        );
      }
      const [{ kept }] = await tx.query<[{ kept: number }]>(KEEP_SEGMENT, [
        segmentId,
        objectBytes,
        offset,
        bytes,
        sha256,
      ]);
      if (kept !== 1)
        throw new Error(`The segment ${segmentId} was given up meanwhile; its batches are moved another time.`);
      return taken;
    });
  }
}

/** `raw/project/pipeline/2026/01/31/23/id.segment`: in the order of time, and readable for people. */
export const keyOf = ({ project, pipeline }: PipelineName, hour: Date, segmentId: string): string =>
  `raw/${project}/${pipeline}/${hour.toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')}/${segmentId}.segment`;

const MOVABLE = `status = 'settled' AND payload IS NOT NULL AND segment_id IS NULL`;

const DUE = `
  SELECT project, pipeline
  FROM connector_hub.batches
  WHERE ${MOVABLE}
  GROUP BY project, pipeline
  HAVING sum(octet_length(payload)) >= $1
      OR count(*) >= $2
      OR min(settled_at) < clock_timestamp() - $3::float8 * interval '1 millisecond'
      OR bool_or(batch_id < connector_hub.first_id_at(date_trunc('hour', clock_timestamp(), 'UTC') - interval '30 minutes'))`;

const COLUMNS = `
  SELECT quote_ident(attname) AS column
  FROM pg_attribute
  WHERE attrelid = 'connector_hub.batches'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'payload'
  ORDER BY attnum`;

const candidates = (columns: string): string => `
  SELECT batch_id AS "batchId", generation, length, hour, to_jsonb(head) AS row
  FROM (
    SELECT octet_length(payload) AS length, date_trunc('hour', connector_hub.time_of_id(batch_id), 'UTC') AS hour, batch_id AS id
    FROM connector_hub.batches
    WHERE project = $1 AND pipeline = $2 AND ${MOVABLE}
    ORDER BY batch_id
    LIMIT $3
  ) AS chosen
  JOIN (SELECT ${columns} FROM connector_hub.batches) AS head ON head.batch_id = chosen.id
  ORDER BY batch_id`;

const BEGIN_SEGMENT = `
  INSERT INTO connector_hub.segments
         (segment_id, project, pipeline, state, object_key, first_id, last_id, hour, batches, records, raw_bytes)
  VALUES ($1, $2, $3, 'writing', $4, $5, $6, $7, $8, $9, $10)`;

const PAYLOADS = `SELECT batch_id AS "batchId", payload FROM connector_hub.batches WHERE batch_id = ANY ($1::uuid[])`;

const TAKE_OUT = `
  WITH taken AS (
    DELETE FROM connector_hub.batches b
    USING unnest($1::uuid[], $2::int[]) AS moved (batch_id, generation)
    WHERE b.batch_id = moved.batch_id AND b.generation = moved.generation AND ${MOVABLE}
    RETURNING 1
  )
  SELECT count(*)::int AS taken FROM taken`;

const KEEP_SEGMENT = `
  WITH kept AS (
    UPDATE connector_hub.segments
    SET state = 'kept', object_bytes = $2, index_offset = $3, index_bytes = $4, index_sha256 = decode($5, 'hex')
    WHERE segment_id = $1 AND state = 'writing'
    RETURNING 1
  )
  SELECT count(*)::int AS kept FROM kept`;
