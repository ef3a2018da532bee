import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { ObjectStore } from '#libs/objects/object-store';
import { Encoding, unpack } from '../inbox/packing';
import { corrupt, IndexPlace, readIndex, SegmentEntry } from './segment-format';

const MIB = 2 ** 20;
/** Indexes that stay in memory; each is a few hundred bytes a batch. */
const INDEXES_MAX = 16;
export const INDEX_MAX_BYTES = 32 * MIB;
const PAYLOAD_MAX_BYTES = 256 * MIB;

/** A segment that is kept in the object store. */
export interface Segment {
  readonly segmentId: string;
  readonly objectKey: string;
  readonly index: IndexPlace;
}

export interface FoundBatch {
  readonly segment: Segment;
  readonly entry: SegmentEntry;
}

/** Raw batches that left the inbox for the object store. */
@Injectable()
export class Segments {
  private readonly indexes = new Map<string, Promise<ReadonlyMap<string, SegmentEntry>>>();

  constructor(
    private readonly database: DataSource,
    private readonly objects: ObjectStore,
  ) {}

  /** The batch's entry; undefined when no segment that is kept holds it. */
  async find(batchId: string): Promise<FoundBatch | undefined> {
    const candidates = await this.database.query<SegmentRow[]>(CANDIDATES, [batchId]);
    for (const row of candidates) {
      const segment = segmentOf(row);
      const entry = (await this.entries(segment)).get(batchId);
      if (entry) return { segment, entry };
    }
    return undefined;
  }

  async byId(segmentId: string): Promise<Segment | undefined> {
    const [row] = await this.database.query<SegmentRow[]>(BY_ID, [segmentId]);
    return row && segmentOf(row);
  }

  /** Whether the segment is kept and its object is there to be read. */
  async isThere(segmentId: string): Promise<boolean> {
    const segment = await this.byId(segmentId);
    return segment !== undefined && (await this.objects.head(segment.objectKey)) !== undefined;
  }

  /** What the segment holds, in the order of the batches' ids. */
  entries(segment: Segment): Promise<ReadonlyMap<string, SegmentEntry>> {
    const { segmentId } = segment;
    const known = this.indexes.get(segmentId);
    if (known) {
      this.indexes.delete(segmentId);
      this.indexes.set(segmentId, known);
      return known;
    }
    const read = this.readEntries(segment);
    this.indexes.set(segmentId, read);
    read.catch(() => this.indexes.delete(segmentId));
    const [oldest] = this.indexes.keys();
    if (this.indexes.size > INDEXES_MAX && oldest !== undefined) this.indexes.delete(oldest);
    return read;
  }

  /** The batch's raw bytes, checked against the digest that was taken when they were accepted. */
  async payload({ objectKey }: Segment, { offset, length, row }: SegmentEntry): Promise<Uint8Array> {
    const packed =
      length === 0
        ? new Uint8Array()
        : await this.objects.read(objectKey, {
            range: { start: offset, end: offset + length },
            maxBytes: PAYLOAD_MAX_BYTES,
          });
    const raw = await unpack({ encoding: row.encoding as Encoding, bytes: packed }, Number(row.bytes)); // as it was written
    const digest = createHash('sha256').update(raw).digest('hex');
    if (`\\x${digest}` !== row.sha256) throw corrupt(objectKey);
    return raw;
  }

  private async readEntries({ objectKey, index }: Segment): Promise<ReadonlyMap<string, SegmentEntry>> {
    const bytes = await this.objects.read(objectKey, {
      range: { start: index.offset, end: index.offset + index.bytes },
      maxBytes: INDEX_MAX_BYTES,
    });
    return new Map(readIndex(bytes, index, objectKey).map((entry) => [entry.batchId, entry]));
  }
}

export interface SegmentRow {
  readonly segmentId: string;
  readonly objectKey: string;
  readonly indexOffset: string;
  readonly indexBytes: number;
  readonly indexSha256: string;
}

export const segmentOf = ({ segmentId, objectKey, indexOffset, indexBytes, indexSha256 }: SegmentRow): Segment => ({
  segmentId,
  objectKey,
  index: { offset: Number(indexOffset), bytes: indexBytes, sha256: indexSha256 },
});

export const SEGMENT_COLUMNS = `segment_id AS "segmentId", object_key AS "objectKey", index_offset AS "indexOffset",
         index_bytes AS "indexBytes", encode(index_sha256, 'hex') AS "indexSha256"`;

/** A segment holds batches of one hour. */
const CANDIDATES = `
  SELECT ${SEGMENT_COLUMNS}
  FROM connector_hub.segments
  WHERE state = 'kept'
    AND hour = date_trunc('hour', connector_hub.time_of_id($1), 'UTC')
    AND first_id <= $1
    AND last_id >= $1`;

const BY_ID = `SELECT ${SEGMENT_COLUMNS} FROM connector_hub.segments WHERE segment_id = $1 AND state = 'kept'`;
