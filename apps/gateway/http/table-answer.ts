import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { ResultColumn } from '#libs/contracts/query-plan';
import { acceptedFormat, TABLE_FORMATS } from '#libs/tabular/formats';
import { jsonPieces } from '#libs/tabular/json';
import { chunksOf, Rows } from '#libs/tabular/table';

/** Of more rows than these the JSON is made piece by piece, so that other requests get their turn meanwhile. */
const AT_ONCE_MAX = 1_000;

/** Rows with what is known of them. */
interface Answer {
  readonly columns: readonly ResultColumn[];
  readonly rows: Rows;
  readonly truncated: boolean;
  readonly asOf: string;
  readonly servedBy?: string;
  readonly rowsScanned?: number;
}

/**
 * An answer in the format that the caller asked for: JSON with everything, or its rows alone as a stream of NDJSON, CSV or
 * Arrow, with what stands beside them in headers. Throws BadRequest `accept.unknown`.
 */
export async function tableAnswer<T extends Answer>(
  accept: string | undefined,
  reply: FastifyReply,
  ask: () => Promise<T>,
): Promise<T | StreamableFile> {
  const format = acceptedFormat(accept);
  const answer = await ask();
  void reply.header('vary', 'accept');
  if (format === 'json') return answer.rows.length > AT_ONCE_MAX && !needsTag(reply) ? inPieces(answer) : answer;
  const { type, write } = TABLE_FORMATS[format];
  void reply.headers({
    'chartly-as-of': answer.asOf,
    ...(answer.servedBy === undefined ? {} : { 'chartly-served-by': answer.servedBy }),
    ...(answer.rowsScanned === undefined ? {} : { 'chartly-rows-scanned': String(answer.rowsScanned) }),
    'chartly-truncated': String(answer.truncated),
  });
  return new StreamableFile(
    Readable.from(write({ columns: answer.columns, parts: chunksOf(answer.rows) }), { objectMode: false }),
    { type },
  );
}

const inPieces = (answer: Answer): StreamableFile =>
  new StreamableFile(Readable.from(jsonPieces({ ...answer }), { objectMode: false }), {
    type: 'application/json; charset=utf-8',
  });

/** Whether the answer's ETag is still to be made, of all of its bytes. */
const needsTag = (reply: FastifyReply): boolean => reply.request.method === 'GET' && !reply.hasHeader('etag');
