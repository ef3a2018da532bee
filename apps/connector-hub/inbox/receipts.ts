import { DataSource } from 'typeorm';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { ChartlyError, Conflict, NotFound, Unprocessable } from '#libs/errors/errors';
import { NewBatch } from './insert-batches';

interface HeldKey extends PipelineRef {
  readonly key: string;
  readonly sha256: string;
  readonly batchId: string;
  readonly count: number;
}

interface Committed {
  readonly batchId: string;
  readonly version: number;
}

/** What the inbox knows of batches that did not go in. */
export interface Known {
  /** The first receipts of their keys. */
  readonly keys: readonly HeldKey[];
  /** Those that an earlier try committed. */
  readonly committed: readonly Committed[];
}

export async function knownOf(database: DataSource, batches: readonly NewBatch[]): Promise<Known> {
  if (batches.length === 0) return { keys: [], committed: [] };
  const keyed = batches.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
  const [keys, committed] = await Promise.all([
    database.query<HeldKey[]>(HELD_KEYS, [
      keyed.map(({ project }) => project),
      keyed.map(({ pipeline }) => pipeline),
      keyed.map(({ idempotencyKey }) => idempotencyKey),
    ]),
    database.query<Committed[]>(COMMITTED, [batches.map(({ batchId }) => batchId)]),
  ]);
  return { keys, committed };
}

export const receiptOf = (
  batch: PipelineName,
  { batchId, version, count }: { batchId: string; version: number; count: number },
  repeated = false,
): AcceptReceipt => ({
  project: batch.project,
  pipeline: batch.pipeline,
  version,
  batchId,
  accepted: count,
  repeated,
});

/**
 * The answer to a batch that did not go in. It is there already when the answer to an earlier try was lost: the receipt
 * names the version it lies under, whatever was installed since. A key that is held (rule 7) gives the first receipt for
 * the same bytes, and a refusal for others.
 */
export function answerTo(
  batch: NewBatch,
  { keys, committed }: Known,
  takesData: boolean,
): AcceptReceipt | ChartlyError {
  const ours = committed.find(({ batchId }) => batchId === batch.batchId);
  if (ours) return receiptOf(batch, { ...batch, version: ours.version });
  const { project, pipeline, idempotencyKey } = batch;
  const first = keys.find(
    (held) => held.project === project && held.pipeline === pipeline && held.key === idempotencyKey,
  );
  if (!first) return takesData ? keyRunsOut(batch) : pipelineUnknown(batch);
  if (first.sha256 === batch.sha256) return receiptOf(batch, first, true);
  return new Unprocessable(
    'idempotency.other_body',
    `The idempotency key "${idempotencyKey}" came with another body before. Use a new key for new data.`,
  );
}

const keyRunsOut = ({ idempotencyKey }: NewBatch): Conflict =>
  new Conflict(
    'idempotency.in_flight',
    `The idempotency key "${idempotencyKey}" runs out right now. Send the request again in a moment.`,
    { retryAfterMs: 100 },
  );

const pipelineUnknown = ({ project, pipeline }: PipelineName): NotFound =>
  new NotFound(
    'pipeline.unknown',
    `No pipeline "${pipeline}" takes data in the project "${project}": it was never applied, or it was removed. Apply it first.`,
  );

const HELD_KEYS = `
  SELECT project, pipeline, key, encode(sha256, 'hex') AS sha256, batch_id AS "batchId", version, count
  FROM connector_hub.idempotency
  JOIN unnest($1::text[], $2::text[], $3::text[]) AS given (project, pipeline, key) USING (project, pipeline, key)`;

const COMMITTED = `
  SELECT batch_id AS "batchId", version FROM connector_hub.batches WHERE batch_id = ANY ($1::uuid[])`;
