import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { Attempt } from '#libs/contracts/append-id';
import { SegmentRow, segmentOf, Segments, SEGMENT_COLUMNS } from '../archive/segments';

/** A settled batch of the past, wherever it lies. */
export interface PastBatch extends Attempt {
  readonly count: number;
  /** Of its raw bytes. */
  readonly bytes: number;
  /** The segment that holds its raw bytes; null while they lie in the inbox. */
  readonly segmentId: string | null;
  /** Set for one that left the inbox: its row as it was. */
  readonly archived?: Readonly<Record<string, unknown>>;
  /** False when its raw bytes were not kept, or are kept no longer. */
  readonly hasRaw: boolean;
}

export interface PastBatches {
  /** In the order of their ids. */
  readonly batches: readonly PastBatch[];
  /** What the next batch waits for, for people; nothing behind it is given. */
  readonly blocked?: string;
}

const SEGMENTS_MAX = 256;

/** The raw batches of a pipeline in the order in which they came, from inbox and segments alike. */
@Injectable()
export class RawHistory {
  constructor(
    private readonly database: DataSource,
    private readonly segments: Segments,
  ) {}

  /** Up to `limit` batches with ids between the two, both left out. */
  async between(name: PipelineName, afterId: string, untilId: string, limit: number): Promise<PastBatches> {
    // The inbox first: what is moved meanwhile is then found twice and not missed.
    const inbox = await this.database.query<InboxRow[]>(IN_INBOX, [
      name.project,
      name.pipeline,
      afterId,
      untilId,
      limit,
    ]);
    const archived = await this.archivedBetween(name, afterId, untilId, limit);
    const known = new Set(inbox.map(({ batchId }) => batchId));
    const all = [...inbox, ...archived.filter(({ batchId }) => !known.has(batchId))]
      .sort((a, b) => (a.batchId < b.batchId ? -1 : 1))
      .slice(0, limit);
    const open = all.findIndex((batch) => 'status' in batch && batch.status === 'pending');
    return {
      batches: open < 0 ? all : all.slice(0, open),
      blocked: open === 0 ? 'a batch that is not settled' : undefined,
    };
  }

  private async archivedBetween(
    { project, pipeline }: PipelineName,
    afterId: string,
    untilId: string,
    limit: number,
  ): Promise<PastBatch[]> {
    const rows = await this.database.query<(SegmentRow & { firstId: string })[]>(IN_SEGMENTS, [
      project,
      pipeline,
      afterId,
      untilId,
      SEGMENTS_MAX,
    ]);
    const found: PastBatch[] = [];
    for (const row of rows) {
      if (found.length >= limit && row.firstId > found.map(({ batchId }) => batchId).sort()[limit - 1]!) break;
      const { segmentId } = row;
      for (const [batchId, entry] of await this.segments.entries(segmentOf(row))) {
        if (batchId <= afterId || batchId >= untilId) continue;
        const { version, generation, count, bytes } = entry.row as unknown as PastBatch; // columns of the inbox
        found.push({
          batchId,
          version,
          generation,
          count,
          bytes,
          hasRaw: true,
          segmentId,
          archived: entry.row,
        });
      }
    }
    return found;
  }
}

interface InboxRow extends PastBatch {
  readonly status: 'pending' | 'settled';
}

const inboxRows = (status: 'pending' | 'settled'): string => `
  (SELECT b.batch_id AS "batchId", b.status, b.version, b.generation, b.count, b.bytes,
          CASE WHEN b.payload IS NULL THEN s.segment_id END AS "segmentId",
          b.payload IS NOT NULL OR s.segment_id IS NOT NULL AS "hasRaw"
   FROM connector_hub.batches b
   LEFT JOIN connector_hub.segments s ON s.segment_id = b.segment_id AND s.state = 'kept'
   WHERE b.project = $1 AND b.pipeline = $2 AND b.status = '${status}' AND b.batch_id > $3 AND b.batch_id < $4
   ORDER BY b.batch_id
   LIMIT $5)`;

const IN_INBOX = `${inboxRows('settled')} UNION ALL ${inboxRows('pending')} ORDER BY "batchId" LIMIT $5`;

const IN_SEGMENTS = `
  SELECT ${SEGMENT_COLUMNS}, first_id AS "firstId"
  FROM connector_hub.segments
  WHERE project = $1 AND pipeline = $2 AND state = 'kept' AND last_id > $3 AND first_id < $4
  ORDER BY first_id
  LIMIT $5`;
