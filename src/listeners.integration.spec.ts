import { fastify, FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { Agent, get as ask, IncomingMessage, Server } from 'node:http';
import { AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { ListenerRequest } from '#libs/telemetry/health.controller';
import { closeServer, listen, separateListeners } from './listeners';

const portOf = (server: Server): number => (server.address() as AddressInfo).port; // listening on TCP

/** Sends bytes as they are, since clients tidy a request's target up, and gives the answer's status. */
async function statusOf(server: Server, request: string): Promise<number> {
  const socket = connect(portOf(server), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(request);
  await once(socket, 'close');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: chartly\r\nConnection: close\r\n\r\n`;

describe('the two listeners', () => {
  let app: FastifyInstance;
  let open: Server;
  let internal: Server;

  beforeEach(async () => {
    app = fastify();
    separateListeners(app);
    for (const path of ['/v1/things', '/metrics', '/internal/:service/:method']) app.get(path, () => path);
    for (const path of ['/ready', '/health']) {
      app.get(path, (request) => ((request as ListenerRequest).publicListener ? 'short' : 'with detail'));
    }
    app.get('/docs/*', () => 'docs');
    app.post('/v1/things', () => 'taken');
    app.get('/v1/later', () => setImmediate('later'));
    await app.ready();
    const address = { host: '127.0.0.1', port: 0, requestTimeoutMs: 60_000 };
    open = await listen(app, { ...address, side: 'public', variable: 'CHARTLY_PORT' });
    internal = await listen(app, { ...address, side: 'internal', variable: 'CHARTLY_INTERNAL_PORT' });
  });
  afterEach(async () => {
    await Promise.all([closeServer(open), closeServer(internal)]);
    await app.close();
  });

  it('serves the public API on the public listener alone', async () => {
    expect(await statusOf(open, get('/v1/things'))).toBe(200);
    expect(await statusOf(open, get('/docs/index.html'))).toBe(200);
    expect(await statusOf(internal, get('/v1/things'))).toBe(404);
    expect(await statusOf(internal, get('/docs/index.html'))).toBe(404);
  });

  it('serves contracts and metrics on the internal listener alone', async () => {
    expect(await statusOf(internal, get('/internal/storage/count'))).toBe(200);
    expect(await statusOf(internal, get('/metrics'))).toBe(200);
  });

  it.each([
    '/metrics',
    '/metrics?x',
    '/metrics#x',
    '/%6detrics',
    '/%6Detrics?x',
    '//metrics',
    '/./metrics',
    '/v1/../metrics',
    '/docs/../metrics',
    '/docs/..%2fmetrics/../../metrics',
    '/METRICS',
    '/metrics/',
    '/metrics;x',
    'http://chartly/metrics',
    'http://chartly/%6detrics',
    '/internal/storage/count',
    '/%69nternal/storage/count',
    '/internal%2fstorage/count',
    'http://chartly/internal/storage/count',
    '/internal/storage/count#',
  ])('does not let %s through the public listener', async (target) => {
    const status = await statusOf(open, get(target));
    expect(target.startsWith('/docs/') ? [200, 400, 404] : [400, 404]).toContain(status);
    if (status === 200) expect(target).toMatch(/^\/docs\//); // the reference page's own wildcard, and nothing below
  });

  it.each(['/%761/things', 'http://chartly/v1/things', '/v1/things#x', '/nothing'])(
    'does not let %s through the internal listener',
    async (target) => {
      expect([400, 404]).toContain(await statusOf(internal, get(target)));
    },
  );

  it('answers load balancers on the public listener without detail', async () => {
    const ask = async (server: Server): Promise<string> =>
      (await fetch(`http://127.0.0.1:${portOf(server)}/ready`)).text();
    expect(await ask(open)).toBe('short');
    expect(await ask(internal)).toBe('with detail');
  });

  it('refuses a request that came through no listener of ours', async () => {
    expect((await app.inject('/metrics')).statusCode).toBe(404);
    expect((await app.inject('/v1/things')).statusCode).toBe(404);
  });

  it.each([
    ['a body of two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['a length and chunks at once', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare line feed between headers', 'X-One: 1\nX-Two: 2\r\n\r\n'],
  ])('rule 34: refuses %s and hangs up', async (_, rest) => {
    expect(await statusOf(open, `POST /v1/things HTTP/1.1\r\nHost: chartly\r\n${rest}`)).toBe(400);
  });

  it('rule 40: closes though a client holds a connection on which it never asks', async () => {
    open.setTimeout(0); // nothing else ends it
    const silent = connect(portOf(open), '127.0.0.1');
    const ended = once(silent, 'close');
    await Promise.all([once(silent, 'connect'), once(open, 'connection')]);
    await closeServer(open);
    await ended;
  });

  it('rule 40: closes though a client keeps its connection in steady use, and answers what it was asked', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const port = portOf(open);
    const request = async (): Promise<number | undefined> => {
      const [answer] = (await once(ask({ agent, host: '127.0.0.1', port, path: '/v1/later' }), 'response')) as [
        IncomingMessage,
      ];
      await once(answer.resume(), 'end');
      return answer.statusCode;
    };
    expect(await request()).toBe(200);
    const statuses: unknown[] = [];
    const busy = (async () => {
      for (;;) statuses.push(await request());
    })().catch((thrown: NodeJS.ErrnoException) => thrown.code);
    while (statuses.length < 3) await once(open, 'request'); // and one is under way now
    await closeServer(open);
    expect(await busy).toMatch(/^(ECONNREFUSED|ECONNRESET)$/);
    expect(new Set(statuses)).toEqual(new Set([200]));
    agent.destroy();
  });

  it('names a taken port and the variable that changes it', async () => {
    const port = portOf(open);
    const taken = listen(app, {
      side: 'public',
      host: '127.0.0.1',
      port,
      variable: 'CHARTLY_PORT',
      requestTimeoutMs: 1,
    });
    await expect(taken).rejects.toMatchObject({
      code: 'port.taken',
      message: `Port ${port} of 127.0.0.1 is taken. Free it, or choose another with CHARTLY_PORT.`,
    });
  });

  it.each([
    ['headers', 'GET /v1/things HTTP/1.1\r\nHost: chartly\r\nX-Slow: '],
    [
      'a body',
      'POST /v1/things HTTP/1.1\r\nHost: chartly\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    ],
  ])('cuts who sends %s byte by byte, and answers the others meanwhile', async (_, beginning) => {
    const slow = await listen(app, {
      side: 'public',
      host: '127.0.0.1',
      port: 0,
      variable: 'CHARTLY_PORT',
      requestTimeoutMs: 300,
    });
    const sockets = Array.from({ length: 50 }, () => connect(portOf(slow), '127.0.0.1'));
    const cut = sockets.map((socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve)));
    const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('x')), 50);
    for (const socket of sockets) socket.write(beginning);
    expect(await statusOf(slow, get('/v1/things'))).toBe(200);
    await Promise.all(cut);
    clearInterval(drip);
    await closeServer(slow);
  });
});
