import { Logger } from '@nestjs/common';
import { Principal } from '#libs/contracts/principal';
import { PasskeyCeremony } from '#libs/contracts/auth-logins';
import { Unauthenticated, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';
import { SoftwareAuthenticator } from './authenticator.testing';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
const ORIGIN = 'https://chartly.example.com';
const PASSWORD = 'correct horse battery staple';
const MINUTE_MS = 60_000;

/** The options as the browser hands them to an authenticator. */
const asked = <T>({ options }: PasskeyCeremony): T => options as T;

describe('passkeys on Postgres, with an authenticator in software', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  let auth: AuthService;
  let userId: string;
  let key: SoftwareAuthenticator;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
    ({ auth } = await under.process({ CHARTLY_PUBLIC_URL: `${ORIGIN}/` }));
    ({ id: userId } = await withCall({ principal: OWNER }, () => auth.createUser({ name: 'ada', password: PASSWORD })));
    key = new SoftwareAuthenticator(ORIGIN);
  });
  afterEach(() => under.close());
  afterAll(() => postgres.stop());

  type Twist = Parameters<SoftwareAuthenticator['create']>[1];
  const add = async (twist: Twist = {}): Promise<unknown> => {
    const ceremony = await auth.beginPasskey({ userId, password: PASSWORD });
    const response = key.create(asked(ceremony), twist);
    return auth.addPasskey({ userId, challengeId: ceremony.challengeId, response, name: 'laptop' });
  };
  const login = async (twist: Twist = {}): Promise<{ accessToken: string; sessionId: string }> => {
    const ceremony = await auth.beginPasskeyLogin();
    const response = key.get(asked(ceremony), twist);
    return auth.loginByPasskey({ challengeId: ceremony.challengeId, response });
  };

  it('let in who has one, without a password', async () => {
    await add();
    const { accessToken } = await login();
    expect((await auth.authenticate({ token: accessToken })).principal).toMatchObject({ kind: 'user', name: 'ada' });
    const { sessions } = await auth.sessions({ userId });
    expect(sessions[0]?.methods).toEqual(['hwk', 'user', 'mfa']);
    const { passkeys } = await auth.passkeys({ userId });
    expect(passkeys).toMatchObject([{ name: 'laptop', lastUsedAt: '2026-01-01T00:00:00.000Z' }]);
  });

  it.each<[string, Twist]>([
    ['made for another page', { origin: 'https://evil.example.com' }],
    ['to another challenge', { challenge: Buffer.from('another').toString('base64url') }],
    ['for another host', { rpId: 'evil.example.com' }],
    ['without its owner checked', { flags: 0x01 }],
  ])('are not taken, nor let in, by an answer %s', async (_, twist) => {
    await expect(add(twist)).rejects.toBeInstanceOf(Unprocessable);
    await add();
    await expect(login(twist)).rejects.toBeInstanceOf(Unauthenticated);
  });

  it('let nobody in with a copy of an answer, or of the key', async () => {
    await add();
    const ceremony = await auth.beginPasskeyLogin();
    const response = key.get(asked(ceremony));
    await auth.loginByPasskey({ challengeId: ceremony.challengeId, response });
    await expect(auth.loginByPasskey({ challengeId: ceremony.challengeId, response })).rejects.toThrow(Unauthenticated);
    await login({ counter: 50 });
    await expect(login({ counter: 7 })).rejects.toThrow(Unauthenticated); // a clone counts for itself
  });

  it('let nobody in by a key that we do not know, a turned signature, or nonsense', async () => {
    await add();
    const known = key;
    key = new SoftwareAuthenticator(ORIGIN);
    await expect(login()).rejects.toThrow(Unauthenticated);
    const ceremony = await auth.beginPasskeyLogin();
    const response = known.get(asked(ceremony));
    response.response.signature = known.get({ challenge: 'other', rpId: 'chartly.example.com' }).response.signature;
    await expect(auth.loginByPasskey({ challengeId: ceremony.challengeId, response })).rejects.toThrow(Unauthenticated);
    for (const nonsense of [{}, { id: 1 }, { id: known.credentialId.toString('base64url') }, { id: '__proto__' }]) {
      const { challengeId } = await auth.beginPasskeyLogin();
      await expect(auth.loginByPasskey({ challengeId, response: nonsense })).rejects.toThrow(/passkey|logins/);
    }
  });

  it('are added by who has just logged in or says the password, and by no session left open', async () => {
    const begin = async (principal: Principal, proof: object = {}): Promise<unknown> =>
      withCall({ principal }, () => auth.beginPasskey({ userId, ...proof }));
    const { accessToken } = await auth.login({ name: 'ada', password: PASSWORD });
    const { principal } = await auth.authenticate({ token: accessToken });
    await expect(begin(principal)).resolves.toBeDefined();
    const { id: eve } = await withCall({ principal: OWNER }, () => auth.createUser({ name: 'eve' }));
    const another = withCall({ principal }, () => auth.beginPasskey({ userId: eve }));
    await expect(another).rejects.toMatchObject({ code: 'proof.needed' });
    under.clock.pass(10 * MINUTE_MS);
    await expect(begin(principal)).rejects.toMatchObject({ code: 'proof.needed' });
    await expect(begin(principal, { password: 'wrong' })).rejects.toMatchObject({ code: 'proof.wrong' });
    await expect(begin(principal, { password: PASSWORD })).resolves.toBeDefined();
  });

  it('are answered within five minutes, by who was asked', async () => {
    const ceremony = await auth.beginPasskey({ userId, password: PASSWORD });
    const { id: other } = await withCall({ principal: OWNER }, () => auth.createUser({ name: 'eve' }));
    const response = key.create(asked(ceremony));
    const answer = { challengeId: ceremony.challengeId, response, name: 'x' };
    await expect(auth.addPasskey({ userId: other, ...answer })).rejects.toBeInstanceOf(Unprocessable);
    under.clock.pass(5 * MINUTE_MS);
    await expect(auth.addPasskey({ userId, ...answer })).rejects.toBeInstanceOf(Unprocessable);
  });

  it('let nobody in after they were removed, or their user was disabled', async () => {
    await add();
    await withCall({ principal: OWNER }, () => auth.updateUser({ name: 'ada', state: 'disabled' }));
    await expect(login()).rejects.toThrow(Unauthenticated);
    await withCall({ principal: OWNER }, () => auth.updateUser({ name: 'ada', state: 'active' }));
    await login();
    const passkeyId = key.credentialId.toString('base64url');
    const { id: eve } = await withCall({ principal: OWNER }, () =>
      auth.createUser({ name: 'eve', password: PASSWORD }),
    );
    const byEve = auth.removePasskey({ userId: eve, passkeyId, password: PASSWORD });
    await expect(byEve).rejects.toThrow(/no such passkey/);
    await auth.removePasskey({ userId, passkeyId, password: PASSWORD });
    await expect(login()).rejects.toThrow(Unauthenticated);
  });

  it('are removed by who has just logged in or says the password, and by no session left open', async () => {
    await add();
    const passkeyId = key.credentialId.toString('base64url');
    const { accessToken } = await login();
    const { principal } = await auth.authenticate({ token: accessToken });
    const remove = (proof: object = {}): Promise<unknown> =>
      withCall({ principal }, () => auth.removePasskey({ userId, passkeyId, ...proof }));
    under.clock.pass(10 * MINUTE_MS);
    await expect(remove()).rejects.toMatchObject({ code: 'proof.needed' });
    await expect(remove({ password: 'wrong' })).rejects.toMatchObject({ code: 'proof.wrong' });
    const fresh = await auth.authenticate({ token: (await login()).accessToken });
    await withCall({ principal: fresh.principal }, () => auth.removePasskey({ userId, passkeyId }));
    await expect(login()).rejects.toThrow(Unauthenticated);
  });
});
