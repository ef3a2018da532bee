import { decodeJwt } from 'jose';
import { EntryPage } from '#libs/contracts/audit.contract';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { Problem } from '#libs/errors/problem';
import { SessionAnswer } from '#apps/gateway/routes/login.controller';
import { Answer } from './support/api';
import { Browser } from './support/browser';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const PASSWORD = 'correct horse battery staple';
const JSON_TYPE = 'application/json';

describe('people and their sessions, over HTTP', () => {
  let chartly: ChartlyUnderTest;
  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await chartly.api.json('/v1/users', { name: 'ada', password: PASSWORD });
    const subjects = [{ kind: 'user', name: 'ada' }];
    await chartly.api.json('/v1/bindings/ada', { role: 'editor', subjects }, { method: 'PUT' });
  });
  afterAll(() => chartly.end());

  const login = (): Promise<SessionAnswer> =>
    chartly.api.json<SessionAnswer>('/v1/login', { name: 'ada', password: PASSWORD }, { key: null });

  it('lets a person in who holds what is bound to them, by a token that the published keys sign', async () => {
    const { accessToken, user } = await login();
    expect(user).toBe('ada');
    const me = await chartly.api.ok<{ kind: string }>('/v1/whoami', { key: accessToken });
    expect(me).toMatchObject({ kind: 'user', name: 'ada', grants: [{ role: 'editor', project: '*' }] });
    const { keys } = await chartly.api.ok<{ keys: { kid: string }[] }>('/.well-known/jwks.json', { key: null });
    expect(keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' }]);
    expect(keys[0]).not.toHaveProperty('d');
    expect(decodeJwt(accessToken ?? '')).toMatchObject({ aud: 'chartly', name: 'ada' });
    expect((await chartly.api.send('/v1/users', { key: accessToken })).status).toBe(403);
  });

  it('leaves exactly one entry of a login', async () => {
    const body = JSON.stringify({ name: 'ada', password: PASSWORD });
    const logins = ['login-1', 'login-2'];
    for (const request of logins) {
      await chartly.api.ok('/v1/login', { key: null, type: JSON_TYPE, body, headers: { 'x-request-id': request } });
    }
    const told = await until('the later one to stand in the log', async () => {
      const { entries } = await chartly.api.ok<EntryPage>('/v1/audit/entries?limit=1000');
      const leaves = entries.map(({ leaf }) => JSON.parse(leaf) as { requestId?: string; action: string });
      const ours = leaves.filter(({ requestId }) => logins.includes(requestId ?? ''));
      return ours.some(({ requestId }) => requestId === 'login-2') ? ours : undefined;
    });
    expect(told.map(({ requestId, action }) => [requestId, action])).toEqual(
      logins.map((request) => [request, 'session.begin']),
    );
  });

  it('answers a wrong login with 401, and who guesses on with 429 and when to try again', async () => {
    const guess = (): Promise<Answer<Problem>> =>
      chartly.api.send<Problem>('/v1/login', { key: null, type: JSON_TYPE, body: '{"name":"guessed","password":"x"}' });
    for (let at = 0; at < 5; at += 1) expect((await guess()).status).toBe(401);
    const { status, body, headers } = await guess();
    expect([status, body.code]).toEqual([429, 'login.throttled']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('keeps a page’s session in cookies, and takes no change without the token against CSRF', async () => {
    const browser = new Browser(chartly.api.url);
    const { body } = await browser.send<SessionAnswer>('/v1/login', 'POST', {
      name: 'ada',
      password: PASSWORD,
      cookies: true,
    });
    expect(body).not.toHaveProperty('accessToken');
    expect(body).not.toHaveProperty('refreshToken');
    const csrf = { 'x-csrf-token': body.csrfToken ?? '' };
    expect((await browser.send('/v1/me/sessions', 'GET')).status).toBe(200);
    const path = `/v1/me/sessions/${body.sessionId}`;
    const forged = await browser.send<Problem>(path, 'DELETE');
    expect([forged.status, forged.body.code]).toEqual([403, 'csrf.missing']);
    expect((await browser.send<Problem>('/v1/session/refresh', 'POST', {})).body.code).toBe('csrf.missing');
    const refreshed = await browser.send<SessionAnswer>('/v1/session/refresh', 'POST', {}, csrf);
    expect([refreshed.status, refreshed.body.sessionId]).toEqual([200, body.sessionId]);
    const fresh = { 'x-csrf-token': refreshed.body.csrfToken ?? '' };
    expect((await browser.send('/v1/logout', 'POST', {}, fresh)).status).toBe(204);
    expect((await browser.send('/v1/me/sessions', 'GET')).status).toBe(401);
  });

  it('leaves one entry for who gives more than they hold, and for a change that no page of ours made', async () => {
    const rules = [{ permissions: ['roles:*', 'data:read'] }];
    await chartly.api.json('/v1/roles/binder', { rules }, { method: 'PUT' });
    const subjects = [{ kind: 'user', name: 'bea' }];
    await chartly.api.json('/v1/users', { name: 'bea', password: PASSWORD });
    await chartly.api.json('/v1/bindings/bea', { role: 'binder', subjects }, { method: 'PUT' });
    const browser = new Browser(chartly.api.url);
    const credentials = { name: 'bea', password: PASSWORD, cookies: true };
    const { body } = await browser.send<SessionAnswer>('/v1/login', 'POST', credentials);
    const csrf = { 'x-csrf-token': body.csrfToken ?? '' };
    const owner = { role: 'owner', subjects };
    const escalated = await browser.send<Problem>('/v1/bindings/more', 'PUT', owner, csrf);
    expect([escalated.status, escalated.body.code]).toEqual([403, 'role.escalation']);
    expect((await browser.send<Problem>('/v1/bindings/more', 'PUT', owner)).body.code).toBe('csrf.missing');
    const denied = await until('both to stand in the log', async () => {
      const { entries } = await chartly.api.ok<EntryPage>('/v1/audit/entries?action=access.deny');
      const leaves = entries.map(({ leaf }) => JSON.parse(leaf) as { target: string; reason: string });
      const ours = leaves.filter(({ target }) => target === 'PUT /v1/bindings/more');
      return ours.length >= 2 ? ours : undefined;
    });
    expect(denied.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^role\.escalation: Nobody grants what they do not hold/),
      'lacks the token against CSRF',
    ]);
  });

  it('rule 16: ends the session of who uses a refresh token twice', async () => {
    const first = await login();
    const refresh = (refreshToken = ''): Promise<Answer<SessionAnswer>> =>
      chartly.api.send('/v1/session/refresh', { key: null, type: JSON_TYPE, body: JSON.stringify({ refreshToken }) });
    const second = (await refresh(first.refreshToken)).body;
    expect((await refresh(first.refreshToken)).body.refreshToken).toBe(second.refreshToken);
    await until('the grace to be over and the session with it', async () => {
      const again = await refresh(first.refreshToken);
      return again.status === 401 ? true : undefined;
    });
    expect((await refresh(second.refreshToken)).status).toBe(401);
  });

  it('keeps users by SCIM, for whoever may write them', async () => {
    const { key } = await chartly.api.json<CreatedKey>('/v1/keys', { name: 'directory', role: 'owner', project: '*' });
    const scim = (path: string, method = 'GET', body?: object): Promise<Answer<Record<string, unknown>>> =>
      chartly.api.send(`/scim/v2/${path}`, {
        method,
        key,
        ...(body ? { type: 'application/scim+json', body: JSON.stringify(body) } : {}),
      });
    expect((await scim('ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      meta: { resourceType: 'ServiceProviderConfig' },
    });
    const made = await scim('Users', 'POST', { userName: 'scimmed' });
    expect(made.headers.get('location')).toBe((made.body.meta as { location: string }).location);
    const schema = 'urn:ietf:params:scim:schemas:core:2.0:User';
    const { attributes } = (await scim(`Schemas/${schema}`)).body as { attributes: { name: string }[] };
    const common = ['schemas', 'id', 'externalId', 'meta'];
    const known = [...common, ...attributes.map(({ name }) => name)];
    expect(Object.keys(made.body).filter((name) => !known.includes(name))).toEqual([]);
    expect((await scim('ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users', schema });
    for (const path of ['ResourceTypes', 'Schemas']) {
      const { status, body } = await scim(path);
      expect([path, status, body.totalResults]).toEqual([path, 200, 2]);
      expect((await scim(`${path}?filter=id%20pr`)).status).toBe(403);
      expect((await scim(`${path}/Nothing`)).body).toMatchObject({ status: '404' });
    }
    expect(made.status).toBe(201);
    expect(made.headers.get('content-type')).toMatch(/^application\/scim\+json/);
    const path = `Users/${String(made.body.id)}`;
    const off = { Operations: [{ op: 'replace', path: 'active', value: false }] };
    expect((await scim(path, 'PATCH', off)).body).toMatchObject({ active: false });
    expect((await scim('Users?filter=userName%20eq%20%22scimmed%22&count=1')).body).toMatchObject({ totalResults: 1 });
    expect((await scim(path, 'DELETE')).status).toBe(204);
    expect((await scim(path)).status).toBe(404);
    const viewer = await chartly.api.json<CreatedKey>('/v1/keys', { name: 'v', role: 'viewer', project: '*' });
    expect((await chartly.api.send('/scim/v2/Users', { key: viewer.key })).status).toBe(403);
  });

  it('rule 17: stops a session, a key and a grant within their 5 s', async () => {
    const { accessToken = '', sessionId } = await login();
    const { id, key } = await chartly.api.json<CreatedKey>('/v1/keys', { name: 'k', role: 'viewer', project: '*' });
    const status = async (credential: string): Promise<number> =>
      (await chartly.api.send('/v1/projects/default/runs', { key: credential })).status;
    expect([await status(accessToken), await status(key)]).toEqual([200, 200]);
    await chartly.api.ok('/v1/bindings/ada', { method: 'DELETE' });
    await until('the grant to be gone', async () => ((await status(accessToken)) === 404 ? true : undefined));
    await chartly.api.ok(`/v1/me/sessions/${sessionId}`, { method: 'DELETE', key: accessToken });
    await chartly.api.ok(`/v1/keys/${id}`, { method: 'DELETE' });
    await until('both to be out', async () =>
      (await status(accessToken)) === 401 && (await status(key)) === 401 ? true : undefined,
    );
  });
});
