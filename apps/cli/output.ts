import { stringify } from 'yaml';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Rows for people: cells are shown as they print, numbers to the right. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Data goes to stdout and nothing else does. */
export function print(format: OutputFormat, data: unknown, table: (() => string) | Table): void {
  if (format === 'json') return write(JSON.stringify(data, undefined, 2));
  if (format === 'yaml') return write(stringify(data).trimEnd());
  write(typeof table === 'function' ? table() : formatTable(table));
}

/** Progress and remarks go to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function formatTable({ columns, rows }: Table): string {
  const cells = rows.map((row) => row.map(cell));
  const widths = columns.map((column, at) => Math.max(width(column), ...cells.map((row) => width(row[at] ?? ''))));
  const right = columns.map((_, at) => rows.length > 0 && rows.every((row) => isNumeric(row[at])));
  const line = (row: readonly string[]): string =>
    row
      .map((text, at) => pad(text, widths[at] ?? 0, right[at] ?? false))
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((size) => '─'.repeat(size))), ...cells.map(line)].join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));
  return JSON.stringify(value);
}

const isNumeric = (value: unknown): boolean => value === null || value === undefined || typeof value === 'number';
const width = (text: string): number => [...text].length;
const pad = (text: string, size: number, right: boolean): string => {
  const gap = ' '.repeat(Math.max(0, size - width(text)));
  return right ? gap + text : text + gap;
};

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
