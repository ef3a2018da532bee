import { SessionAnswer } from '#apps/gateway/routes/login.controller';
import { freePort } from '#libs/net/free-port';
import { ChartlyUnderTest } from './support/chartly';
import { Chromium, describeWithChromium } from './support/chromium';

const PERSON = { name: 'ada', password: 'correct horse battery staple' };

/** What a page does: nothing here is ours but the requests. */
const PAGE = `
  const post = async (path, body, token) => {
    const headers = {
      ...(token ? { authorization: 'Bearer ' + token } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const answer = await fetch(path, { method: 'POST', headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  };
  globalThis.addPasskey = async (token) => {
    const { body: { challengeId, options } } = await post('/v1/me/passkeys/options', {}, token);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const response = (await navigator.credentials.create({ publicKey })).toJSON();
    return post('/v1/me/passkeys', { challengeId, response, name: 'this browser' }, token);
  };
  globalThis.loginByPasskey = async () => {
    const { body: { challengeId, options } } = await post('/v1/login/passkey/options');
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const response = (await navigator.credentials.get({ publicKey })).toJSON();
    return post('/v1/login/passkey', { challengeId, response });
  };
  globalThis.removePasskey = (id, token) => post('/v1/me/passkeys/' + id + '/remove', {}, token);
`;

interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

describeWithChromium('a passkey in a real browser', () => {
  let chartly: ChartlyUnderTest;
  let browser: Chromium;
  let authenticatorId: string;
  beforeAll(async () => {
    const port = await freePort();
    const address = `http://localhost:${port}`; // a passkey belongs to a host with a name
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_PORT: `${port}`, CHARTLY_PUBLIC_URL: address });
    browser = await Chromium.start();
    await browser.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    };
    const made = await browser.send<{ authenticatorId: string }>('WebAuthn.addVirtualAuthenticator', { options });
    ({ authenticatorId } = made);
    await browser.open(`${address}/docs`);
    await browser.evaluate(PAGE);
    await chartly.api.json('/v1/users', PERSON);
  });
  afterAll(async () => {
    await browser.end();
    await chartly.end();
  });

  const login = (): Promise<Answered<SessionAnswer>> => browser.evaluate('loginByPasskey()');

  it('is added, lets its owner in without a password, and lets nobody in once it is removed', async () => {
    const { accessToken: token = '' } = await chartly.api.json<SessionAnswer>('/v1/login', PERSON, { key: null });
    const added = await browser.evaluate<Answered<{ id: string }>>(`addPasskey('${token}')`);
    expect(added).toMatchObject({ status: 201, body: { name: 'this browser' } });
    const { status, body } = await login();
    expect(status).toBe(200);
    const who = await chartly.api.ok<{ name: string; kind: string }>('/v1/whoami', { key: body.accessToken });
    expect(who).toMatchObject({ name: 'ada', kind: 'user' });
    expect(await browser.evaluate(`removePasskey('${added.body.id}', '${body.accessToken}')`)).toMatchObject({
      status: 204,
    });
    expect(await login()).toMatchObject({ status: 401, body: { code: 'login.wrong' } });
  });

  it('lets nobody in whom the authenticator does not recognize as its owner', async () => {
    const { accessToken: token = '' } = await chartly.api.json<SessionAnswer>('/v1/login', PERSON, { key: null });
    expect((await browser.evaluate<Answered<object>>(`addPasskey('${token}')`)).status).toBe(201);
    await browser.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await expect(login()).rejects.toThrow(/NotAllowedError/);
    await browser.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    expect((await login()).status).toBe(200);
  });
});
