import { isUtf8 } from 'node:buffer';
import { tooDeep } from '#libs/framing/depth';
import { DEPTH_MAX, RECORD_MAX_BYTES } from '#libs/framing/frames';
import { startOfText } from '#libs/framing/text';
import { recordTooLarge, withinLimit } from '../messages/message-record';
import { fileMalformed } from './file-errors';
import { FileOffset, FileRow, FileSlice } from './file-slice';

/** Where a row lies; one without bytes is blank, has a number, and is no record. */
export interface RowPlace {
  readonly start: number;
  readonly end: number;
}

/** What of a text is whole rows, and how far that goes; what is behind comes again with the rest of it. */
export interface Cut {
  readonly places: readonly RowPlace[];
  readonly consumed: number;
}

/** Finds the rows of a text that comes in pieces. */
export interface Cutter {
  /** Rows are JSON, whose depth has a limit. */
  readonly isJson: boolean;
  /**
   * `row` is the number of the first row of the text, `isLast` that nothing comes behind it. Throws a
   * {@link RowProblem} where the structure is broken.
   */
  cut(text: Buffer, row: number, isLast: boolean): Cut;
}

/** What is wrong with the structure of a file, as it goes on behind "it cannot be read further:". */
export class RowProblem extends Error {}

/** A byte order mark has as many, and may be parted. */
const MARK_BYTES = 3;

interface CutOptions {
  readonly from: FileOffset;
  /** The file, for errors. */
  readonly name: string;
}

/**
 * The rows of a text, a piece at a time; memory does not grow with it. Throws Unprocessable `pull.file_malformed` and
 * `pull.record_too_large`, naming the row.
 */
export async function* slicesOf(
  pieces: AsyncIterable<Buffer>,
  cutter: Cutter,
  { from, name }: CutOptions,
): AsyncGenerator<FileSlice> {
  let reached = from;
  let text: Buffer = Buffer.alloc(0);
  const slice = (isLast: boolean): FileSlice => {
    const { places, consumed } = cutOf(cutter, text, { row: reached.rows + 1, isLast, name });
    const first = reached.rows + 1;
    const rows = places.flatMap(({ start, end }, at) =>
      start === end ? [] : [checked({ row: first + at, text: text.subarray(start, end) }, name, cutter.isJson)],
    );
    text = text.subarray(consumed);
    reached = { rows: reached.rows + places.length, bytes: reached.bytes + consumed };
    return { rows, reached };
  };
  for await (const piece of pieces) {
    text = text.length === 0 ? piece : Buffer.concat([text, piece]);
    if (reached.bytes === 0) {
      if (text.length < MARK_BYTES) continue;
      const mark = startOfText(text);
      text = text.subarray(mark);
      reached = { ...reached, bytes: mark };
    }
    yield slice(false);
    if (text.length > RECORD_MAX_BYTES) throw recordTooLarge(`over ${RECORD_MAX_BYTES}`, rowOf(reached.rows + 1, name));
  }
  yield slice(true);
}

function cutOf(
  cutter: Cutter,
  text: Buffer,
  { row, isLast, name }: { readonly row: number; readonly isLast: boolean; readonly name: string },
): Cut {
  try {
    return cutter.cut(text, row, isLast);
  } catch (thrown) {
    throw thrown instanceof RowProblem ? fileMalformed(name, thrown.message) : thrown;
  }
}

function checked(row: FileRow, name: string, isJson: boolean): FileRow {
  withinLimit(row.text, rowOf(row.row, name));
  if (!isUtf8(row.text)) throw fileMalformed(name, `row ${row.row} is not UTF-8`);
  if (isJson && tooDeep(row.text, 0, row.text.length)) {
    throw fileMalformed(name, `row ${row.row} nests deeper than ${DEPTH_MAX} levels`);
  }
  return row;
}

const rowOf = (row: number, name: string): string => `Row ${row} of "${name}"`;
