import fastify, { FastifyInstance } from 'fastify';
import { ListenerRequest } from '#libs/telemetry/health.controller';
import { matchesAny, readTags, registerConditionalGet } from './entity-tags';
import { registerSecurityHeaders } from './security-headers';

describe('entity tags', () => {
  it('reads lists of strong and weak tags', () => {
    expect(readTags('"a", W/"b" ,"c,d"')).toEqual(['"a"', 'W/"b"', '"c,d"']);
    expect(readTags(' * ')).toBe('*');
  });

  it.each(['a', '"a', '"a" "b"', '"a";"b"', "'a'", 'W/a', '"a\u0000"', '"x", '.repeat(60)])(
    'refuses %j with a sentence',
    (header) => {
      expect(() => readTags(header)).toThrow(/ETags in quotes/);
    },
  );

  it('compares weakly for reads', () => {
    expect(matchesAny('W/"a"', '"a"')).toBe(true);
    expect(matchesAny('"b", "a"', 'W/"a"')).toBe(true);
    expect(matchesAny('*', '"a"')).toBe(true);
    expect(matchesAny('"b"', '"a"')).toBe(false);
    expect(matchesAny('nonsense', '"a"')).toBe(false);
  });
});

describe('answers of the public API', () => {
  let app: FastifyInstance;

  async function serve(https: boolean): Promise<void> {
    app = fastify();
    app.addHook('onRequest', (request: ListenerRequest, _reply, done) => {
      request.publicListener = request.headers['x-side'] !== 'internal';
      done();
    });
    registerConditionalGet(app);
    registerSecurityHeaders(app, { https, crossOrigin: false });
    app.get('/plain', () => ({ value: 1 }));
    app.get('/tagged', (_request, reply) => reply.header('etag', '"own"').send({ value: 2 }));
    app.get('/page', (_request, reply) => reply.header('content-security-policy', "script-src 'nonce-x'").send('page'));
    app.post('/plain', () => ({ value: 3 }));
    app.get('/broken', (_request, reply) => reply.status(404).send({}));
    await app.ready();
  }
  beforeEach(() => serve(true));
  afterEach(() => app.close());

  it('answers 304 without a body to who has it already, and 200 once it changed', async () => {
    const first = await app.inject('/plain');
    const { etag } = first.headers;
    expect(etag).toMatch(/^W\/"[\w-]{43}"$/);
    const again = await app.inject({ url: '/plain', headers: { 'if-none-match': String(etag) } });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
    expect(again.headers['content-type']).toBeUndefined();
    expect((await app.inject({ url: '/plain', headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
  });

  it("keeps a route's own tag", async () => {
    expect((await app.inject('/tagged')).headers.etag).toBe('"own"');
    expect((await app.inject({ url: '/tagged', headers: { 'if-none-match': '"own"' } })).statusCode).toBe(304);
  });

  it('tags no writes, no problems and nothing on the internal listener', async () => {
    expect((await app.inject({ url: '/plain', method: 'POST' })).headers.etag).toBeUndefined();
    expect((await app.inject('/broken')).headers.etag).toBeUndefined();
    const internal = await app.inject({ url: '/plain', headers: { 'x-side': 'internal' } });
    expect([internal.headers.etag, internal.headers['x-frame-options']]).toEqual([undefined, undefined]);
  });

  it('tells browsers to do nothing with them', async () => {
    const { headers } = await app.inject('/plain');
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-cache',
    });
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
    expect((await app.inject({ url: '/plain', method: 'POST' })).headers['cache-control']).toBe('no-store');
  });

  it('leaves a page its own policy, and promises https only where there is https', async () => {
    expect((await app.inject('/page')).headers['content-security-policy']).toBe("script-src 'nonce-x'");
    await app.close();
    await serve(false);
    expect((await app.inject('/plain')).headers['strict-transport-security']).toBeUndefined();
  });
});
