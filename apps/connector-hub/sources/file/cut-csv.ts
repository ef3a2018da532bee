import { Cut, Cutter, RowPlace, RowProblem } from './cut-slices';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Rows of RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes; an empty row is blank. */
export function csvCutter(delimiter: number): Cutter {
  return {
    isJson: false,
    cut(text, row, isLast): Cut {
      const places: RowPlace[] = [];
      let start = 0;
      while (start < text.length) {
        const found = rowEnd(text, start, { delimiter, row: row + places.length, isLast });
        if (found === undefined) break;
        const end = found > start && text[found - 1] === CR ? found - 1 : found;
        places.push({ start, end });
        start = Math.min(found + 1, text.length);
      }
      return { places, consumed: start };
    },
  };
}

/** Where the row that begins at `start` ends; undefined when that is not told by what is there. */
function rowEnd(
  text: Buffer,
  start: number,
  { delimiter, row, isLast }: { readonly delimiter: number; readonly row: number; readonly isLast: boolean },
): number | undefined {
  for (let at = start; ;) {
    if (text[at] === QUOTE) {
      const close = closingQuote(text, at, isLast);
      if (close === undefined) {
        if (isLast) throw new RowProblem(`row ${row} opens a quote that does not close`);
        return undefined;
      }
      at = close + 1;
      if (text[at] === CR && (text[at + 1] === LF || at + 1 === text.length)) at += 1;
      if (at < text.length && text[at] !== LF && text[at] !== delimiter) {
        throw new RowProblem(`in row ${row}, text stands behind a closing quote; a quote in a quoted field is ""`);
      }
    } else {
      while (at < text.length && text[at] !== delimiter && text[at] !== LF) at += 1;
    }
    if (at >= text.length) return isLast ? text.length : undefined;
    if (text[at] === LF) return at;
    at += 1; // the delimiter
  }
}

/** The quote that closes the field which opens at `open`. One at the end of what is there may be half of two. */
function closingQuote(text: Buffer, open: number, isLast: boolean): number | undefined {
  for (let at = open + 1; ;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0 || (quote === text.length - 1 && !isLast)) return undefined;
    if (text[quote + 1] !== QUOTE) return quote;
    at = quote + 2;
  }
}
