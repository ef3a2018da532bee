import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { brotliDecompress, gunzip, InputType, ZlibOptions } from 'node:zlib';
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from '#libs/errors/errors';
import { isInternalPath } from '../access/route-check';
import { unzstd, ZstdError, ZstdTooLarge } from '#libs/framing/zstd';
import { SnappyTooLarge, unsnappy } from './snappy';

/** How large a request body may be. Unit: bytes. */
export interface BodyLimits {
  /** As it travels. */
  readonly wire: number;
  /** After its content coding was undone. */
  readonly inflated: number;
}

/** Rule 25's ratio, for bodies past the size from which it matters. */
const RATIO_MAX = 100;
const RATIO_FROM_BYTES = 2 ** 20;

type Inflate = (body: Buffer, maxBytes: number) => Promise<Buffer>;

const CODINGS: Readonly<Record<string, Inflate>> = {
  gzip: (body, maxBytes) => unzip(gunzip, body, maxBytes),
  'x-gzip': (body, maxBytes) => unzip(gunzip, body, maxBytes),
  br: (body, maxBytes) => unzip(brotliDecompress, body, maxBytes),
  zstd: async (body, maxBytes) => unzstd(body, maxBytes),
  snappy: async (body, maxBytes) => unsnappy(body, maxBytes),
};

/** What a 415 tells of the codings that are taken (RFC 9110 §15.5.16). */
export const ACCEPTED_CODINGS = 'gzip, br, zstd, snappy';

/**
 * Undoes a body's content coding before it is parsed, and holds both sizes to their limits. Throws PayloadTooLarge
 * `body.too_large` or `body.inflates`, UnsupportedMediaType `body.coding`, BadRequest `body.undecodable`.
 */
export function registerContentCodings(
  fastify: FastifyInstance,
  limitsOf: (request: FastifyRequest) => BodyLimits,
): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'; // whose bodies nobody reads
    if (isRead || isInternalPath(request.routeOptions.url ?? '')) return done(null, payload);
    const limits = limitsOf(request);
    const tooLarge = (): PayloadTooLarge => {
      void reply.header('connection', 'close'); // what else comes of the body is not read
      return bodyTooLarge(limits.wire);
    };
    if (Number(request.headers['content-length'] ?? 0) > limits.wire) return done(tooLarge());
    const stream = payload as Readable; // fastify hands over the request itself
    const chunks = (): AsyncGenerator<Buffer> => countedChunks(stream, limits.wire, tooLarge);
    const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
    if (coding === '' || coding === 'identity') {
      const announced =
        request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] === undefined;
      return done(null, announced ? stream : Readable.from(chunks(), { objectMode: false }));
    }
    const inflate = CODINGS[coding];
    if (!inflate) {
      void reply.header('accept-encoding', ACCEPTED_CODINGS);
      return done(
        new UnsupportedMediaType(
          'body.coding',
          `A body may be encoded as ${ACCEPTED_CODINGS}, one of them at a time; this one is "${coding.slice(0, 100)}".`,
        ),
      );
    }
    decoded(chunks(), inflate, coding, limits).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
}

async function decoded(
  chunks: AsyncIterable<Buffer>,
  inflate: Inflate,
  coding: string,
  limits: BodyLimits,
): Promise<Readable> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const wire = Buffer.concat(parts);
  const body = wire.length === 0 ? wire : await inflateWithin(inflate, coding, wire, limits);
  return Object.assign(Readable.from([body], { objectMode: false }), { receivedEncodedLength: wire.length });
}

/** The stream stays open when the count stops: destroyed, it would take the answer's connection along. */
async function* countedChunks(stream: Readable, maxBytes: number, tooLarge: () => Error): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    yield chunk;
  }
}

async function inflateWithin(inflate: Inflate, coding: string, wire: Buffer, limits: BodyLimits): Promise<Buffer> {
  const maxBytes = Math.min(limits.inflated, Math.max(RATIO_FROM_BYTES, RATIO_MAX * wire.length));
  try {
    return await inflate(wire, maxBytes);
  } catch (thrown) {
    const { code, message } = thrown as { code?: unknown; message?: string }; // zlib's errors and ours
    if (thrown instanceof ZstdTooLarge || thrown instanceof SnappyTooLarge || code === 'ERR_BUFFER_TOO_LARGE') {
      throw new PayloadTooLarge(
        'body.inflates',
        `The body inflates to more than ${maxBytes} bytes (what this route takes, within CHARTLY_BODY_INFLATED_MAX_BYTES, and at most ${RATIO_MAX} to 1 past 1 MiB). Send it in parts.`,
      );
    }
    throw new BadRequest('body.undecodable', `The body is not ${coding}: ${message}.`);
  }
}

const bodyTooLarge = (maxBytes: number): PayloadTooLarge =>
  new PayloadTooLarge(
    'body.too_large',
    `The body is larger than ${maxBytes} bytes, the most that this route takes (CHARTLY_BODY_MAX_BYTES bounds all). Send it in parts.`,
  );

type Unzip = (body: InputType, options: ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void;

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** What stands behind the end of the coded content is refused: another reader might see it. */
function unzip(run: Unzip, body: Buffer, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    run(body, { maxOutputLength: maxBytes, info: true }, (error, result) => {
      if (error) return reject(error);
      const { buffer, engine } = result as unknown as Inflated; // what `info: true` makes of it
      if (engine.bytesWritten < body.length) return reject(new ZstdError('something stands behind its end'));
      resolve(buffer);
    });
  });
}
