import { frame } from '#libs/framing/framing';
import { HttpPull } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { find } from '../json-path';
import { jsonParts } from '../record-parts';
import { RecordPart } from '../source-reader';

export interface Page {
  readonly body: Buffer;
  readonly parts: readonly RecordPart[];
  readonly count: number;
  /** The newest cursor value among its records. Milliseconds since 1970. */
  readonly newest?: number;
  readonly nextUrl?: string;
  readonly etag?: string;
}

/** Reads a page. Throws Unprocessable `pull.page_malformed` for a body that is not what the source was said to give. */
export function readPage(source: HttpPull, body: Buffer, etag: string | undefined): Page {
  const { format = 'json', records: path } = source.http;
  if (format === 'ndjson') return readLines(source, body, etag);
  const document = parsed(body);
  const records = path === undefined ? [document].flat() : find(path, document);
  const next = source.paginate?.nextUrl ? find(source.paginate.nextUrl.path, document)[0] : undefined;
  return {
    body,
    parts: jsonParts(records),
    count: records.length,
    newest: newestOf(source, records),
    ...(typeof next === 'string' && next !== '' ? { nextUrl: next } : {}),
    etag,
  };
}

function readLines(source: HttpPull, body: Buffer, etag: string | undefined): Page {
  if (body.length === 0) return { body, parts: [], count: 0, etag };
  const { count, starts, ends } = frame(body, 'ndjson');
  const lines = Array.from({ length: count }, (_, at) => body.subarray(starts[at], ends[at]).toString('utf8'));
  const records = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return []; // it goes on as it is, and the normalizer keeps it with its reason
    }
  });
  return { body, parts: [{ format: 'ndjson', payload: body, count }], count, newest: newestOf(source, records), etag };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'it does not parse';
    throw new Unprocessable('pull.page_malformed', `The source gave a page that is not JSON: ${reason}.`);
  }
}

function newestOf({ cursor }: HttpPull, records: readonly unknown[]): number | undefined {
  if (!cursor) return undefined;
  let newest: number | undefined;
  for (const record of records) {
    const value = cursorValue(find(cursor.path, record)[0]);
    if (value !== undefined && (newest === undefined || value > newest)) newest = value;
  }
  return newest;
}

/** Numbers are epoch milliseconds, texts RFC 3339 times; a record without either does not move the cursor. */
function cursorValue(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
