import { csvFields } from '#libs/framing/csv';
import { frame } from '#libs/framing/framing';
import { RecordPart } from '../source-reader';
import { FileRow } from './file-slice';

/** Where a record came from, and the member of it that is to say so. */
export interface Place {
  readonly member: string;
  readonly file: string;
}

/** Rows that are JSON texts, those that are objects with where they came from; the rest of a text stays as it is. */
export function withPlaces(rows: readonly FileRow[], place: Place | undefined): Buffer[] {
  if (!place) return rows.map(({ text }) => text);
  return rows.map(({ row, text }) => {
    const opening = /^\s*\{\s*/.exec(text.toString('latin1', 0, OPENING_MAX))?.[0];
    if (opening === undefined) return text;
    const rest = text.subarray(opening.length);
    return Buffer.concat([Buffer.from(`{${placeMember(place, row)}${rest[0] === CLOSE_OBJECT ? '' : ','}`), rest]);
  });
}

/** Lines as they are, be they JSON or not. */
export const linesPart = (lines: readonly Buffer[]): RecordPart[] => textPart('ndjson', lines);

/** Rows as they are, below their header. */
export const csvPart = (header: Buffer, rows: readonly FileRow[]): RecordPart[] =>
  rows.length === 0 ? [] : textPart('csv', [header, ...rows.map(({ text }) => text)]);

/** Rows as JSON objects of texts. One that is not of the header's form says so, and holds nobody up. */
export function csvObjects(
  rows: readonly FileRow[],
  { columns, delimiter, place }: { columns: readonly string[]; delimiter: number; place?: Place },
): Buffer[] {
  return rows.map(({ row, text }) => {
    const fields = csvFields(text, delimiter);
    const isFitting = Array.isArray(fields) && fields.length === columns.length;
    const members = isFitting
      ? columns.map((column, at) => `${JSON.stringify(column)}:${JSON.stringify(fields[at])}`)
      : [`"problem":${JSON.stringify(problemOf(fields, columns))}`, `"text":${JSON.stringify(text.toString())}`];
    return Buffer.from(`{${[...(place ? [placeMember(place, row)] : []), ...members].join(',')}}`);
  });
}

/** As far is an opening bracket looked for, with the white space around it. Bytes. */
const OPENING_MAX = 64;
const CLOSE_OBJECT = 0x7d;
const NEW_LINE = Buffer.from('\n');

const placeMember = ({ member, file }: Place, row: number): string =>
  `${JSON.stringify(member)}:${JSON.stringify({ file, row })}`;

const problemOf = (fields: ReturnType<typeof csvFields>, columns: readonly string[]): string =>
  Array.isArray(fields) ? `has ${fields.length} fields; the header names ${columns.length}` : fields.reason;

function textPart(format: 'csv' | 'ndjson', texts: readonly Buffer[]): RecordPart[] {
  if (texts.length === 0) return [];
  const payload = Buffer.concat(texts.flatMap((text) => [text, NEW_LINE]));
  return [{ format, payload, count: frame(payload, format).count }];
}
