import { FrameList, Frames, malformed, RECORD_MAX_BYTES } from './frames';
import { expectUtf8, lineAt } from './text';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLUMNS_MAX = 2_000;

export interface CsvFrames {
  /** The names in the header row, in its order; each of them once. */
  readonly columns: readonly string[];
  /** Where the header row lies. */
  readonly header: { readonly start: number; readonly end: number };
  readonly rows: Frames;
}

/**
 * Frames CSV (RFC 4180): a header row, then one record a row, LF or CRLF, the last line end optional, empty lines
 * skipped. Quoted fields may hold commas, line ends and doubled quotes. A row with more or fewer fields than the header
 * is a record all the same. `from` is where the text begins (behind a byte order mark). `mayBeEmpty`: a header row alone
 * is a body without records, and no error.
 */
export function frameCsv(body: Buffer, from: number, mayBeEmpty = false): CsvFrames {
  expectUtf8(body, from);
  const frames = new FrameList();
  let header: CsvFrames['header'] | undefined;
  let columns: readonly string[] = [];
  let nextQuote = body.indexOf(QUOTE, from);
  for (let start = from; start < body.length;) {
    const lineFeed = body.indexOf(LF, start);
    const lineEnd = lineFeed < 0 ? body.length : lineFeed;
    if (nextQuote >= 0 && nextQuote < start) nextQuote = body.indexOf(QUOTE, start);
    const rowEnd = nextQuote < 0 || nextQuote > lineEnd ? lineEnd : endOfRow(body, start);
    const end = rowEnd > start && body[rowEnd - 1] === CR ? rowEnd - 1 : rowEnd;
    if (end - start > RECORD_MAX_BYTES) {
      throw malformed(
        `Line ${lineAt(body, start)} has ${end - start} bytes; a record may have ${RECORD_MAX_BYTES}. Nothing was taken.`,
      );
    }
    if (end > start && header) frames.push(start, end);
    else if (end > start) {
      header = { start, end };
      columns = csvColumns(body.subarray(start, end));
    }
    start = rowEnd + 1;
  }
  if (!header) throw malformed('The body has no records: every line is empty.');
  if (frames.count === 0 && !mayBeEmpty) {
    throw malformed('The body has no records: nothing stands below the header row.');
  }
  return { columns, header, rows: frames.done() };
}

/** The fields of one row as texts, or why they cannot be told. `delimiter` is a byte, a comma when left out. */
export function csvFields(row: Buffer, delimiter = COMMA): string[] | { readonly reason: string } {
  const fields: string[] = [];
  const end = row.length;
  for (let at = 0; ;) {
    if (row[at] === QUOTE) {
      const close = closingQuote(row, at);
      fields.push(row.toString('utf8', at + 1, close).replaceAll('""', '"'));
      at = close + 1;
    } else {
      const comma = row.indexOf(delimiter, at);
      const close = comma < 0 ? end : comma;
      const field = row.toString('utf8', at, close);
      if (field.includes('"')) {
        return { reason: `field ${fields.length + 1} has a quote in it and does not begin with one` };
      }
      fields.push(field);
      at = close;
    }
    if (at >= end) return fields;
    at += 1; // the comma
  }
}

/** The place of the line feed, or the end of the body, that ends a row with quotes in it. */
function endOfRow(body: Buffer, start: number): number {
  for (let at = start; ;) {
    if (body[at] === QUOTE) {
      const close = closingQuote(body, at);
      if (close === body.length) {
        throw malformed(`Line ${lineAt(body, at)} opens a quote that does not close. Nothing was taken.`);
      }
      at = close + 1;
      if (body[at] === CR && (body[at + 1] === LF || at + 1 === body.length)) at += 1;
      if (at >= body.length || body[at] === LF) return at;
      if (body[at] !== COMMA) {
        throw malformed(
          `Line ${lineAt(body, at)}: behind a closing quote stands text. A quote inside a quoted field is written "". Nothing was taken.`,
        );
      }
    } else {
      while (at < body.length && body[at] !== COMMA && body[at] !== LF) at += 1;
      if (at === body.length || body[at] === LF) return at;
    }
    at += 1; // the comma
  }
}

/** The place of the quote that closes the field which opens at `open`, or the length. */
function closingQuote(text: Buffer, open: number): number {
  for (let at = open + 1; ;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0) return text.length;
    if (text[quote + 1] !== QUOTE) return quote;
    at = quote + 2;
  }
}

/** The names in a header row, each of them once. Throws BadRequest `events.malformed`. */
export function csvColumns(row: Buffer, delimiter = COMMA): readonly string[] {
  const fields = csvFields(row, delimiter);
  if (!Array.isArray(fields)) throw malformed(`The header row: ${fields.reason}. Nothing was taken.`);
  if (fields.length > COLUMNS_MAX) {
    throw malformed(`The header row names ${fields.length} columns; ${COLUMNS_MAX} are taken. Nothing was taken.`);
  }
  const names = new Set<string>();
  fields.forEach((name, at) => {
    if (name === '' || name === '__proto__') {
      throw malformed(`The header row: column ${at + 1} is called "${name}", which is no name. Nothing was taken.`);
    }
    if (names.has(name)) throw malformed(`The header row names the column "${name}" twice. Nothing was taken.`);
    names.add(name);
  });
  return fields;
}
