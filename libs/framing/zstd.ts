import { Decompress } from 'fzstd';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** RFC 9659: what a content coding `zstd` may ask of its reader. */
const WINDOW_MAX = 8 * 2 ** 20;
const BLOCK_MAX = 128 * 2 ** 10;

/** Bytes that are no zstd, or none that a reader has to take. */
export class ZstdError extends Error {}

/** More bytes than the caller takes. */
export class ZstdTooLarge extends Error {}

/**
 * The content of zstd frames (RFC 8878) that ask for a window of no more than 8 MiB. Throws {@link ZstdError}, and
 * {@link ZstdTooLarge} as soon as the content passes `maxBytes`. Frame headers are checked before anything is inflated:
 * a window is memory that the sender chooses.
 */
export function unzstd(body: Buffer, maxBytes: number): Buffer {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (const frame of framesOf(body, maxBytes)) {
    const inflate = new Decompress((chunk) => {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ZstdTooLarge();
      chunks.push(Uint8Array.from(chunk));
    });
    try {
      inflate.push(frame, true);
    } catch (thrown) {
      if (thrown instanceof ZstdTooLarge) throw thrown;
      throw new ZstdError(thrown instanceof Error ? thrown.message : 'it does not inflate');
    }
  }
  return Buffer.concat(chunks);
}

/** The frames that hold content, by their headers and those of their blocks (RFC 8878 §3.1). */
function* framesOf(body: Buffer, maxBytes: number): Generator<Buffer> {
  let at = 0;
  let frames = 0;
  while (at < body.length) {
    const start = at;
    const magic = uint(body, at, 4);
    if (magic - (magic % 16) === SKIPPABLE) {
      at += 8 + uint(body, at + 4, 4);
      if (at > body.length) throw new ZstdError('it ends inside a frame');
      continue;
    }
    if (magic !== MAGIC) throw new ZstdError('it does not begin with the mark of a frame');
    const header = readHeader(body, at + 4);
    if (header.window > WINDOW_MAX)
      throw new ZstdError(`it asks for a window of ${header.window} bytes; 8 MiB is the most`);
    if (header.content !== undefined && header.content > maxBytes) throw new ZstdTooLarge();
    at = endOfBlocks(body, header.end) + (header.checksum ? 4 : 0);
    if (at > body.length) throw new ZstdError('it ends inside a frame');
    frames += 1;
    yield body.subarray(start, at);
  }
  if (frames === 0) throw new ZstdError('it has no frame');
}

interface Header {
  readonly end: number;
  readonly window: number;
  /** How many bytes the frame says it holds. */
  readonly content?: number;
  readonly checksum: boolean;
}

function readHeader(body: Buffer, at: number): Header {
  const descriptor = uint(body, at, 1);
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new ZstdError('a reserved bit of it is set');
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!; // two bits
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!; // two bits
  let place = at + 1;
  let window = 0;
  if (!single) {
    const byte = uint(body, place, 1);
    const base = 2 ** (10 + (byte >> 3));
    window = base + (base / 8) * (byte & 7);
    place += 1;
  }
  if (dictionaryBytes > 0 && uint(body, place, dictionaryBytes) !== 0) throw new ZstdError('it needs a dictionary');
  place += dictionaryBytes;
  const content = sizeBytes === 0 ? undefined : uint(body, place, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  return {
    end: place + sizeBytes,
    window: single ? (content ?? 0) : window,
    content,
    checksum: (descriptor & 0x04) !== 0,
  };
}

function endOfBlocks(body: Buffer, at: number): number {
  for (;;) {
    const block = uint(body, at, 3);
    const size = block >> 3;
    const kind = (block >> 1) & 3;
    if (kind === 3) throw new ZstdError('a block of it is of a reserved kind');
    if (size > BLOCK_MAX) throw new ZstdError('a block of it is too large');
    at += 3 + (kind === 1 ? 1 : size);
    if ((block & 1) === 1) return at;
  }
}

/** A little-endian number; over 2^53 it is only ever compared with a limit. */
function uint(body: Buffer, at: number, bytes: number): number {
  if (at + bytes > body.length) throw new ZstdError('it ends inside a frame');
  if (bytes <= 6) return body.readUIntLE(at, bytes);
  return body.readUInt32LE(at) + body.readUInt32LE(at + 4) * 2 ** 32;
}
