import { tooDeep } from './depth';
import { DEPTH_MAX, FrameList, Frames, malformed, RECORD_MAX_BYTES } from './frames';
import { expectUtf8 } from './text';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Frames NDJSON: one record a line, LF or CRLF, the last line end optional, blank lines skipped. A line that is not
 * JSON is a record all the same. `from` is where the text begins (behind a byte order mark).
 */
export function frameLines(body: Buffer, from: number): Frames {
  expectUtf8(body, from);
  const frames = new FrameList();
  let line = 0;
  for (let start = from; start < body.length;) {
    line += 1;
    const lineFeed = body.indexOf(LF, start);
    const lineEnd = lineFeed < 0 ? body.length : lineFeed;
    const end = lineEnd > start && body[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end - start > RECORD_MAX_BYTES) {
      throw malformed(
        `Line ${line} has ${end - start} bytes; a record may have ${RECORD_MAX_BYTES}. Nothing was taken.`,
      );
    }
    if (!isBlank(body, start, end)) {
      if (tooDeep(body, start, end)) {
        throw malformed(`Line ${line} nests deeper than ${DEPTH_MAX} levels. Nothing was taken.`);
      }
      frames.push(start, end);
    }
    start = lineEnd + 1;
  }
  if (frames.count === 0) throw malformed('The body has no records: every line is blank.');
  return frames.done();
}

function isBlank(body: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = body[at];
    if (byte !== SPACE && byte !== TAB && byte !== CR) return false;
  }
  return true;
}
