import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';

/** How a payload lies in the inbox. */
export type Encoding = 'deflate-raw' | 'identity';

export interface Packed {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

/** Below this, packing costs more than it saves. */
const PACK_MIN_BYTES = 512;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Compresses fast rather than small, off the event loop; what does not shrink stays as it is. */
export async function pack(payload: Uint8Array): Promise<Packed> {
  if (payload.byteLength < PACK_MIN_BYTES) return { encoding: 'identity', bytes: payload };
  const bytes = await deflate(payload, { level: constants.Z_BEST_SPEED });
  return bytes.byteLength < payload.byteLength
    ? { encoding: 'deflate-raw', bytes }
    : { encoding: 'identity', bytes: payload };
}

/** The payload again; `size` is how many bytes it has, and no more are inflated. */
export async function unpack({ encoding, bytes }: Packed, size: number): Promise<Uint8Array> {
  return encoding === 'identity' ? bytes : inflate(bytes, { maxOutputLength: size });
}
