import { ObjectBody, tooLarge } from './object-store';

/** The pieces of a body; throws PayloadTooLarge `object.too_large` at the piece that goes over `maxBytes`. */
export async function* piecesOf(key: string, body: ObjectBody, maxBytes = Infinity): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body instanceof Uint8Array ? [body] : body) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw tooLarge(key, maxBytes);
    yield piece;
  }
}

/** The same bytes in parts of `size`; the last may be shorter, and there is at least one. */
export async function* partsOf(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let given = false;
  for await (let piece of pieces) {
    while (bytes + piece.byteLength > size) {
      const taken = size - bytes;
      yield Buffer.concat([...held, piece.subarray(0, taken)], size);
      given = true;
      piece = piece.subarray(taken);
      held = [];
      bytes = 0;
    }
    held.push(piece);
    bytes += piece.byteLength;
  }
  if (bytes > 0 || !given) yield Buffer.concat(held, bytes);
}
