import fastify from 'fastify';
import { ChartlyError } from '#libs/errors/errors';
import { registerStrangerRefusal } from '../access/refuse-strangers';
import { RoutePolicies } from '../limits/route-policy';
import { bodyLimitsOf, JSON_BODY_MAX_BYTES, PUBLIC_BODY_MAX_BYTES } from './body-limits';

const MOST = { wire: 10 * 2 ** 20, inflated: 32 * 2 ** 20 };

describe('the limits of bodies', () => {
  it('are small where JSON is read into fields, and smaller where anybody may call', () => {
    expect(bodyLimitsOf({}, false, MOST)).toEqual({ wire: JSON_BODY_MAX_BYTES, inflated: JSON_BODY_MAX_BYTES });
    expect(bodyLimitsOf({}, true, MOST)).toEqual({ wire: PUBLIC_BODY_MAX_BYTES, inflated: PUBLIC_BODY_MAX_BYTES });
    expect(bodyLimitsOf({ bodiless: true }, true, MOST).inflated).toBe(PUBLIC_BODY_MAX_BYTES);
  });

  it('are the configured ones for raw bodies, hooks among them, and never larger than those', () => {
    expect(bodyLimitsOf({ raw: ['json'] }, false, MOST)).toEqual(MOST);
    expect(bodyLimitsOf({ raw: ['json'] }, true, MOST)).toEqual(MOST);
    expect(bodyLimitsOf({}, false, { wire: 10, inflated: 20 })).toEqual({ wire: 10, inflated: 20 });
  });
});

describe('a request without a credential', () => {
  it('is refused before its body is read, except where anybody may call', async () => {
    const app = fastify();
    let parsed = 0;
    const policies: Pick<RoutePolicies, 'of'> = {
      of: (_method, path) => ({ priority: 'control', deadlineMs: 1_000, isPublic: path === '/open' }),
    };
    registerStrangerRefusal(app, policies);
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => {
      parsed += 1;
      done(null, body);
    });
    app.setErrorHandler((error, _request, reply) =>
      error instanceof ChartlyError ? reply.status(error.status).send({ code: error.code }) : reply.status(500).send(),
    );
    app.post('/open', () => 'taken');
    app.post('/closed', () => 'taken');
    const post = (url: string, headers: Record<string, string> = {}) =>
      app.inject({ method: 'POST', url, payload: 'a', headers: { 'content-type': 'text/csv', ...headers } });

    const missing = await post('/closed');
    expect([missing.statusCode, missing.json(), missing.headers.connection]).toEqual([
      401,
      { code: 'auth.missing' },
      'close',
    ]);
    expect((await post('/closed', { authorization: 'Basic YTpi' })).json()).toEqual({ code: 'auth.malformed' });
    expect((await post('/closed', { cookie: '__Host-chartly-access=a' })).json()).toEqual({ code: 'csrf.missing' });
    expect(parsed).toBe(0);
    expect((await post('/closed', { authorization: 'Bearer ck_x' })).statusCode).toBe(200);
    expect((await post('/open')).statusCode).toBe(200);
    expect(parsed).toBe(2);
    await app.close();
  });
});
