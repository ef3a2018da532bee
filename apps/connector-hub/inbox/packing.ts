import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';

/** How a payload lies in the inbox. */
export type Encoding = 'deflate-raw' | 'identity';

export interface Packed {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

/** Below this, packing costs more than it saves. */
const PACK_MIN_BYTES = 512;
/** Up to this a payload is packed where it is: 0.1 to 3 ms, where the way to a thread and back costs as much. */
const PACK_HERE_MAX_BYTES = 192 * 1024;
/** At once as much of the output as there may be: each part is another way to a thread. */
const PART_BYTES = 256 * 1024;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Compresses fast rather than small, what is large off the event loop; what does not shrink stays as it is. */
export async function pack(payload: Uint8Array): Promise<Packed> {
  if (payload.byteLength < PACK_MIN_BYTES) return { encoding: 'identity', bytes: payload };
  const level = constants.Z_BEST_SPEED;
  const bytes =
    payload.byteLength <= PACK_HERE_MAX_BYTES
      ? deflateRawSync(payload, { level })
      : await deflate(payload, { level, chunkSize: PART_BYTES });
  return bytes.byteLength < payload.byteLength
    ? { encoding: 'deflate-raw', bytes }
    : { encoding: 'identity', bytes: payload };
}

/** The payload again; `size` is how many bytes it has, and no more are inflated. */
export async function unpack({ encoding, bytes }: Packed, size: number): Promise<Uint8Array> {
  return encoding === 'identity' ? bytes : inflate(bytes, { maxOutputLength: size });
}
