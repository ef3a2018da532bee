import { isUtf8 } from 'node:buffer';
import { malformed } from './frames';

const LF = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Where the text of a body begins: behind a byte order mark, if there is one. */
export const startOfText = (body: Uint8Array): number =>
  BYTE_ORDER_MARK.every((byte, at) => body[at] === byte) ? BYTE_ORDER_MARK.length : 0;

/** Throws BadRequest `events.malformed` that names the first line which is not UTF-8. `from`: where the text begins. */
export function expectUtf8(body: Buffer, from: number): void {
  if (!isUtf8(body)) throw malformed(`Line ${lineOfBadText(body, from)} is not valid UTF-8. Nothing was taken.`);
}

/** The number, from 1, of the line that holds the byte at `at`; lines end with a line feed. */
export function lineAt(body: Buffer, at: number): number {
  let line = 1;
  for (let lineFeed = body.indexOf(LF); lineFeed >= 0 && lineFeed < at; lineFeed = body.indexOf(LF, lineFeed + 1)) {
    line += 1;
  }
  return line;
}

/** A line feed is a whole character in UTF-8, so a text is valid exactly when each of its lines is. */
function lineOfBadText(body: Buffer, from: number): number {
  let line = 0;
  for (let start = from; start < body.length;) {
    line += 1;
    const lineFeed = body.indexOf(LF, start);
    const end = lineFeed < 0 ? body.length : lineFeed;
    if (!isUtf8(body.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}
