import { csvFields, frameCsv } from '#libs/framing/csv';
import { BodyPart, cutCsv, cutXml } from '#libs/framing/cut';
import { frame } from '#libs/framing/framing';
import { startOfText } from '#libs/framing/text';
import { frameXml } from '#libs/framing/xml';
import { xmlValue } from '#libs/framing/xml-value';
import { RECORD_PART_MAX_BYTES } from '../record-parts';
import { NO_RECORDS, PageRecords } from './page-records';

/** One record a line; a line that is no JSON goes on as it is, and the normalizer keeps it with its reason. */
export function readLines(body: Buffer): PageRecords {
  if (isBlank(body)) return NO_RECORDS;
  const { count, starts, ends } = frame(body, 'ndjson');
  const line = (at: number): string => body.toString('utf8', starts[at], ends[at]);
  return {
    parts: [{ format: 'ndjson', payload: body, count }],
    count,
    values: function* () {
      for (let at = 0; at < count; at += 1) yield* readable(() => JSON.parse(line(at)) as unknown);
    },
  };
}

/** One record a row below a header row. */
export function readCsvPage(body: Buffer): PageRecords {
  if (isBlank(body)) return NO_RECORDS;
  const parts = cutCsv(body, RECORD_PART_MAX_BYTES);
  return {
    ...counted(parts, 'csv'),
    values: function* () {
      const { columns, rows } = frameCsv(body, startOfText(body), true);
      for (let at = 0; at < rows.count; at += 1) {
        const fields = csvFields(body.subarray(rows.starts[at], rows.ends[at]));
        if (Array.isArray(fields)) yield Object.fromEntries(columns.map((name, column) => [name, fields[column]]));
      }
    },
  };
}

/** The elements at a path. */
export function readXmlPage(body: Buffer, path: string | undefined): PageRecords {
  const parts = cutXml(body, path, RECORD_PART_MAX_BYTES);
  return {
    ...counted(parts, 'xml'),
    values: function* () {
      const { count, starts, ends } = frameXml(body, startOfText(body), path, true);
      for (let at = 0; at < count; at += 1) yield* readable(() => xmlValue(body.subarray(starts[at], ends[at])));
    },
  };
}

const counted = (parts: readonly BodyPart[], format: 'csv' | 'xml'): Pick<PageRecords, 'parts' | 'count'> => ({
  parts: parts.map((part) => ({ ...part, format })),
  count: parts.reduce((sum, { count }) => sum + count, 0),
});

/** What cannot be read has no cursor; the normalizer keeps it with its reason. */
function* readable(read: () => unknown): Generator<unknown> {
  try {
    yield read();
  } catch {
    return;
  }
}

const isBlank = (body: Buffer): boolean => body.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
