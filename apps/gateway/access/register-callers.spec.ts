import fastify, { FastifyInstance } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import { Clock, Ids } from '#libs/clock/clock';
import { AuthContract, Denial } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { ChartlyError, Unauthenticated } from '#libs/errors/errors';
import { Callers } from './callers';
import { Denials } from './denials';
import { Principals } from './principals';
import { registerCallers } from './register-callers';

const ADA: Principal = { kind: 'user', id: 'u1', name: 'ada', grants: [] };

describe('whoever sends a body', () => {
  let app: FastifyInstance;
  let parsed: number;
  let denials: Denial[];
  let stale: boolean[];
  beforeEach(() => {
    [app, parsed, denials, stale] = [fastify(), 0, [], []];
    const principals: Pick<Principals, 'of'> = {
      of: (token, staleAllowed) => {
        stale.push(staleAllowed);
        return token === 'good'
          ? Promise.resolve(ADA)
          : Promise.reject(new Unauthenticated('auth.invalid', 'Nobody knows it.'));
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
    registerCallers(app, {
      callers: new Callers(principals as Principals, told), // it calls nothing else
      policies: {
        of: (_method, path) => ({
          priority: 'control',
          deadlineMs: 1_000,
          isPublic: path === '/open',
          staleAllowed: path === '/ingest',
        }),
      },
    });
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => {
      parsed += 1;
      done(null, body);
    });
    app.setErrorHandler((error, _request, reply) =>
      error instanceof ChartlyError ? reply.status(error.status).send({ code: error.code }) : reply.status(500).send(),
    );
    for (const path of ['/open', '/closed', '/ingest']) app.post(path, () => 'taken');
  });
  afterEach(() => app.close());

  const post = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload: 'a', headers: { 'content-type': 'text/csv', ...headers } });
  const codeOf = async (headers: Record<string, string>): Promise<string> =>
    (await post('/closed', headers)).json<{ code: string }>().code;

  it('is known before any of it is read', async () => {
    const missing = await post('/closed');
    expect([missing.statusCode, missing.headers.connection]).toEqual([401, 'close']);
    expect(await codeOf({})).toBe('auth.missing');
    expect(await codeOf({ authorization: 'Basic YTpi' })).toBe('auth.malformed');
    expect(await codeOf({ authorization: 'Bearer ck_well_formed_and_wrong' })).toBe('auth.invalid');
    expect(parsed).toBe(0);
    expect((await post('/closed', { authorization: 'Bearer good' })).statusCode).toBe(200);
    expect((await post('/open')).statusCode).toBe(200);
    expect(parsed).toBe(2);
  });

  it('goes by a stale answer where data comes in, and by cookie nowhere', async () => {
    const cookie = '__Host-chartly-access=good; __Host-chartly-csrf=t';
    await post('/closed', { authorization: 'Bearer good' });
    await post('/ingest', { authorization: 'Bearer good' });
    await post('/ingest', { cookie, 'x-csrf-token': 't' });
    expect(stale).toEqual([false, true, false]);
  });

  it('leaves an entry when no page of ours sent it, and none when nobody knows who did', async () => {
    expect(await codeOf({ cookie: '__Host-chartly-access=forged' })).toBe('auth.invalid');
    expect(denials).toEqual([]);
    expect(await codeOf({ cookie: '__Host-chartly-access=good' })).toBe('csrf.missing');
    expect(denials).toMatchObject([{ principal: ADA, target: 'POST /closed', reason: 'lacks the token against CSRF' }]);
    expect(parsed).toBe(0);
  });
});
