import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SLICE_BYTES } from './file-slice';

export interface FileContent {
  readonly path: string;
  /** What is behind these bytes was not there when the file was found. */
  readonly bytes: number;
  readonly gzip: boolean;
}

/** The bytes of a file from one of them on, inflated. A file that breaks off inside its gzip is an error. */
export async function* bytesOf({ path, bytes, gzip }: FileContent, from = 0): AsyncGenerator<Buffer> {
  if (!gzip) {
    if (from < bytes) yield* read(path, from, bytes);
    return;
  }
  const inflated = createGunzip({ chunkSize: SLICE_BYTES });
  // An error of either ends the other, and is thrown to whoever reads.
  pipeline(createReadStream(path, { end: bytes - 1 }), inflated, () => undefined);
  let skip = from;
  for await (const chunk of inflated) {
    const piece = chunk as Buffer; // what zlib gives
    if (skip < piece.length) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

/** What tells the first `bytes` of a file from others, and the last of them. */
export async function prefixOf(path: string, bytes: number): Promise<{ digest: string; last: number | undefined }> {
  const hash = createHash('sha256');
  let last: number | undefined;
  if (bytes > 0) {
    for await (const chunk of read(path, 0, bytes)) {
      hash.update(chunk);
      last = chunk.at(-1);
    }
  }
  return { digest: hash.digest('base64url').slice(0, 22), last };
}

const read = (path: string, start: number, end: number): AsyncIterable<Buffer> =>
  createReadStream(path, { start, end: end - 1, highWaterMark: SLICE_BYTES });
