import { Cut, Cutter, RowPlace } from './cut-slices';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** One row a line, LF or CRLF, the last line end optional; a line of white space alone is blank. */
export const LINES: Cutter = {
  isJson: true,
  cut(text, _row, isLast): Cut {
    const places: RowPlace[] = [];
    let start = 0;
    while (start < text.length) {
      const lineFeed = text.indexOf(LF, start);
      if (lineFeed < 0 && !isLast) break;
      const lineEnd = lineFeed < 0 ? text.length : lineFeed;
      places.push(trimmed(text, start, lineEnd));
      start = lineFeed < 0 ? lineEnd : lineEnd + 1;
    }
    return { places, consumed: start };
  },
};

function trimmed(text: Buffer, start: number, end: number): RowPlace {
  const isSpace = (at: number): boolean => text[at] === SPACE || text[at] === TAB || text[at] === CR;
  let at = start;
  while (at < end && isSpace(at)) at += 1;
  if (at === end) return { start, end: start };
  return { start, end: text[end - 1] === CR ? end - 1 : end };
}
