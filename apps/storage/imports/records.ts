import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { ImportFormat } from '#libs/contracts/imports';
import { BadRequest, ChartlyError, PayloadTooLarge } from '#libs/errors/errors';
import { csvFields, frameCsv } from '#libs/framing/csv';
import { asBuffer } from '#libs/framing/framing';
import { frameLines } from '#libs/framing/ndjson';
import { startOfText } from '#libs/framing/text';
import { parquetRows } from '#libs/tabular/parquet-rows';

/** What the rows of one import's body may unpack to: Parquet tells many of them in few bytes. Unit: characters of JSON. */
export const IMPORT_MAX_CHARACTERS = 128 * 2 ** 20;

/** A row of a file by the names of its columns; what is left out is null. */
export type FileRecord = Readonly<Record<string, unknown>>;

/**
 * The rows of a body, in their order. Throws BadRequest `import.malformed`, and PayloadTooLarge `import.too_large` for
 * Parquet whose rows are more than `maxCharacters` as JSON.
 */
export async function recordsOf(
  format: ImportFormat,
  body: Uint8Array,
  maxCharacters = Number.POSITIVE_INFINITY,
): Promise<FileRecord[]> {
  try {
    switch (format) {
      case 'ndjson':
        return ofLines(asBuffer(body));
      case 'csv':
        return ofCsv(asBuffer(body));
      case 'parquet':
        return await ofParquet(body, maxCharacters);
    }
  } catch (thrown) {
    if (thrown instanceof ChartlyError) throw thrown.code === 'events.malformed' ? malformed(thrown.message) : thrown;
    throw thrown;
  }
}

function ofLines(body: Buffer): FileRecord[] {
  if (body.length === 0) throw malformed('The body is empty.');
  const { count, starts, ends } = frameLines(body, startOfText(body));
  return Array.from({ length: count }, (_, at) => recordOf(body.toString('utf8', starts[at], ends[at]), at));
}

function recordOf(text: string, at: number): FileRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(`Row ${at + 1} is not JSON. Nothing was stored.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as FileRecord; // just looked
  throw malformed(`Row ${at + 1} is not an object. Nothing was stored.`);
}

/** An empty field is null; a quoted empty one cannot be told from it, and is null too. */
function ofCsv(body: Buffer): FileRecord[] {
  if (body.length === 0) throw malformed('The body is empty.');
  const { columns, rows } = frameCsv(body, startOfText(body), true);
  return Array.from({ length: rows.count }, (_, at) => {
    const fields = csvFields(body.subarray(rows.starts[at], rows.ends[at]));
    if (!Array.isArray(fields)) throw malformed(`Row ${at + 1}: ${fields.reason}. Nothing was stored.`);
    if (fields.length !== columns.length) {
      throw malformed(
        `Row ${at + 1} has ${fields.length} fields, and the header ${columns.length}. Nothing was stored.`,
      );
    }
    return Object.fromEntries(columns.map((name, field) => [name, fields[field] === '' ? null : fields[field]]));
  });
}

/** The engine reads files alone. */
async function ofParquet(body: Uint8Array, maxCharacters: number): Promise<FileRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), 'chartly-import-'));
  const path = join(folder, 'rows.parquet');
  try {
    await writeFile(path, body);
    const records: FileRecord[] = [];
    let characters = 0;
    for await (const texts of parquetRows(path)) {
      for (const text of texts) {
        characters += text.length;
        if (characters > maxCharacters) throw tooLarge(maxCharacters);
        records.push(recordOf(text, records.length));
      }
    }
    return records;
  } catch (thrown) {
    if (thrown instanceof ChartlyError || !isNativeError(thrown) || 'errno' in thrown) throw thrown; // a full disk is ours
    const [first = ''] = thrown.message.replaceAll(path, 'the body').split('\n');
    throw malformed(`This is no Parquet file that can be read: ${first}. Nothing was stored.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const malformed = (sentence: string): BadRequest => new BadRequest('import.malformed', sentence);

const tooLarge = (maxCharacters: number): PayloadTooLarge =>
  new PayloadTooLarge(
    'import.too_large',
    `The rows of the file come to more than ${Math.floor(maxCharacters / 2 ** 20)} MiB as JSON. Cut it. Nothing was stored.`,
  );
