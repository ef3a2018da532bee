import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RecentBatches, RecentBatchIds } from '#libs/contracts/rows-difference';
import { SegmentRow, segmentOf, Segments, SEGMENT_COLUMNS } from '../archive/segments';

const BATCHES_MAX = 200;
/** A segment holds up to 5,000 batches: the newest few are enough, unless their batches are very small. */
const SEGMENTS_MAX = 4;

interface Recent {
  readonly batchId: string;
  readonly count: number;
}

/** The newest raw batches of a pipeline, from inbox and segments alike. */
@Injectable()
export class RecentHistory {
  constructor(
    private readonly database: DataSource,
    private readonly segments: Segments,
  ) {}

  /** See `ConnectorHubContract.recentBatches`. */
  async of({ project, pipeline, records }: RecentBatches): Promise<RecentBatchIds> {
    const inbox = await this.database.query<Recent[]>(IN_INBOX, [project, pipeline, BATCHES_MAX]);
    const enough = inbox.reduce((sum, { count }) => sum + count, 0) >= records;
    const archived = enough ? [] : await this.archived(project, pipeline);
    const newest = [...new Map([...archived, ...inbox].map((one) => [one.batchId, one])).values()]
      .sort((a, b) => (a.batchId < b.batchId ? 1 : -1))
      .slice(0, BATCHES_MAX);
    let sum = 0;
    const end = newest.findIndex(({ count }) => (sum += count) >= records);
    return { batchIds: (end < 0 ? newest : newest.slice(0, end + 1)).map(({ batchId }) => batchId) };
  }

  private async archived(project: string, pipeline: string): Promise<Recent[]> {
    const rows = await this.database.query<SegmentRow[]>(IN_SEGMENTS, [project, pipeline, SEGMENTS_MAX]);
    const found: Recent[] = [];
    for (const row of rows) {
      for (const [batchId, entry] of await this.segments.entries(segmentOf(row))) {
        found.push({ batchId, count: Number(entry.row.count) });
      }
    }
    return found;
  }
}

const IN_INBOX = `
  SELECT b.batch_id AS "batchId", b.count
  FROM connector_hub.batches b
  LEFT JOIN connector_hub.segments s ON s.segment_id = b.segment_id AND s.state = 'kept'
  WHERE b.project = $1 AND b.pipeline = $2 AND b.status = 'settled' AND (b.payload IS NOT NULL OR s.segment_id IS NOT NULL)
  ORDER BY b.batch_id DESC
  LIMIT $3`;

const IN_SEGMENTS = `
  SELECT ${SEGMENT_COLUMNS}
  FROM connector_hub.segments
  WHERE project = $1 AND pipeline = $2 AND state = 'kept'
  ORDER BY first_id DESC
  LIMIT $3`;
