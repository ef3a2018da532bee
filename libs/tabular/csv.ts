import { Cell } from '#libs/contracts/query-plan';
import { Table } from './table';

/** What spreadsheets take for the beginning of a formula (rule 30). */
const FORMULA = /^[=+\-@\t\0\r]/;
const QUOTED = /[",\r\n]/;

/**
 * CSV as RFC 4180 has it: CRLF, quotes doubled, a header line. A text that a spreadsheet would take for a formula begins
 * with an apostrophe; numbers stay numbers. Null is an empty cell, an empty text is `""`.
 */
export async function* csvOf({ columns, parts }: Table): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => textCell(name)).join(',')}\r\n`;
  for await (const rows of parts) yield rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return textCell(typeof cell === 'string' ? cell : JSON.stringify(cell));
}

function textCell(text: string): string {
  const harmless = FORMULA.test(text) && !isNumber(text) ? `'${text}` : text;
  return harmless === '' || QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** An int that JSON could not carry is a text of its digits, and begins no formula. */
const isNumber = (text: string): boolean => /^-?\d+$/.test(text);
