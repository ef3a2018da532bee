import { readFile } from 'node:fs/promises';
import { csvFields, frameCsv } from '#libs/framing/csv';
import { frame } from '#libs/framing/framing';
import { startOfText } from '#libs/framing/text';
import { ChartlyError } from '#libs/errors/errors';
import { CommandFailed } from './failure';

export const SAMPLE_FORMATS = ['json', 'ndjson', 'csv'] as const;
export type SampleFormat = (typeof SAMPLE_FORMATS)[number];

/** The records of a file, `-` for stdin, as pushing it would frame them. The format is that of its name when left out. */
export async function readSamples(file: string, format = formatOf(file)): Promise<unknown[]> {
  const body = await readFile(file === '-' ? '/dev/stdin' : file).catch(() => {
    throw new CommandFailed(`Cannot read ${file}.`);
  });
  try {
    return format === 'csv' ? csvRecords(body, file) : jsonRecords(body, format, file);
  } catch (thrown) {
    if (thrown instanceof ChartlyError) throw new CommandFailed(`${file}: ${thrown.message}`);
    throw thrown;
  }
}

function formatOf(file: string): SampleFormat {
  const format = SAMPLE_FORMATS.find((one) => file.endsWith(`.${one}`));
  if (format) return format;
  throw new CommandFailed(`What is in ${file}? Say it with --format: ${SAMPLE_FORMATS.join(', ')}.`, 2);
}

function jsonRecords(body: Buffer, format: 'json' | 'ndjson', file: string): unknown[] {
  const { count, starts, ends } = frame(body, format);
  return Array.from({ length: count }, (_, at): unknown => {
    try {
      return JSON.parse(body.toString('utf8', starts[at], ends[at]));
    } catch {
      throw new CommandFailed(`${file}: record ${at} is not JSON.`);
    }
  });
}

/** As the normalizer reads them: every value is a text. */
function csvRecords(body: Buffer, file: string): unknown[] {
  const { columns, rows } = frameCsv(body, startOfText(body));
  return Array.from({ length: rows.count }, (_, at) => {
    const fields = csvFields(body.subarray(rows.starts[at], rows.ends[at]));
    if (!Array.isArray(fields)) throw new CommandFailed(`${file}: row ${at}: ${fields.reason}.`);
    return Object.fromEntries(columns.map((name, column) => [name, fields[column] ?? null]));
  });
}
