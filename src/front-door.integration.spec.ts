import { Controller, Get, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { register } from 'prom-client';
import { AuthContract } from '#libs/contracts/auth.contract';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { Unauthenticated } from '#libs/errors/errors';
import { CallContext, currentCall } from '#libs/transport/call-context';
import { Public } from '#apps/gateway/access/allow';
import { GatewayInMemory } from './gateway-in-memory.testing';

const TOKEN = 'known';
const PRINCIPALS: Readonly<Record<string, object>> = {
  known: { kind: 'key', id: 'k1', name: 'reader', grants: [{ role: 'viewer', project: 'default' }] },
  operator: { kind: 'key', id: 'k2', name: 'operator', grants: [{ role: 'operator', project: 'default' }] },
};
const OPERATOR = 'operator';
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const RUN = '0190f5c4-0000-7000-8000-000000000001';

/** Auth knows two keys; the orchestrator has every run. */
const SERVICES = new Map<unknown, object>([
  [
    AuthContract,
    {
      authenticate: async ({ token }: { token: string }) => {
        const principal = PRINCIPALS[token];
        if (principal) return { principal, validUntil: '2100-01-01T00:00:00.000Z' };
        throw new Unauthenticated('auth.invalid', 'Nobody knows it.');
      },
    },
  ],
  [OrchestratorContract, { run: async ({ runId }: { runId: string }) => ({ id: runId }) }],
]);

/** What anybody may call, by whatever they bring. One more of these is to be wanted, and written here. */
const OPEN = [
  'POST /v1/hooks/:hook',
  'POST /v1/setup',
  'POST /v1/login',
  'POST /v1/login/passkey/options',
  'POST /v1/login/passkey',
  'GET /v1/login/oidc/:provider',
  'GET /v1/login/oidc/:provider/callback',
  'GET /v1/login/oidc/:provider/logout',
  'GET /.well-known/jwks.json',
  'GET /audit/live',
  'GET /audit/verify',
  'GET /setup',
  'GET /docs/*',
];
/** Take no credential, and refuse who brings no session. */
const OF_A_SESSION = ['POST /v1/session/refresh', 'POST /v1/logout'];
const BY_THE_LISTENER = ['/metrics', '/health', '/ready'];
const ORIGIN = 'https://app.example.com';
const QUIET = { CHARTLY_LOG_LEVEL: 'silent' };

interface Served {
  readonly method: string;
  readonly url: string;
}

describe('the front door', () => {
  const routes: Served[] = [];
  let gateway: GatewayInMemory;

  beforeAll(async () => {
    gateway = await GatewayInMemory.start({
      env: { ...QUIET, CHARTLY_LIMIT_ADDRESS: 'off', CHARTLY_CORS_ORIGINS: ORIGIN },
      services: SERVICES,
      prepare: (app) => {
        const fastify = app.getHttpAdapter().getInstance();
        fastify.addHook('onRoute', ({ method, url }) => {
          for (const one of [method].flat()) routes.push({ method: one, url });
        });
      },
    });
  });
  afterAll(() => gateway.stop());

  const send = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${gateway.port}${path}`, { method, headers, redirect: 'manual' });
  const statusOf = async ({ method, url }: Served, headers?: Record<string, string>): Promise<number> =>
    (await send(method, url.replace(/:\w+/g, 'default').replace('*', 'index.html'), headers)).status;
  const isOpen = ({ method, url }: Served): boolean => OPEN.includes(`${method.replace('HEAD', 'GET')} ${url}`);
  const behind = (): Served[] => routes.filter(({ url }) => !BY_THE_LISTENER.includes(url));

  it('rule 20: is before every route, and opens without a credential for those alone that say so', async () => {
    const open: Served[] = [];
    for (const route of behind()) if ((await statusOf(route)) !== 401) open.push(route);
    expect(open.filter((route) => !isOpen(route))).toEqual([]);
    expect(new Set(open.map(({ url }) => url)).size).toBe(OPEN.length);
    expect(behind().length).toBeGreaterThan(150);
  });

  it('opens for nobody with a credential that nobody knows, nor with one in the wrong place', async () => {
    const wrong: Served[] = [];
    for (const route of behind().filter((one) => !isOpen(one))) {
      if (OF_A_SESSION.includes(`${route.method} ${route.url}`)) continue;
      const statuses = [
        await statusOf(route, { authorization: 'Bearer unknown' }),
        await statusOf({ ...route, url: `${route.url}?key=${TOKEN}` }),
        await statusOf(route, { 'x-api-key': TOKEN }),
      ];
      if (statuses.some((status) => status !== 401)) wrong.push(route);
    }
    expect(wrong).toEqual([]);
  });

  it('answers a HEAD as the GET, without its body', async () => {
    const path = `/v1/projects/default/runs/${RUN}`;
    const known = { authorization: `Bearer ${TOKEN}` };
    const [get, head] = [await send('GET', path, known), await send('HEAD', path, known)];
    expect([get.status, head.status]).toEqual([200, 200]);
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    expect(await head.text()).toBe('');
    expect((await send('HEAD', `/v1/projects/other/runs/${RUN}`, known)).status).toBe(404);
  });

  it('lets pages of the origins that were named read answers, and no others', async () => {
    const path = `/v1/projects/default/runs/${RUN}`;
    const preflight = (origin: string): Promise<Response> =>
      send('OPTIONS', path, {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      });
    const asked = await preflight(ORIGIN);
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': expect.stringContaining('GET'),
      'access-control-allow-headers': expect.stringContaining('authorization'),
      'access-control-max-age': '600',
    });
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull();
    const refused = await send('GET', path, { origin: ORIGIN });
    expect(refused.status).toBe(401); // a page may read why
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(refused.headers.get('access-control-expose-headers')).toContain('x-request-id');
    const unknown = await send('GET', '/v1/nothing', { origin: ORIGIN });
    expect([unknown.status, unknown.headers.get('access-control-allow-origin')]).toEqual([404, ORIGIN]);
    const elsewhere = await send('GET', path, { origin: 'https://evil.example.com' });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['/setup', '/audit/verify', '/audit/live'])(
    'runs no script of %s but by a nonce that no other answer has',
    async (path) => {
      const nonces = new Set<string>();
      for (const answer of [await send('GET', path), await send('GET', path)]) {
        const policy = answer.headers.get('content-security-policy') ?? '';
        const [, nonce = 'none'] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
        expect(policy).not.toContain('unsafe');
        expect(policy).toContain("default-src 'none'");
        const scripts = (await answer.text()).match(/<(?:script|style)\b[^>]*>/g) ?? [];
        expect(scripts.length).toBeGreaterThan(0);
        for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`);
        nonces.add(nonce);
      }
      expect(nonces.size).toBe(2);
    },
  );

  it('sends large answers compressed to who takes them so', async () => {
    const answer = await send('GET', '/openapi.json', { 'accept-encoding': 'br' });
    expect(answer.headers.get('content-encoding')).toBe('br');
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0' });
  });
});

/** Once those who work for a call were told that nobody waits for it. */
async function ended(call: CallContext | undefined): Promise<void> {
  const signal = call?.signal ?? new AbortController().signal;
  if (!signal.aborted) await once(signal, 'abort');
}

describe('a request behind the door', () => {
  const seen: CallContext[] = [];
  let gateway: GatewayInMemory;
  let runs: () => Promise<object>;

  beforeAll(async () => {
    const orchestrator = {
      run: (): Promise<object> => {
        seen.push(currentCall());
        return runs();
      },
      startRun: async (): Promise<object> => {
        seen.push(currentCall());
        return { id: RUN };
      },
    };
    gateway = await GatewayInMemory.start({
      env: { ...QUIET, CHARTLY_REQUEST_TIMEOUT: '2s' },
      services: new Map([...SERVICES, [OrchestratorContract, orchestrator]]),
    });
  });
  beforeEach(() => {
    seen.length = 0;
    runs = () => Promise.resolve({ id: RUN });
  });
  afterAll(() => gateway.stop());

  const send = (method: string, path: string, token = OPERATOR): Promise<Response> =>
    fetch(`http://127.0.0.1:${gateway.port}/v1/projects/default/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'x-request-id': 'r-1', traceparent: TRACEPARENT },
    });

  it.each([
    ['GET', `runs/${RUN}`],
    ['POST', 'pipelines/one/runs'],
  ])('is a call of its sender (%s)', async (method, path) => {
    expect((await send(method, path)).ok).toBe(true);
    const [call] = seen;
    expect(call).toMatchObject({
      principal: { id: 'k2' },
      requestId: 'r-1',
      traceparent: TRACEPARENT,
      client: { address: '127.0.0.1' },
    });
    expect(call?.deadline).toBeGreaterThan(0);
    expect(call?.signal?.aborted).toBe(false);
  });

  it("ends when its time is over, for its sender and for the service, whose late answer is nobody's", async () => {
    let answerLate: (run: object) => void = () => undefined;
    let stillFor = '';
    runs = async () => {
      const run = await new Promise<object>((resolve) => (answerLate = resolve));
      stillFor = currentCall().principal.id;
      return run;
    };
    const answer = await send('GET', `runs/${RUN}`);
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ code: 'service.deadline' });
    await ended(seen[0]);
    answerLate({ id: 'late' });
    runs = () => Promise.resolve({ id: 'next' });
    expect(await (await send('GET', `runs/${RUN}`)).json()).toEqual({ id: 'next' });
    expect(stillFor).toBe('k2'); // what it would still ask for, it asks for a call whose time is over
  });

  it('tells the service of its end as the call that it is, when another ends with it', async () => {
    const toldAs: string[] = [];
    runs = () => {
      seen.at(-1)?.signal?.addEventListener('abort', () => toldAs.push(currentCall().principal.id));
      return new Promise<never>(() => undefined);
    };
    const answers = [OPERATOR, TOKEN].map((token) => send('GET', `runs/${RUN}`, token));
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(504);
    await Promise.all(seen.map(ended));
    expect(toldAs).toEqual(seen.map(({ principal }) => principal.id));
    expect(new Set(toldAs).size).toBe(2);
  });

  it('ends for the service when its sender hangs up', async () => {
    const headers = { authorization: `Bearer ${OPERATOR}` };
    const sent = request({ port: gateway.port, path: `/v1/projects/default/runs/${RUN}`, headers }).end();
    sent.on('error', () => undefined); // it hung up
    runs = () => {
      sent.destroy();
      return new Promise<never>(() => undefined);
    };
    await new Promise((resolve) => sent.once('close', resolve));
    await ended(seen[0]);
  });

  it('ends for the service, and leaves its place, when its sender hangs up while its answer waits for another', async () => {
    const path = `/v1/projects/default/runs/${RUN}`;
    const one = `GET ${path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${OPERATOR}\r\n\r\n`;
    const sender = connect(gateway.port, '127.0.0.1');
    runs = () => {
      if (seen.length === 3) sender.destroy();
      return new Promise<never>(() => undefined);
    };
    sender.write(one.repeat(3));
    await once(sender, 'close');
    await Promise.all(seen.map(ended));
    expect(seen).toHaveLength(3);
    expect(await register.getSingleMetricAsString('chartly_gateway_requests_in_flight')).toMatch(
      /priority="control"[^}]*\} 0$/m,
    );
  });
});

describe('what no route serves', () => {
  let gateway: GatewayInMemory;
  beforeAll(async () => {
    gateway = await GatewayInMemory.start({ env: { ...QUIET, CHARTLY_LIMIT_ADDRESS: '3/h' }, services: SERVICES });
  });
  afterAll(() => gateway.stop());

  it('counts against its address, and its body is not read', async () => {
    const send = (init: RequestInit = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${gateway.port}/v1/nothing`, init);
    const first = await send();
    expect([first.status, first.headers.get('ratelimit')]).toEqual([404, expect.stringMatching(/^"address";r=2;/)]);
    expect(await first.json()).toMatchObject({
      code: 'route.unknown',
      detail: expect.stringContaining('GET /v1/nothing'),
    });
    const posted = await send({ method: 'POST', body: 'x', headers: { 'content-type': 'text/strange' } });
    expect([posted.status, posted.headers.get('connection')]).toEqual([404, 'close']);
    expect((await send({ method: 'DELETE' })).status).toBe(404);
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'limit.address' });
  });
});

describe('a process with a route that nobody declared', () => {
  @Controller('v1/forgotten')
  class Forgotten {
    @Get()
    open(): void {}
  }
  @Controller('v1/strange')
  class Strange {
    @Get()
    @Public()
    strange(@Query('one') one: string): string {
      return one;
    }
  }

  it.each([
    ['which a controller has', { controllers: [Forgotten] }, /GET \/v1\/forgotten declares not exactly one/],
    ['which reads a request as no route does', { controllers: [Strange] }, /Argument 1 of Strange\.strange/],
    [
      'which a plugin adds to the server',
      {
        prepare: (app: NestFastifyApplication): void => {
          app
            .getHttpAdapter()
            .getInstance()
            .get('/extra', () => 'in');
        },
      },
      /GET \/extra declares not exactly one/,
    ],
  ])('%s does not start', async (_which, given, problem) => {
    await expect(GatewayInMemory.start({ env: QUIET, ...given })).rejects.toThrow(problem);
  });
});
