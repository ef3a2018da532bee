import fastify, { FastifyInstance } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { Clock, Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuthContract, Denial } from '#libs/contracts/auth.contract';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { Permission, Principal } from '#libs/contracts/principal';
import { ChartlyError, Unauthenticated } from '#libs/errors/errors';
import { Authorization } from '../access/authorization';
import { Callers } from '../access/callers';
import { Denials } from '../access/denials';
import { Principals } from '../access/principals';
import { ResourceLabels } from '../access/resource-of';
import { Admission } from '../limits/admission';
import { Limits, registerLimitHeaders } from '../limits/limits';
import { MemoryLimits } from '../limits/memory-limits';
import { Door } from './door';
import { PlannedRoute, RoutePlan } from './route-plans';

const ADA: Principal = {
  kind: 'user',
  id: 'u1',
  name: 'ada',
  grants: [{ role: 'viewer', project: 'hers' }],
};
const KEY: Principal = { ...ADA, kind: 'key', id: 'k1', name: 'key' };
const KNOWN: Readonly<Record<string, Principal>> = { good: ADA, key: KEY };

interface Sample {
  readonly path: string;
  readonly isPublic?: boolean;
  readonly staleAllowed?: boolean;
  readonly permission?: Permission;
  readonly anyCaller?: 'anybody' | 'person';
}

const ROUTES: readonly Sample[] = [
  { path: '/open', isPublic: true },
  { path: '/closed', anyCaller: 'anybody' },
  { path: '/mine', anyCaller: 'person' },
  { path: '/ingest', anyCaller: 'anybody', staleAllowed: true },
  { path: '/read/:project', permission: 'runs:read' },
  { path: '/write/:project', permission: 'runs:write' },
  { path: '/undeclared' },
];

describe('the door', () => {
  let app: FastifyInstance;
  let parsed: number;
  let denials: Denial[];
  let stale: boolean[];
  beforeEach(() => {
    [app, parsed, denials, stale] = [fastify(), 0, [], []];
    const principals: Pick<Principals, 'of'> = {
      of: (token, staleAllowed) => {
        stale.push(staleAllowed);
        const known = KNOWN[token.replace(/^slow-/, '')];
        if (!known) return Promise.reject(new Unauthenticated('auth.invalid', 'Nobody knows it.'));
        return token.startsWith('slow-') ? Promise.resolve(known) : known;
      },
    };
    const recordDenial = (denial: Denial): Promise<object> => Promise.resolve({ at: denials.push(denial) });
    const auth = { recordDenial } as unknown as AuthContract; // it calls nothing else
    const told = new Denials(
      auth,
      new Clock(),
      new Ids(),
      new Gauge({ name: 'w', help: 'w', registers: [] }),
      new Counter({ name: 'l', help: 'l', registers: [] }),
    );
    const config = loadConfig({ CHARTLY_LIMIT_KEY: '2/h' });
    const limits = new Limits(new MemoryLimits(new Clock()), config);
    const door = new Door(
      new Admission(
        config,
        new Gauge({ name: 'g', help: 'g', labelNames: ['priority'], registers: [] }),
        new Counter({ name: 'c', help: 'c', labelNames: ['priority'], registers: [] }),
      ),
      limits,
      new Callers(principals as Principals, told), // it calls nothing else
      new Authorization(told, new ResourceLabels({} as OrchestratorContract, new Clock())), // nobody is bound to labels
    );
    registerLimitHeaders(app, limits);
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => {
      parsed += 1;
      done(null, body);
    });
    app.setErrorHandler((error, _request, reply) =>
      error instanceof ChartlyError ? reply.status(error.status).send({ code: error.code }) : reply.status(500).send(),
    );
    for (const { path, isPublic = false, staleAllowed = false, permission, anyCaller } of ROUTES) {
      const plan: RoutePlan = { name: path, priority: 'control', deadlineMs: 1_000, isPublic, staleAllowed };
      const handling = { status: 200, headers: [], sendsItself: false, call: () => undefined };
      const route: PlannedRoute = { permission, anyCaller, handling, knownQuery: new Set(['known']) };
      app.post(path, { onRequest: door.enter(plan), preHandler: door.admit(plan, route) }, () => 'taken');
    }
  });
  afterEach(() => app.close());

  const post = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload: 'a', headers: { 'content-type': 'text/csv', ...headers } });
  const codeOf = async (url: string, headers: Record<string, string>): Promise<string> => {
    const answer = await post(url, headers);
    return answer.statusCode === 200 ? 'in' : answer.json<{ code: string }>().code;
  };
  const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

  it('knows who sends a body before any of it is read', async () => {
    const missing = await post('/closed');
    expect([missing.statusCode, missing.headers.connection]).toEqual([401, 'close']);
    expect(await codeOf('/closed', {})).toBe('auth.missing');
    expect(await codeOf('/closed', { authorization: 'Basic YTpi' })).toBe('auth.malformed');
    expect(await codeOf('/closed', as('ck_well_formed_and_wrong'))).toBe('auth.invalid');
    expect(parsed).toBe(0);
    expect(await codeOf('/closed', as('good'))).toBe('in');
    expect(await codeOf('/open', {})).toBe('in');
    expect(parsed).toBe(2);
  });

  it('goes by a stale answer where data comes in, and by cookie nowhere', async () => {
    const cookie = '__Host-chartly-access=good; __Host-chartly-csrf=t';
    await post('/closed', as('good'));
    await post('/ingest', as('good'));
    await post('/ingest', { cookie, 'x-csrf-token': 't' });
    expect(stale).toEqual([false, true, false]);
  });

  it('leaves an entry when no page of ours sent it, and none when nobody knows who did', async () => {
    expect(await codeOf('/closed', { cookie: '__Host-chartly-access=forged' })).toBe('auth.invalid');
    expect(denials).toEqual([]);
    expect(await codeOf('/closed', { cookie: '__Host-chartly-access=good' })).toBe('csrf.missing');
    expect(denials).toMatchObject([
      { principal: { ...ADA, grants: [] }, target: 'POST /closed', reason: 'lacks the token against CSRF' },
    ]);
    expect(parsed).toBe(0);
  });

  it.each(['good', 'slow-good'])('lets in who holds what the route takes, and nobody else (%s)', async (token) => {
    expect(await codeOf('/read/hers', as(token))).toBe('in');
    expect(await codeOf('/write/hers', as(token))).toBe('auth.denied');
    expect(await codeOf('/read/other', as(token))).toBe('project.unknown');
    expect(denials).toMatchObject([{ permission: 'runs:write', project: 'hers' }, { permission: 'runs:read' }]);
  });

  it('keeps what is about a person from a key', async () => {
    expect(await codeOf('/mine', as('good'))).toBe('in');
    expect(await codeOf('/mine', as('key'))).toBe('auth.no_user');
  });

  it('lets no key pass a route that says nothing, though its plan was made', async () => {
    expect(await codeOf('/undeclared', as('key'))).toBe('auth.no_user');
    expect(await codeOf('/undeclared', {})).toBe('auth.missing');
  });

  it('counts a refused request as one, and tells limits with every answer', async () => {
    const first = await post('/write/hers', as('key'));
    expect(first.headers).toMatchObject({ ratelimit: expect.stringMatching(/^"key";r=1;t=\d+$/) });
    expect(first.headers['ratelimit-policy']).toMatch(/^"address";q=\d+;w=\d+, "key";q=2;w=3600, "project"/);
    expect(await codeOf('/closed', as('key'))).toBe('in');
    expect(await codeOf('/closed', as('key'))).toBe('limit.key');
    const anonymous = await post('/closed');
    expect(anonymous.headers['ratelimit-policy']).toMatch(/^"address";q=\d+;w=\d+$/);
  });

  it('refuses a part of a path that is empty before it asks what may be done there', async () => {
    expect(await codeOf('/read/', as('good'))).toBe('route.unknown');
    expect(denials).toEqual([]);
  });

  it('refuses parameters that the route does not know, and U+0000 in any', async () => {
    expect(await codeOf('/closed?known=1', as('good'))).toBe('in');
    expect(await codeOf('/closed?other=1', as('good'))).toBe('request.invalid');
    expect(await codeOf('/closed?known=a%00', as('good'))).toBe('request.invalid');
    expect(await codeOf('/read/he%00rs', as('good'))).toBe('project.unknown'); // who may not look learns nothing
  });
});
