import { Logger } from '@nestjs/common';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Principal } from '#libs/contracts/principal';
import { LoggedIn } from '#libs/contracts/auth-users';
import { Conflict, Forbidden, TooManyRequests, Unauthenticated, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthProcess, AuthUnderTest } from '../auth.testing';
import { hotp, stepAt } from '../users/totp';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
const PASSWORD = 'correct horse battery staple';
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

describe('users and their sessions on Postgres', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  let running: AuthProcess;
  let auth: AuthService;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
    running = await under.process();
    ({ auth } = running);
  });
  afterEach(() => under.close());
  afterAll(() => postgres.stop());

  const asOwner = <T>(work: () => Promise<T>): Promise<T> => withCall({ principal: OWNER }, work);
  const makeAda = (): Promise<{ id: string }> => asOwner(() => auth.createUser({ name: 'Ada', password: PASSWORD }));
  const login = (password = PASSWORD, code?: string, address = '192.0.2.1'): Promise<LoggedIn> =>
    withCall({ principal: OWNER, client: { address } }, () => auth.login({ name: 'ada', password, code }));
  const whoIs = async (token: string): Promise<Principal> => (await auth.authenticate({ token })).principal;

  describe('rule 15: passwords', () => {
    it('are kept as argon2id of 64 MiB, two passes, one lane, and in no other form', async () => {
      await makeAda();
      const stored = await under.everythingStored();
      expect(stored).toMatch(/\$argon2id\$v=19\$m=65536,t=2,p=1\$/);
      expect(stored).not.toContain(PASSWORD);
    });

    it('may be any that nobody tries first, of twelve characters or more', async () => {
      const put = (password: string): Promise<unknown> => asOwner(() => auth.createUser({ name: 'x', password }));
      for (const common of ['passwordpassword', 'password1234', 'Qwertyuiop123', 'aaaaaaaaaaaaaaaa', '123456789012']) {
        await expect(put(common)).rejects.toBeInstanceOf(Unprocessable);
      }
      await expect(put('just small letters, no digit')).resolves.toBeDefined();
    });

    it('are hashed by as many at once as there are cores; beyond that 429, and nobody waits', async () => {
      await makeAda();
      await login(); // the hash of nobody is there now
      const tries = await Promise.allSettled(
        Array.from({ length: 40 }, (_, at) => login(PASSWORD, undefined, `192.0.2.${at}`)),
      );
      const refused = tries.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
      expect(tries.length - refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(0);
      for (const { reason } of refused) {
        expect(reason).toBeInstanceOf(TooManyRequests);
        expect(reason).toMatchObject({ code: 'login.busy' });
      }
    });
  });

  describe('a login', () => {
    it('gives a session whose access token says who it is, with what is bound to them', async () => {
      const { id } = await makeAda();
      const binding = { scope: 'a', name: 'ada', role: 'editor', subjects: [{ kind: 'user' as const, name: 'ada' }] };
      await asOwner(() => auth.putBinding(binding));
      const { accessToken, expiresIn, user } = await login();
      expect([expiresIn, user]).toEqual([300, 'ada']);
      expect(await whoIs(accessToken)).toMatchObject({ kind: 'user', id, name: 'ada', grants: [{ role: 'editor' }] });
      under.clock.pass(300 * SECOND_MS + 1);
      await expect(whoIs(accessToken)).rejects.toBeInstanceOf(Unauthenticated);
    });

    it('gives what is bound to a group of theirs, as long as they are in it', async () => {
      await makeAda();
      await asOwner(() => auth.putGroup({ name: 'Ops Team', members: ['ADA'] }));
      const subjects = [{ kind: 'group' as const, name: 'Ops Team' }];
      await asOwner(() => auth.putBinding({ scope: '*', name: 'ops', role: 'operator', subjects }));
      const { accessToken } = await login();
      expect((await whoIs(accessToken)).grants).toMatchObject([{ role: 'operator', project: '*' }]);
      await asOwner(() => auth.putGroup({ name: 'Ops Team', members: [] }));
      expect((await whoIs(accessToken)).grants).toEqual([]);
    });

    it('answers every wrong one alike, whoever there is', async () => {
      await makeAda();
      await asOwner(() => auth.createUser({ name: 'nopassword' }));
      await asOwner(() => auth.createUser({ name: 'out', password: PASSWORD }));
      await asOwner(() => auth.updateUser({ name: 'out', state: 'disabled' }));
      const answers: unknown[] = [];
      for (const [name, password] of [
        ['ada', 'wrong'],
        ['nobody', PASSWORD],
        ['nopassword', ''],
        ['out', PASSWORD],
      ] as const) {
        answers.push(await auth.login({ name, password }).catch((thrown: Error) => thrown.message));
      }
      expect(new Set(answers)).toEqual(new Set(['Name, password or code is wrong.']));
    });

    it('rule 21: makes who guesses wait, by account and by address, and nobody for good', async () => {
      await makeAda();
      for (let at = 0; at < 5; at += 1) await expect(login('wrong')).rejects.toBeInstanceOf(Unauthenticated);
      await expect(login()).rejects.toMatchObject({ code: 'login.throttled', details: { retryAfterMs: 1_000 } });
      under.clock.pass(SECOND_MS);
      await login();
      await login(); // a success forgets the account's failures
      for (let at = 0; at < 30; at += 1) {
        under.clock.pass(60 * SECOND_MS);
        await expect(login('wrong')).rejects.toBeInstanceOf(Unauthenticated);
      }
      await expect(login()).rejects.toMatchObject({ code: 'login.throttled', details: { retryAfterMs: 60_000 } });
      under.clock.pass(60 * SECOND_MS);
      await expect(login()).resolves.toBeDefined();
    });

    it('rule 21: counts names that nobody has like any other', async () => {
      const guess = (): Promise<unknown> => auth.login({ name: 'nobody', password: 'wrong' });
      for (let at = 0; at < 5; at += 1) await expect(guess()).rejects.toBeInstanceOf(Unauthenticated);
      await expect(guess()).rejects.toBeInstanceOf(TooManyRequests);
    });

    it('rule 21: lets nobody hold an account up from where its owner is not', async () => {
      await makeAda();
      const from = (address: string, password = 'wrong'): Promise<LoggedIn> => login(password, undefined, address);
      for (let at = 0; at < 5; at += 1) await expect(from('198.51.100.7')).rejects.toBeInstanceOf(Unauthenticated);
      await expect(from('198.51.100.7', PASSWORD)).rejects.toMatchObject({ code: 'login.throttled' });
      await expect(from('192.0.2.1', PASSWORD)).resolves.toBeDefined();
      const host = (at: number): string => `2001:db8:1:2::${at.toString(16)}`;
      for (let at = 1; at < 6; at += 1) await expect(from(host(at))).rejects.toBeInstanceOf(Unauthenticated);
      await expect(from(host(9), PASSWORD)).rejects.toMatchObject({ code: 'login.throttled' }); // one customer's /64
      await expect(from('2001:db8:1:3::1', PASSWORD)).resolves.toBeDefined();
    });

    it('rule 21: slows many addresses down that guess at one account, and not its owner where they have been', async () => {
      await makeAda();
      await login(PASSWORD, undefined, '192.0.2.1');
      for (let at = 0; at < 100; at += 1) {
        await expect(login('wrong', undefined, `198.51.100.${at}`)).rejects.toBeInstanceOf(Unauthenticated);
      }
      await expect(login('wrong', undefined, '203.0.113.1')).rejects.toMatchObject({ code: 'login.throttled' });
      await expect(login(PASSWORD, undefined, '192.0.2.1')).resolves.toBeDefined();
      under.clock.pass(10 * SECOND_MS);
      await expect(login(PASSWORD, undefined, '203.0.113.1')).resolves.toBeDefined();
    });

    it('rule 21: counts guesses that are made at once', async () => {
      const { id: userId } = await makeAda();
      await auth.enrolTotp({ userId, password: PASSWORD });
      const guesses = Array.from({ length: 40 }, (_, at) => auth.confirmTotp({ userId, code: `${100_000 + at}` }));
      const answers = (await Promise.allSettled(guesses)) as PromiseRejectedResult[];
      const codes = answers.map(({ reason }) => (reason as Forbidden).code);
      expect(codes.filter((code) => code === 'totp.wrong')).toHaveLength(5);
      expect(new Set(codes)).toEqual(new Set(['totp.wrong', 'login.throttled']));
    });

    it('rule 21: makes an address wait that tries many accounts', async () => {
      const guess = (at: number): Promise<unknown> =>
        withCall({ principal: OWNER, client: { address: '198.51.100.7' } }, () =>
          auth.login({ name: `user${at}`, password: 'x' }),
        );
      for (let at = 0; at < 20; at += 1) await expect(guess(at)).rejects.toBeInstanceOf(Unauthenticated);
      await expect(guess(20)).rejects.toMatchObject({ code: 'login.throttled' });
    });
  });

  it('fills no log with guesses at users, and hides none of them behind noise at the door', async () => {
    const { id } = await makeAda();
    const guess = (at: number, name = 'ada'): Promise<unknown> =>
      withCall({ principal: OWNER, client: { address: `192.0.2.${at}` } }, () =>
        auth.login({ name, password: 'wrong' }),
      );
    const denied = async (target: string): Promise<(string | undefined)[]> =>
      (await under.audited())
        .filter((one) => one.outcome === 'denied' && one.target === target)
        .map((one) => one.reason);
    for (let at = 0; at < 65; at += 1) await expect(guess(at)).rejects.toBeInstanceOf(Unauthenticated);
    await expect(guess(100, 'nobody')).rejects.toBeInstanceOf(Unauthenticated);
    expect(await denied(`User/${id}`)).toHaveLength(60);
    expect(await denied('User')).toHaveLength(1);
    under.clock.pass(SECOND_MS);
    await expect(guess(101)).rejects.toBeInstanceOf(Unauthenticated);
    expect((await denied(`User/${id}`)).at(-1)).toBe('wrong name, password or code; 5 more were refused before');
  });

  describe('rule 16: refresh tokens', () => {
    it('are good once, and followed by another', async () => {
      await makeAda();
      const first = await login();
      const second = await auth.refresh({ refreshToken: first.refreshToken });
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(second.sessionId).toBe(first.sessionId);
      await expect(auth.refresh({ refreshToken: second.refreshToken })).resolves.toBeDefined();
      for (const wrong of ['', 'cr_x', `cr_${'A'.repeat(43)}`]) {
        await expect(auth.refresh({ refreshToken: wrong })).rejects.toMatchObject({ code: 'session.ended' });
      }
    });

    it('give one successor to fifty who use the same one at once', async () => {
      await makeAda();
      const { refreshToken } = await login();
      const other = (await under.process()).auth;
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 ? auth : other).refresh({ refreshToken })),
      );
      expect(new Set(all.map((one) => one.refreshToken)).size).toBe(1);
      const [{ count }] = await postgres.database.query<[{ count: number }]>(
        'SELECT count(*)::int FROM auth.refresh_tokens',
      );
      expect(count).toBe(2);
    });

    it('give the same successor for ten seconds, and after that end the session', async () => {
      await makeAda();
      const first = await login();
      const second = await auth.refresh({ refreshToken: first.refreshToken });
      under.clock.pass(10 * SECOND_MS - 1);
      expect((await auth.refresh({ refreshToken: first.refreshToken })).refreshToken).toBe(second.refreshToken);
      under.clock.pass(1);
      await expect(auth.refresh({ refreshToken: first.refreshToken })).rejects.toMatchObject({ code: 'session.ended' });
      await expect(auth.refresh({ refreshToken: second.refreshToken })).rejects.toBeInstanceOf(Unauthenticated);
      await expect(whoIs(second.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
      const last = (await under.audited()).at(-1);
      expect(last).toMatchObject({ action: 'session.end', outcome: 'denied' });
      expect(last?.reason).toMatch(/^a refresh token was used twice/);
    });

    it('stand in no table in a form that would let anybody in', async () => {
      await makeAda();
      const { refreshToken } = await login();
      const next = await auth.refresh({ refreshToken });
      const stored = await under.everythingStored();
      for (const token of [refreshToken, next.refreshToken, next.accessToken]) {
        expect(stored).not.toContain(token);
        expect(stored).not.toContain(Buffer.from(token).toString('hex'));
      }
    });

    it('end with an idle week, and with the month of the session', async () => {
      await makeAda();
      const idle = await login();
      under.clock.pass(7 * DAY_MS);
      await expect(auth.refresh({ refreshToken: idle.refreshToken })).rejects.toBeInstanceOf(Unauthenticated);
      let { refreshToken } = await login();
      for (let day = 0; day < 29; day += 6) {
        ({ refreshToken } = await auth.refresh({ refreshToken }));
        under.clock.pass(6 * DAY_MS);
      }
      await expect(auth.refresh({ refreshToken })).rejects.toBeInstanceOf(Unauthenticated);
    });
  });

  describe('sessions', () => {
    it('are listed with where they came from, and ended one by one', async () => {
      const { id: userId } = await makeAda();
      const [one, other] = [await login(), await login(PASSWORD, undefined, '192.0.2.2')];
      const { sessions } = await auth.sessions({ userId });
      expect(sessions.map(({ address, methods }) => [address, methods])).toEqual([
        ['192.0.2.2', ['pwd']],
        ['192.0.2.1', ['pwd']],
      ]);
      await auth.endSession({ userId, sessionId: one.sessionId });
      await expect(whoIs(one.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
      await expect(auth.refresh({ refreshToken: one.refreshToken })).rejects.toBeInstanceOf(Unauthenticated);
      await whoIs(other.accessToken);
      const stranger = await asOwner(() => auth.createUser({ name: 'eve' }));
      const theirs = { userId: stranger.id, sessionId: other.sessionId };
      await expect(auth.endSession(theirs)).rejects.toMatchObject({ code: 'session.unknown' });
      await auth.logout({ refreshToken: other.refreshToken });
      await expect(whoIs(other.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
    });

    it('end when the password is changed, or the user is disabled or deleted', async () => {
      const { id: userId } = await makeAda();
      const first = await login();
      const next = 'another good long password';
      await expect(auth.changePassword({ userId, current: 'wrong', next })).rejects.toBeInstanceOf(Forbidden);
      await auth.changePassword({ userId, current: PASSWORD, next });
      await expect(whoIs(first.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
      const second = await login(next);
      await asOwner(() => auth.updateUser({ name: 'ada', state: 'disabled' }));
      await expect(whoIs(second.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
      await asOwner(() => auth.updateUser({ name: 'ada', state: 'active' }));
      const third = await login(next);
      await asOwner(() => auth.deleteUser({ name: 'ada' }));
      await expect(whoIs(third.accessToken)).rejects.toBeInstanceOf(Unauthenticated);
    });

    it('are of one user where fifty of the same name are made at once, and of none who is deleted meanwhile', async () => {
      const made = await Promise.allSettled(
        Array.from({ length: 50 }, () => asOwner(() => auth.createUser({ name: 'bob' }))),
      );
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const one of made) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(Conflict);
      const [changed] = await Promise.allSettled([
        asOwner(() => auth.updateUser({ name: 'bob', password: PASSWORD })), // which takes a while to hash
        asOwner(() => auth.deleteUser({ name: 'bob' })),
      ]);
      expect(changed).toMatchObject({ status: 'rejected', reason: { code: 'user.unknown' } });
    });

    it('give nothing to a later user of the same name', async () => {
      await makeAda();
      const subjects = [{ kind: 'user' as const, name: 'ada' }];
      await asOwner(() => auth.putBinding({ scope: '*', name: 'ada', role: 'owner', subjects }));
      await asOwner(() => auth.deleteUser({ name: 'ada' }));
      await makeAda();
      await expect(makeAda()).rejects.toBeInstanceOf(Conflict);
      expect((await whoIs((await login()).accessToken)).grants).toEqual([]);
    });
  });

  describe('access tokens', () => {
    it('are checked by anybody with the published keys, before and after a rotation', async () => {
      await makeAda();
      const check = async (token: string): Promise<unknown> => {
        const keys = createLocalJWKSet(await auth.keySet());
        const currentDate = under.clock.now();
        return (await jwtVerify(token, keys, { audience: 'chartly', currentDate })).payload.name;
      };
      const before = await login();
      expect(await check(before.accessToken)).toBe('ada');
      await running.signing.rotate();
      const after = await login();
      expect(decodeProtectedHeader(after.accessToken).kid).not.toBe(decodeProtectedHeader(before.accessToken).kid);
      for (const { accessToken } of [before, after]) {
        expect(await check(accessToken)).toBe('ada');
        await whoIs(accessToken);
      }
      under.clock.pass(DAY_MS + 1);
      expect((await auth.keySet()).keys).toHaveLength(1);
    });

    it('are signed by a new key after thirty days', async () => {
      await makeAda();
      const kidOf = async (): Promise<unknown> => decodeProtectedHeader((await login()).accessToken).kid;
      const first = await kidOf();
      under.clock.pass(29 * DAY_MS);
      expect(await kidOf()).toBe(first);
      under.clock.pass(DAY_MS);
      expect(await kidOf()).not.toBe(first);
    });

    it('are refused with another algorithm, without a signature, or changed by a letter', async () => {
      await makeAda();
      const { accessToken } = await login();
      const [header = '', payload = '', signature = ''] = accessToken.split('.');
      const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
      const turned = payload.slice(0, -1) + (payload.endsWith('A') ? 'B' : 'A');
      for (const forged of [
        `${none}.${payload}.`,
        `${header}.${turned}.${signature}`,
        `${header}.${payload}.`,
        'a.b.c',
      ]) {
        await expect(whoIs(forged)).rejects.toBeInstanceOf(Unauthenticated);
      }
    });
  });

  describe('a second factor', () => {
    const enrol = async (userId: string): Promise<{ secret: Buffer; recoveryCodes: string[] }> => {
      const { secret, uri } = await auth.enrolTotp({ userId, password: PASSWORD });
      expect(uri).toBe(
        `otpauth://totp/127.0.0.1%3Aada?secret=${secret}&issuer=127.0.0.1&algorithm=SHA1&digits=6&period=30`,
      );
      const bytes = fromBase32(secret);
      const { recoveryCodes } = await auth.confirmTotp({ userId, code: codeOf(bytes) });
      under.clock.pass(30 * SECOND_MS);
      return { secret: bytes, recoveryCodes };
    };
    const codeOf = (secret: Buffer): string => hotp(secret, stepAt(under.clock.now().getTime()));

    it('is asked for after the password, and a code of it is good once', async () => {
      const { id } = await makeAda();
      await login(); // not in force before it is confirmed
      const { secret } = await enrol(id);
      await expect(login()).rejects.toMatchObject({ code: 'login.second_factor' });
      await expect(login('wrong', codeOf(secret))).rejects.toMatchObject({ code: 'login.wrong' });
      await expect(login(PASSWORD, '000000')).rejects.toMatchObject({ code: 'login.wrong' });
      const code = codeOf(secret);
      await login(PASSWORD, code);
      await expect(login(PASSWORD, code)).rejects.toMatchObject({ code: 'login.wrong' });
      const { sessions } = await auth.sessions({ userId: id });
      expect(sessions.map(({ methods }) => methods)).toContainEqual(['pwd', 'otp', 'mfa']);
    });

    it('leaves one entry of a login with it, and one of a login without it: who it was, and by which methods', async () => {
      const { id } = await makeAda();
      const first = await login();
      const { secret } = await enrol(id);
      await expect(login()).rejects.toMatchObject({ code: 'login.second_factor' });
      const second = await login(PASSWORD, codeOf(secret));
      const begun = (await under.audited()).filter(({ action }) => action === 'session.begin');
      const actor = { kind: 'user', id, name: 'ada' };
      expect(begun).toMatchObject([
        { target: `Session/${first.sessionId}`, outcome: 'succeeded', reason: 'pwd', actor },
        { target: `Session/${second.sessionId}`, outcome: 'succeeded', reason: 'pwd, otp, mfa', actor },
      ]);
    });

    it('gives ten recovery codes, each good once, in any spelling', async () => {
      const { id } = await makeAda();
      const { recoveryCodes } = await enrol(id);
      expect(new Set(recoveryCodes).size).toBe(10);
      const [first = '', second = ''] = recoveryCodes;
      await login(PASSWORD, first);
      await expect(login(PASSWORD, first)).rejects.toBeInstanceOf(Unauthenticated);
      await login(PASSWORD, second.toUpperCase().replaceAll('-', ' '));
    });

    it('is put on and taken off with a code alone, and stored sealed', async () => {
      const { id: userId } = await makeAda();
      const { secret, recoveryCodes } = await enrol(userId);
      const proof = { password: PASSWORD, code: recoveryCodes[0] };
      await expect(auth.enrolTotp({ userId, ...proof })).rejects.toBeInstanceOf(Conflict);
      const stored = await under.everythingStored();
      for (const clear of [secret.toString('hex'), secret.toString('base64'), ...recoveryCodes]) {
        expect(stored).not.toContain(clear);
      }
      await expect(auth.removeTotp({ userId, code: '123456' })).rejects.toBeInstanceOf(Forbidden);
      await auth.removeTotp({ userId, code: codeOf(secret) });
      await login();
    });

    it('is put on by who has just logged in or says the password, and by no session left open', async () => {
      const { id: userId } = await makeAda();
      const principal = await whoIs((await login()).accessToken);
      const begin = (proof: object = {}): Promise<unknown> =>
        withCall({ principal }, () => auth.enrolTotp({ userId, ...proof }));
      await expect(begin()).resolves.toBeDefined();
      under.clock.pass(600 * SECOND_MS);
      await expect(begin()).rejects.toMatchObject({ code: 'proof.needed' });
      await expect(begin({ password: 'wrong' })).rejects.toMatchObject({ code: 'proof.wrong' });
      await expect(begin({ password: PASSWORD })).resolves.toBeDefined();
    });

    it('rule 21: lets nobody with a session guess the code, or the password', async () => {
      const { id: userId } = await makeAda();
      const { secret } = await enrol(userId);
      for (let at = 0; at < 5; at += 1) {
        await expect(auth.removeTotp({ userId, code: `00000${at}` })).rejects.toMatchObject({ code: 'totp.wrong' });
      }
      const next = 'another good long password';
      for (const guess of [
        auth.removeTotp({ userId, code: codeOf(secret) }),
        auth.confirmTotp({ userId, code: codeOf(secret) }),
        auth.changePassword({ userId, current: PASSWORD, next }),
        auth.beginPasskey({ userId, password: PASSWORD, code: codeOf(secret) }),
      ].map((one) => one.catch((thrown: unknown) => thrown))) {
        expect(await guess).toMatchObject({ code: 'login.throttled' });
      }
      under.clock.pass(SECOND_MS);
      await auth.removeTotp({ userId, code: codeOf(secret) });
    });

    it('rule 21: lets nobody with the password guess the code', async () => {
      const { id } = await makeAda();
      await enrol(id);
      for (let at = 0; at < 5; at += 1)
        await expect(login(PASSWORD, `00000${at}`)).rejects.toBeInstanceOf(Unauthenticated);
      await expect(login(PASSWORD, '000009')).rejects.toBeInstanceOf(TooManyRequests);
    });
  });
});

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
