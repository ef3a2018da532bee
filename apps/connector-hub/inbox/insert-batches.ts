import { DataSource, EntityManager } from 'typeorm';
import { RecordFormat } from '#libs/contracts/record-format';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { Encoding } from './packing';

/** How long a batch is left to the normalizer before it is offered again. Database time. */
export const LEASE_SECONDS = 30;
/** How long an idempotency key is remembered (rule 7). */
const KEY_HOURS = 72;

/** A batch, packed and ready to be committed. */
export interface NewBatch extends PipelineName {
  readonly batchId: string;
  /** The version it belongs to; the one that is installed when left out. */
  readonly version?: number;
  readonly runId?: string;
  readonly format: RecordFormat;
  readonly encoding: Encoding;
  readonly packed: Uint8Array;
  readonly count: number;
  /** Of the payload, before it was packed. */
  readonly bytes: number;
  /** Of the payload, in hex. */
  readonly sha256: string;
  readonly idempotencyKey?: string;
}

export interface InsertedBatch {
  readonly batchId: string;
  /** Null when no version of the pipeline takes data. */
  readonly version: number | null;
  /** False when an idempotency key, or this very batch, was there already. */
  readonly inserted: boolean;
}

/**
 * Inserts batches with their idempotency keys, in one statement and so in one round trip and one commit. A batch whose
 * pipeline takes no data, or whose key is taken, is left out and tells so; the others go in. A batch id that is there
 * already stays as it is, so the statement may be repeated. Payloads travel joined: an array of them would travel as
 * text of twice the size.
 */
export async function insertBatches(
  database: DataSource | EntityManager,
  batches: readonly NewBatch[],
): Promise<InsertedBatch[]> {
  let from = 1; // SQL counts bytes from 1
  const places = batches.map(({ packed }) => {
    const place = from;
    from += packed.byteLength;
    return place;
  });
  const rows = await database.query<InsertedBatch[]>(INSERT, [
    Buffer.concat(batches.map(({ packed }) => packed)),
    places,
    batches.map(({ packed }) => packed.byteLength),
    batches.map(({ batchId }) => batchId),
    batches.map(({ project }) => project),
    batches.map(({ pipeline }) => pipeline),
    batches.map(({ version }) => version ?? null),
    batches.map(({ runId }) => runId ?? null),
    batches.map(({ format }) => format),
    batches.map(({ encoding }) => encoding),
    batches.map(({ count }) => count),
    batches.map(({ bytes }) => bytes),
    batches.map(({ sha256 }) => sha256),
    batches.map(({ idempotencyKey }) => idempotencyKey ?? null),
  ]);
  const byId = new Map(rows.map((row) => [row.batchId, row]));
  return batches.map(({ batchId }) => byId.get(batchId) ?? { batchId, version: null, inserted: false });
}

const INSERT = `
  WITH given AS (
    SELECT g.place, g.size, g.batch_id, g.project, g.pipeline, g.run_id, g.format, g.encoding, g.count, g.bytes,
           decode(g.sha256, 'hex') AS sha256, g.key,
           coalesce(g.version, CASE WHEN p.removed_at IS NULL THEN p.version END) AS version
    FROM unnest($2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::uuid[], $9::text[],
                $10::text[], $11::int[], $12::int[], $13::text[], $14::text[])
         AS g (place, size, batch_id, project, pipeline, version, run_id, format, encoding, count, bytes, sha256, key)
    LEFT JOIN connector_hub.pipelines p ON p.project = g.project AND p.pipeline = g.pipeline
  ), claimed AS (
    INSERT INTO connector_hub.idempotency AS held
           (project, pipeline, key, sha256, batch_id, version, count, expires_at)
    SELECT project, pipeline, key, sha256, batch_id, version, count, clock_timestamp() + interval '${KEY_HOURS} hours'
    FROM given
    WHERE key IS NOT NULL AND version IS NOT NULL
    ORDER BY project, pipeline, key
    ON CONFLICT (project, pipeline, key) DO UPDATE
    SET sha256 = excluded.sha256, batch_id = excluded.batch_id, version = excluded.version, count = excluded.count,
        expires_at = excluded.expires_at
    WHERE held.expires_at < clock_timestamp()
    RETURNING batch_id
  ), inserted AS (
    INSERT INTO connector_hub.batches
           (batch_id, project, pipeline, version, run_id, format, encoding, payload, count, bytes, sha256, lease_until)
    SELECT batch_id, project, pipeline, version, run_id, format, encoding, substring($1::bytea FROM place FOR size),
           count, bytes, sha256, clock_timestamp() + interval '${LEASE_SECONDS} seconds'
    FROM given
    WHERE version IS NOT NULL AND (key IS NULL OR batch_id IN (SELECT batch_id FROM claimed))
    ON CONFLICT (batch_id) DO NOTHING
    RETURNING batch_id
  )
  SELECT given.batch_id AS "batchId", given.version, inserted.batch_id IS NOT NULL AS inserted
  FROM given LEFT JOIN inserted ON inserted.batch_id = given.batch_id`;
