import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Internal } from '#libs/errors/errors';

/**
 * A segment is one object: the payloads of its batches, as they lay in the inbox, one behind the other; then the index,
 * gzipped JSON with one entry a batch; then a footer that says where the index begins, how long it is, and its SHA-256.
 * So an object tells what it holds without the database.
 */
export interface SegmentEntry {
  readonly batchId: string;
  /** Where the payload lies in the object, and how long it is there. Unit: bytes. */
  readonly offset: number;
  readonly length: number;
  /** The batch's whole row in the inbox but for its payload, column by column, as Postgres writes it in JSON. */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface IndexPlace {
  readonly offset: number;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

const MAGIC = 'CHARTLY-SEGMENT1';

/** What stands behind the payloads, which end at `offset`. */
export function sealSegment(
  entries: readonly SegmentEntry[],
  offset: number,
): { readonly tail: Buffer; readonly index: IndexPlace } {
  const packed = gzipSync(JSON.stringify(entries));
  const digest = createHash('sha256').update(packed).digest();
  const place = Buffer.alloc(16);
  place.writeBigUInt64BE(BigInt(offset), 0);
  place.writeBigUInt64BE(BigInt(packed.byteLength), 8);
  return {
    tail: Buffer.concat([packed, place, digest, Buffer.from(MAGIC)]),
    index: { offset, bytes: packed.byteLength, sha256: digest.toString('hex') },
  };
}

/** Throws Internal `raw.corrupt` when the bytes are not those that were written. */
export function readIndex(bytes: Uint8Array, { sha256 }: IndexPlace, key: string): SegmentEntry[] {
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw corrupt(key);
  return JSON.parse(gunzipSync(bytes).toString()) as SegmentEntry[]; // its digest says that we wrote it
}

export const corrupt = (key: string): Internal =>
  new Internal('raw.corrupt', `The object "${key}" does not hold what was written to it.`);
