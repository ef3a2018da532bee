import { Unavailable } from '#libs/errors/errors';
import { asChartlyError, fromWire, toWire, WireError } from '#libs/errors/wire';
import { decode, encode } from './codec';

export const STREAM_CONTENT_TYPE = 'application/vnd.chartly.msgpack-stream';

/** A frame is its kind (one byte), the length of its body (four bytes, big-endian) and the body. */
const KIND = { item: 0, end: 1, error: 2 } as const;
const HEAD_BYTES = 5;
const FRAME_MAX_BYTES = 64 * 2 ** 20;

/** A stream's items as frames, closed by a frame that tells its end or its error. */
export async function* toFrames(
  items: AsyncIterable<object>,
  onError: (thrown: unknown) => unknown = asChartlyError,
): AsyncGenerator<Buffer> {
  try {
    for await (const item of items) yield frame(KIND.item, encode(item));
    yield frame(KIND.end, Buffer.alloc(0));
  } catch (thrown) {
    yield frame(KIND.error, encode(toWire(asChartlyError(onError(thrown)))));
  }
}

/** The items of such frames. Throws the stream's own error; Unavailable `service.broken_off` when no end was told. */
export async function* fromFrames(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<object> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    for (let size = frameSize(name, held); held.length >= size; size = frameSize(name, held)) {
      const body = held.subarray(HEAD_BYTES, size);
      const kind = held[0];
      held = held.subarray(size);
      if (kind === KIND.end) return;
      if (kind === KIND.error) throw fromWire(decode(body) as WireError); // only our own server speaks in frames
      yield decode(body) as object; // a contract's stream carries objects
    }
  }
  throw brokenOff(name);
}

/** The size of the frame that `held` begins with; more than it holds while the head is not there yet. */
function frameSize(name: string, held: Buffer): number {
  if (held.length < HEAD_BYTES) return HEAD_BYTES;
  const size = held.readUInt32BE(1);
  if (size > FRAME_MAX_BYTES) throw brokenOff(name);
  return HEAD_BYTES + size;
}

function frame(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

const brokenOff = (name: string): Unavailable =>
  new Unavailable('service.broken_off', `"${name}" broke off in the middle of its answer. Ask again.`);
