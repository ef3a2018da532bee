import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BadRequest, PayloadTooLarge } from '#libs/errors/errors';

/** Rule 25. Bytes on the wire, bytes once decoded, and how often one may stand for the other. */
export interface BodyLimits {
  readonly wireMax: number;
  readonly decodedMax: number;
  readonly ratioMax: number;
}

const MIB = 2 ** 20;
export const DEFAULT_LIMITS: BodyLimits = { wireMax: 10 * MIB, decodedMax: 50 * MIB, ratioMax: 100 };
/** Below this much a high ratio harms nobody. */
const RATIO_FROM = MIB;

/** A whole body, decoded. Throws PayloadTooLarge `egress.too_large` as soon as a limit is passed. */
export async function readBody(
  body: Readable,
  encoding: string | string[] | undefined,
  limits: BodyLimits,
): Promise<Buffer> {
  let wire = 0;
  const counted = body.map((chunk: Buffer) => {
    wire += chunk.length;
    if (wire > limits.wireMax) throw tooLarge(`sends more than ${limits.wireMax} bytes`);
    return chunk;
  });
  const chunks: Buffer[] = [];
  let decoded = 0;
  for await (const chunk of decoder(counted, encoding)) {
    const bytes = chunk as Buffer; // streams of bytes give buffers
    decoded += bytes.length;
    if (decoded > limits.decodedMax) throw tooLarge(`holds more than ${limits.decodedMax} bytes once decoded`);
    if (decoded > RATIO_FROM && decoded > wire * limits.ratioMax) throw tooLarge('inflates beyond all measure');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decoder(body: Readable, encoding: string | string[] | undefined): Readable {
  switch (encoding) {
    case undefined:
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
      throw new BadRequest(
        'egress.encoding',
        `The answer is encoded as "${String(encoding)}", which was not asked for.`,
      );
  }
}

function piped(body: Readable, into: NodeJS.ReadWriteStream & Readable): Readable {
  body.once('error', (error) => into.destroy(error));
  return body.pipe(into);
}

const tooLarge = (what: string): PayloadTooLarge =>
  new PayloadTooLarge('egress.too_large', `The answer ${what}. Ask for smaller pages.`);
