import fastify, { FastifyInstance } from 'fastify';
import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ChartlyError } from '#libs/errors/errors';
import { registerBodyParsers } from './body-parsers';
import { registerContentCodings } from './content-coding';

/** Frames made by the reference compressor: `{"a":1}`, with a checksum, and 2 MiB of zeros. */
const ZSTD_SMALL = Buffer.from('KLUv/QRYOQAAeyJhIjoxfUiL/DI=', 'base64');
const ZSTD_ZEROS = Buffer.from(
  'KLUv/QRYVAAAEAAAAQD7/znAAgIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAwAQANsjjvg=',
  'base64',
);

const WIRE = 1_000;
const INFLATED = 4_000;

describe('coded request bodies', () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = fastify();
    registerContentCodings(app, () => ({ wire: WIRE, inflated: INFLATED }));
    registerBodyParsers(app, INFLATED);
    app.setErrorHandler((error, _request, reply) => {
      if (error instanceof ChartlyError) return reply.status(error.status).send({ code: error.code });
      return reply.status((error as { statusCode?: number }).statusCode ?? 500).send({ code: 'fastify' });
    });
    app.post('/', (request) => ({ got: request.body }));
    app.get('/', () => 'read');
    await app.ready();
  });
  afterAll(() => app.close());

  const post = (payload: Buffer, coding?: string) =>
    app.inject({
      method: 'POST',
      url: '/',
      payload,
      headers: { 'content-type': 'application/json', ...(coding === undefined ? {} : { 'content-encoding': coding }) },
    });
  const text = Buffer.from('{"a":1}');
  /** JSON that compresses well and is this long. */
  const long = (bytes: number): Buffer => Buffer.from(JSON.stringify('x'.repeat(bytes - 2)));

  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', ZSTD_SMALL],
    ['identity', text],
    [undefined, text],
  ])('reads a body in %s', async (coding, payload) => {
    expect((await post(payload, coding)).json()).toEqual({ got: { a: 1 } });
  });

  it('reads two gzip members and two zstd frames as one body', async () => {
    expect((await post(Buffer.concat([gzipSync('{"a"'), gzipSync(':1}')]), 'gzip')).json()).toEqual({ got: { a: 1 } });
    const halves = Buffer.concat([ZSTD_SMALL, Buffer.from('502a4d1802000000abcd', 'hex')]);
    expect((await post(halves, 'zstd')).json()).toEqual({ got: { a: 1 } });
  });

  it.each(['deflate', 'gzip, br', 'compress', 'gzip x'])(
    'refuses the coding %j and names those it takes',
    async (coding) => {
      const answer = await post(text, coding);
      expect(answer.statusCode).toBe(415);
      expect(answer.headers['accept-encoding']).toBe('gzip, br, zstd, snappy');
      expect(answer.json()).toEqual({ code: 'body.coding' });
    },
  );

  it('rule 25: refuses what inflates past the limit, whatever it is coded in', async () => {
    expect((await post(gzipSync(long(INFLATED)), 'gzip')).statusCode).toBe(200);
    for (const [coding, payload] of [
      ['gzip', gzipSync(long(INFLATED + 1))],
      ['br', brotliCompressSync(long(INFLATED + 1))],
      ['zstd', ZSTD_ZEROS],
    ] as const) {
      const answer = await post(payload, coding);
      expect([coding, answer.statusCode, answer.json()]).toEqual([coding, 413, { code: 'body.inflates' }]);
    }
  });

  it('refuses what is too large on the wire, announced or not', async () => {
    expect((await post(long(WIRE + 1))).json()).toEqual({ code: 'body.too_large' });
    const chunked = await app.inject({
      method: 'POST',
      url: '/',
      payload: Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100, ' '))),
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    expect(chunked.json()).toEqual({ code: 'body.too_large' });
    expect(chunked.statusCode).toBe(413);
  });

  it.each([
    ['gzip', text],
    ['br', Buffer.from('not brotli at all')],
    ['zstd', text],
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['br', brotliCompressSync(text).subarray(0, 5)],
    ['zstd', ZSTD_SMALL.subarray(0, 12)],
    ['gzip', Buffer.concat([gzipSync(text), Buffer.from('x')])],
    ['br', Buffer.concat([brotliCompressSync(text), Buffer.from('x')])],
    ['zstd', Buffer.concat([ZSTD_SMALL, Buffer.from('x')])],
  ])('answers 400 to broken, cut or continued %s', async (coding, payload) => {
    const answer = await post(payload, coding);
    expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'body.undecodable' }]);
  });

  it('lets no zstd frame ask for more memory than 8 MiB of window', async () => {
    const greedy = Buffer.from('28b52ffd00a8010000', 'hex'); // a window of 2 GiB, one empty block
    const answer = await post(greedy, 'zstd');
    expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'body.undecodable' }]);
  });

  it('survives ten thousand damaged frames', async () => {
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const statuses = new Set<number>();
    for (let round = 0; round < 10_000; round += 1) {
      const frame = Buffer.from(ZSTD_SMALL);
      frame[next(frame.length)] = next(256);
      statuses.add((await post(frame, 'zstd')).statusCode);
    }
    for (const status of statuses) expect([200, 400, 413]).toContain(status);
  });

  it('answers a body that is too large over a real connection, and hangs up behind the answer', async () => {
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    for (const headers of [{}, { 'content-encoding': 'gzip' }]) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: ReadableStream.from(
          (function* () {
            for (let at = 0; at < 40; at += 1) yield Buffer.alloc(100, ' ');
          })(),
        ),
        duplex: 'half',
      } as RequestInit);
      expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
    }
  });
});
