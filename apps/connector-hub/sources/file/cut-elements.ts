import { endOfString } from '#libs/framing/depth';
import { DEPTH_MAX } from '#libs/framing/frames';
import { Cut, Cutter, RowPlace, RowProblem } from './cut-slices';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What comes next: the file's beginning, the first element, an element, what parts two, or nothing more. */
type Next = 'text' | 'first' | 'element' | 'comma' | 'end';

/**
 * The elements of one list, or the one object that a file is. Only the structure is read, as `frameJson` does it; a list
 * that does not close is an error. `from` is where a text begins: at the beginning, or right behind an element.
 */
export class ElementsCutter implements Cutter {
  readonly isJson = true;

  constructor(private from: 'text' | 'comma') {}

  cut(text: Buffer, row: number, isLast: boolean): Cut {
    const places: RowPlace[] = [];
    let next: Next = this.from;
    for (let at = spaceEnd(text, 0); at < text.length; at = spaceEnd(text, at)) {
      const step = stepAt(text, at, { next, row: row + places.length, isLast });
      if (!step) break;
      if (step.isElement) places.push({ start: at, end: step.end });
      ({ next, end: at } = step);
    }
    if (isLast && next !== 'end')
      throw new RowProblem(`its text breaks off in row ${row + places.length}, or before it`);
    const last = places.at(-1);
    if (isLast || !last) return { places, consumed: isLast ? text.length : 0 };
    this.from = 'comma'; // what parts two elements comes again with the next, so that a reading can go on from here
    return { places, consumed: last.end };
  }
}

interface Step {
  readonly end: number;
  readonly next: Next;
  readonly isElement?: boolean;
}

/** Reads what begins at `at`; undefined when where it ends is not told by what is there. */
function stepAt(
  text: Buffer,
  at: number,
  { next, row, isLast }: { readonly next: Next; readonly row: number; readonly isLast: boolean },
): Step | undefined {
  const byte = text[at];
  if (next === 'text' && byte === OPEN_OBJECT) return wholeObject(text, at, row, isLast);
  if (next === 'text' && byte === OPEN_LIST) return { end: at + 1, next: 'first' };
  if (next === 'first' && byte === CLOSE_LIST) return { end: at + 1, next: 'end' };
  if (next === 'comma' && byte === COMMA) return { end: at + 1, next: 'element' };
  if (next === 'comma' && byte === CLOSE_LIST) return { end: at + 1, next: 'end' };
  if (next !== 'first' && next !== 'element') throw unexpected(next, text, at, row);
  const end = valueEnd(text, at, row);
  if (end === at) throw unexpected(next, text, at, row);
  return end === undefined ? undefined : { end, next: 'comma', isElement: true };
}

/** The object is there once it is known that nothing stands behind it. */
function wholeObject(text: Buffer, at: number, row: number, isLast: boolean): Step | undefined {
  const end = valueEnd(text, at, row);
  if (end === undefined) return undefined;
  const behind = spaceEnd(text, end);
  if (behind < text.length) throw unexpected('end', text, behind, row);
  return isLast ? { end, next: 'end', isElement: true } : undefined;
}

const WANTED: Readonly<Record<Next, string>> = {
  text: 'a list or an object',
  first: 'an element or "]"',
  element: 'an element',
  comma: '"," or "]"',
  end: 'nothing',
};

function unexpected(next: Next, text: Buffer, at: number, row: number): RowProblem {
  const shown = JSON.stringify(text.toString('utf8', at, at + 1));
  const hint = next === 'end' && text[at] === OPEN_OBJECT ? '. One record a line is the format ndjson' : '';
  return new RowProblem(`where ${WANTED[next]} should stand, in row ${row} or before it, stands ${shown}${hint}`);
}

/** Where the value at `start` ends. What is no value at all has no bytes. */
function valueEnd(text: Buffer, start: number, row: number): number | undefined {
  const first = text[start];
  if (first === QUOTE) return stringEnd(text, start);
  if (first !== OPEN_LIST && first !== OPEN_OBJECT) return scalarEnd(text, start);
  const closers: number[] = [];
  for (let at = start; at < text.length; at += 1) {
    const byte = text[at]!; // at < length
    if (byte === QUOTE) {
      const end = stringEnd(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      closers.push(byte + 2); // `]` and `}` stand two behind their openers
      if (closers.length > DEPTH_MAX) throw new RowProblem(`row ${row} nests deeper than ${DEPTH_MAX} levels`);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (closers.pop() !== byte) throw new RowProblem(`in row ${row}, a bracket closes what another opened`);
      if (closers.length === 0) return at + 1;
    }
  }
  return undefined;
}

function stringEnd(text: Buffer, start: number): number | undefined {
  const end = endOfString(text, start + 1, text.length);
  return end >= text.length ? undefined : end + 1;
}

/** A scalar goes on to the next delimiter, which may still come. */
function scalarEnd(text: Buffer, start: number): number | undefined {
  let at = start;
  while (at < text.length && !isDelimiter(text[at]!)) at += 1; // at < length
  return at === text.length ? undefined : at;
}

function spaceEnd(text: Buffer, at: number): number {
  while (at < text.length && isSpace(text[at]!)) at += 1; // at < length
  return at;
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isDelimiter = (byte: number): boolean =>
  byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || byte === 0x3a || byte === QUOTE || isSpace(byte);
