/** Bytes that are no block. */
export class SnappyError extends Error {}

/** More bytes than the caller takes. */
export class SnappyTooLarge extends Error {}

const LENGTH_BYTES_MAX = 5;
const LITERAL = 0;

/**
 * The content of one snappy block (github.com/google/snappy, format_description.txt), as remote write sends it. Every
 * element of a block moves on by at least a byte, so the work is bounded by the block and its content. Throws
 * {@link SnappyTooLarge} when it says that it holds more than `maxBytes`, before anything is inflated, and
 * {@link SnappyError} for bytes that are no such block.
 */
export function unsnappy(block: Buffer, maxBytes: number): Buffer {
  const { length, behind } = lengthOf(block);
  if (length > maxBytes) throw new SnappyTooLarge();
  const content = Buffer.alloc(length);
  let to = 0;
  for (let at = behind; at < block.length;) {
    const tag = block[at]!; // at < length
    const element = (tag & 3) === LITERAL ? literalAt(block, at) : copyAt(block, at);
    if (element.bytes > length - to) throw new SnappyError('it holds more than it says');
    if (element.offset === undefined) {
      if (element.next > block.length) throw new SnappyError('it ends inside a literal');
      block.copy(content, to, element.next - element.bytes, element.next);
    } else {
      repeat(content, to, element.offset, element.bytes);
    }
    to += element.bytes;
    at = element.next;
  }
  if (to < length) throw new SnappyError('it holds less than it says');
  return content;
}

/** What an element gives, and where the next one begins: bytes that stand before `next`, or bytes that were given before. */
interface Element {
  readonly bytes: number;
  readonly next: number;
  /** How far behind the end of the content the bytes of a copy begin. */
  readonly offset?: number;
}

function literalAt(block: Buffer, at: number): Element {
  const written = block[at]! >> 2; // the caller has seen this byte
  const extra = written < 60 ? 0 : written - 59;
  const bytes = (extra === 0 ? written : uint(block, at + 1, extra)) + 1;
  return { bytes, next: at + 1 + extra + bytes };
}

function copyAt(block: Buffer, at: number): Element {
  const tag = block[at]!; // the caller has seen this byte
  if ((tag & 3) === 1) {
    return { bytes: ((tag >> 2) & 7) + 4, next: at + 2, offset: ((tag >> 5) << 8) + uint(block, at + 1, 1) };
  }
  const width = (tag & 3) === 2 ? 2 : 4;
  return { bytes: (tag >> 2) + 1, next: at + 1 + width, offset: uint(block, at + 1, width) };
}

/** A copy may reach into what it is just giving: then its bytes repeat. */
function repeat(content: Buffer, to: number, offset: number, bytes: number): void {
  if (offset === 0 || offset > to) throw new SnappyError('it repeats what was not there');
  for (let at = 0; at < bytes; at += 1) content[to + at] = content[to + at - offset]!; // offset <= to
}

function uint(block: Buffer, at: number, bytes: number): number {
  if (at + bytes > block.length) throw new SnappyError('it ends inside an element');
  return block.readUIntLE(at, bytes);
}

/** A block begins with its content's length: seven bits a byte, the lowest first, and a bit for "more". */
function lengthOf(block: Buffer): { readonly length: number; readonly behind: number } {
  let length = 0;
  for (let at = 0; at < LENGTH_BYTES_MAX; at += 1) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, behind: at + 1 };
  }
  throw new SnappyError('its length does not end');
}
