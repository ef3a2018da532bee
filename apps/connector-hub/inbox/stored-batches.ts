import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RawBatch } from '#libs/contracts/connector-hub.contract';
import { NotFound } from '#libs/errors/errors';
import { Segments } from '../archive/segments';
import { GroupCommit } from '#libs/database/group-commit';
import { Encoding, unpack } from './packing';

const HEADS_AT_ONCE = 64;

/** Reads accepted batches, wherever their bytes are: in the inbox, or in a segment of the object store. */
@Injectable()
export class StoredBatches {
  /** What is asked at the same time shares a round trip, as commits do. */
  private readonly heads = new GroupCommit<string, StoredBatch | undefined>((ids) => this.headsOf(ids), {
    items: HEADS_AT_ONCE,
    flights: 2,
  });

  constructor(
    private readonly database: DataSource,
    private readonly segments: Segments,
  ) {}

  /** The batch; its payload is not read when the caller has it. Throws NotFound `batch.unknown`. */
  async get(batchId: string, payload?: Uint8Array): Promise<RawBatch> {
    const row = payload ? await this.heads.submit(batchId) : await this.whole(batchId);
    if (!row) return this.archived(batchId);
    const { encoding, bytes, packed, segmentId, sourceId } = row;
    if (payload) return rawBatch(row, payload);
    if (packed) return rawBatch(row, await unpack({ encoding, bytes: packed }, bytes));
    return rawBatch(row, segmentId === null ? NO_BYTES : await this.payloadFrom(segmentId, sourceId ?? batchId));
  }

  /** Whether the batch was settled so long ago that it left the inbox. */
  async isArchived(batchId: string): Promise<boolean> {
    return (await this.segments.find(batchId)) !== undefined;
  }

  private async headsOf(batchIds: readonly string[]): Promise<(StoredBatch | undefined)[]> {
    const rows = await this.database.query<StoredBatch[]>(HEADS, [batchIds]);
    const byId = new Map(rows.map((row) => [row.batchId, row]));
    return batchIds.map((batchId) => byId.get(batchId));
  }

  private async whole(batchId: string): Promise<StoredBatch | undefined> {
    const [row] = await this.database.query<StoredBatch[]>(WHOLE, [batchId]);
    return row;
  }

  private async archived(batchId: string): Promise<RawBatch> {
    const found = await this.segments.find(batchId);
    if (!found) throw batchUnknown(batchId);
    const [row] = await this.database.query<[StoredBatch]>(ARCHIVED, [JSON.stringify(found.entry.row)]);
    return rawBatch(row, await this.segments.payload(found.segment, found.entry));
  }

  private async payloadFrom(segmentId: string, batchId: string): Promise<Uint8Array> {
    const segment = await this.segments.byId(segmentId);
    const entry = segment && (await this.segments.entries(segment)).get(batchId);
    if (!segment || !entry) throw batchUnknown(batchId);
    return this.segments.payload(segment, entry);
  }
}

interface StoredBatch extends Omit<RawBatch, 'receivedAt' | 'runId' | 'payload' | 'replaces' | 'held'> {
  readonly receivedAt: Date;
  readonly runId: string | null;
  readonly encoding: Encoding;
  readonly bytes: number;
  readonly packed: Buffer | null;
  readonly segmentId: string | null;
  readonly sourceId: string | null;
  readonly replaces: string[] | null;
  readonly held: string | null;
}

const NO_BYTES = new Uint8Array();

function rawBatch(row: StoredBatch, payload: Uint8Array): RawBatch {
  const {
    encoding: _e,
    bytes: _b,
    packed: _p,
    segmentId: _s,
    sourceId: _o,
    receivedAt,
    runId,
    replaces,
    held,
    ...head
  } = row;
  return {
    ...head,
    receivedAt: receivedAt.toISOString(),
    ...(runId === null ? {} : { runId }),
    ...(replaces === null ? {} : { replaces }),
    ...(held === null ? {} : { held }),
    payload,
  };
}

export const batchUnknown = (batchId: string): NotFound =>
  new NotFound(
    'batch.unknown',
    `The inbox has no batch ${batchId}. It never came, or its pipeline keeps raw batches no longer (spec.keepRaw).`,
  );

const HEAD = `
  SELECT batch_id AS "batchId", project, pipeline, version, generation, epoch, format, encoding, count, bytes,
         received_at AS "receivedAt", run_id AS "runId", status = 'settled' AS settled, segment_id AS "segmentId",
         source_id AS "sourceId", replaces, held`;
const HEADS = `${HEAD}, NULL AS packed FROM connector_hub.batches WHERE batch_id = ANY($1::uuid[])`;
const WHOLE = `${HEAD}, payload AS packed FROM connector_hub.batches WHERE batch_id = $1`;
const ARCHIVED = `${HEAD}, NULL AS packed FROM jsonb_populate_record(NULL::connector_hub.batches, $1::jsonb)`;
