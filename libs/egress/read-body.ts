import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BadRequest, PayloadTooLarge, Unprocessable } from '#libs/errors/errors';
import { unzstd, ZstdError, ZstdTooLarge } from '#libs/framing/zstd';

/** Rule 25: how long an answer may take, and how much it may be. */
export interface BodyLimits {
  /** From the first question to the last byte, redirects included. */
  readonly timeoutMs: number;
  /** Bytes on the wire. */
  readonly wireMax: number;
  /** Bytes once decoded. */
  readonly decodedMax: number;
  /** How many decoded bytes one on the wire may stand for. */
  readonly ratioMax: number;
}

const MIB = 2 ** 20;
/** How many decoded bytes one on the wire may stand for. */
export const INFLATION_MAX = 100;
export const DEFAULT_LIMITS: BodyLimits = {
  timeoutMs: 30_000,
  wireMax: 10 * MIB,
  decodedMax: 50 * MIB,
  ratioMax: INFLATION_MAX,
};
/** Below this much a high ratio harms nobody. */
const RATIO_FROM = MIB;

/** What zlib and brotli call bytes that they cannot read. */
const CODING_ERROR = /^(?:Z_|ERR__|ERR_BROTLI)/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * A whole body, decoded. Throws PayloadTooLarge `egress.too_large` as soon as a limit is passed, BadRequest
 * `egress.encoding`, Unprocessable `egress.undecodable`.
 */
export async function readBody(body: Readable, headers: Headers, limits: BodyLimits): Promise<Buffer> {
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > limits.wireMax) {
    body.on('error', () => undefined).destroy();
    throw tooLarge(`announces ${announced} bytes, more than ${limits.wireMax}`);
  }
  const coding = [headers['content-encoding']].flat()[0]?.trim().toLowerCase() ?? 'identity';
  let wire = 0;
  const counted = body.map((chunk: Buffer) => {
    wire += chunk.length;
    if (wire > limits.wireMax) throw tooLarge(`sends more than ${limits.wireMax} bytes`);
    return chunk;
  });
  if (coding === 'zstd') return unzstdWithin(Buffer.concat(await counted.toArray()), limits);
  const chunks: Buffer[] = [];
  let decoded = 0;
  const stream = decoder(counted, coding);
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer; // streams of bytes give buffers
      decoded += bytes.length;
      if (decoded > limits.decodedMax) throw tooLarge(`holds more than ${limits.decodedMax} bytes once decoded`);
      if (decoded > RATIO_FROM && decoded > wire * limits.ratioMax) throw tooLarge('inflates beyond all measure');
      chunks.push(bytes);
    }
  } catch (thrown) {
    if (CODING_ERROR.test(String(Reflect.get(Object(thrown), 'code')))) throw undecodable(coding, thrown);
    throw thrown;
  }
  return Buffer.concat(chunks);
}

function decoder(body: Readable, coding: string): Readable {
  switch (coding) {
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return piped(body, createGunzip());
    case 'deflate':
      return piped(body, createInflate());
    case 'br':
      return piped(body, createBrotliDecompress());
    default:
      body.on('error', () => undefined).destroy();
      throw new BadRequest(
        'egress.encoding',
        `The answer is encoded as "${coding.slice(0, 100)}", which was not asked for.`,
      );
  }
}

function piped(body: Readable, into: NodeJS.ReadWriteStream & Readable): Readable {
  body.once('error', (error) => into.destroy(error));
  return body.pipe(into);
}

function unzstdWithin(body: Buffer, { decodedMax, ratioMax }: BodyLimits): Buffer {
  const maxBytes = Math.min(decodedMax, Math.max(RATIO_FROM, ratioMax * body.length));
  try {
    return body.length === 0 ? body : unzstd(body, maxBytes);
  } catch (thrown) {
    if (thrown instanceof ZstdTooLarge) throw tooLarge(`holds more than ${maxBytes} bytes once decoded`);
    if (thrown instanceof ZstdError) throw undecodable('zstd', thrown);
    throw thrown;
  }
}

const undecodable = (coding: string, cause: unknown): Unprocessable =>
  new Unprocessable(
    'egress.undecodable',
    `The answer is not ${coding}, as it says: ${String(Reflect.get(Object(cause), 'message'))}.`,
    { cause },
  );

const tooLarge = (what: string): PayloadTooLarge =>
  new PayloadTooLarge('egress.too_large', `The answer ${what}. Ask for smaller pages.`);
