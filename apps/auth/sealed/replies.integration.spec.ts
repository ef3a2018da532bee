import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';
import { SoftwareAuthenticator } from '../passkeys/authenticator.testing';
import { hotp, stepAt } from '../users/totp';
import { Replies } from './replies';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
const PASSWORD = 'correct horse battery staple';
const OTHER: Principal = { ...OWNER, kind: 'key', id: crypto.randomUUID(), name: 'other' };

describe('rule 7: what is asked of auth again under one Idempotency-Key', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  let auth: AuthService;
  let replies: Replies;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
    ({ auth, replies } = await under.process());
  });
  afterEach(() => under.close());
  afterAll(() => postgres.stop());

  const keyed = <T>(principal: Principal, digest: string, work: () => Promise<T>): Promise<T> =>
    withCall({ principal, idempotency: { scope: 'POST /v1/keys', key: 'again', digest } }, work);
  const create = (principal = OWNER, digest = 'one'): Promise<CreatedKey> =>
    keyed(principal, digest, () => auth.createKey({ name: 'ci', role: 'viewer', project: 'default' }));

  it('makes one key, and gives the same one again', async () => {
    const first = await create();
    expect(await create()).toEqual(first);
    expect((await auth.keys({})).keys).toHaveLength(1);
    expect((await under.audited()).map(({ action }) => action)).toEqual(['keys.create']);
    expect((await auth.authenticate({ token: first.key })).principal).toMatchObject({ name: 'ci' });
  });

  it('stands in no table in a form that would let anybody in', async () => {
    const { key } = await create();
    const [, , secret = ''] = key.split('_');
    const stored = await under.everythingStored();
    for (const form of [secret, Buffer.from(secret).toString('hex')]) expect(stored).not.toContain(form);
  });

  it("stands in no table with a digest by which somebody could try a request's passwords quickly", async () => {
    const digest = createHash('sha256').update(PASSWORD).digest('hex');
    await create(OWNER, digest);
    expect(await under.everythingStored()).not.toContain(digest);
  });

  it('is of the caller alone: the key of another is another', async () => {
    const first = await create();
    const others = await create(OTHER);
    expect(others.id).not.toBe(first.id);
    expect((await create()).id).toBe(first.id);
  });

  it('is refused with another body, and makes one of fifty at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => create()));
    const made = tries.filter((one) => one.status === 'fulfilled').map(({ value }) => value.id);
    expect(new Set(made).size).toBe(1);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(Conflict);
    await expect(create(OWNER, 'another')).rejects.toBeInstanceOf(Unprocessable);
  });

  it('follows a key by one other, and makes and changes one user', async () => {
    const { id } = await withCall({ principal: OWNER }, () =>
      auth.createKey({ name: 'ci', role: 'viewer', project: 'default' }),
    );
    const rotate = (): Promise<CreatedKey> => keyed(OWNER, 'r', () => auth.rotateKey({ id }));
    expect(await rotate()).toEqual(await rotate());
    expect((await auth.keys({})).keys).toHaveLength(2);
    const scope = 'POST /v1/users';
    const make = (): Promise<object> =>
      withCall({ principal: OWNER, idempotency: { scope, key: 'u', digest: 'u' } }, () =>
        auth.createUser({ name: 'ada' }),
      );
    expect(await make()).toEqual(await make());
    expect((await auth.users()).users).toHaveLength(1);
  });

  describe("of what is a person's own", () => {
    let userId: string;
    beforeEach(async () => {
      ({ id: userId } = await withCall({ principal: OWNER }, () =>
        auth.createUser({ name: 'ada', password: PASSWORD }),
      ));
    });

    const own = <T>(scope: string, work: () => Promise<T>, digest = 'one'): Promise<T> =>
      withCall(
        { principal: { kind: 'user', id: userId, name: 'ada', grants: [] }, idempotency: { scope, key: 'k', digest } },
        work,
      );
    const actions = async (): Promise<string[]> => (await under.audited()).map(({ action }) => action).slice(1);
    const refusal = { code: 'idempotency.other_body' };

    it('enrols a second factor, puts it in force and takes it off once each, by a code that counts once', async () => {
      const enrol = (digest?: string): Promise<{ secret: string }> =>
        own('POST /totp', () => auth.enrolTotp({ userId, password: PASSWORD }), digest);
      const { secret } = await enrol();
      expect((await enrol()).secret).toBe(secret);
      await expect(enrol('two')).rejects.toMatchObject(refusal);
      const codeNow = (): string => hotp(fromBase32(secret), stepAt(under.clock.now().getTime()));
      const code = codeNow();
      const confirm = (digest?: string): Promise<object> =>
        own('POST /totp/confirm', () => auth.confirmTotp({ userId, code }), digest);
      const codes = await confirm();
      expect(await confirm()).toEqual(codes);
      await expect(confirm('two')).rejects.toMatchObject(refusal);
      under.clock.pass(30_000);
      const next = codeNow();
      const remove = (digest?: string): Promise<object> =>
        own('POST /totp/remove', () => auth.removeTotp({ userId, code: next }), digest);
      expect(await remove()).toEqual({});
      expect(await remove()).toEqual({});
      await expect(remove('two')).rejects.toMatchObject(refusal);
      expect(await actions()).toEqual(['users.add_second_factor', 'users.remove_second_factor']);
    });

    it('adds and removes a passkey once each, for a challenge that counts once', async () => {
      const { challengeId, options } = await auth.beginPasskey({ userId, password: PASSWORD });
      const origin = 'http://127.0.0.1:8080';
      const response = new SoftwareAuthenticator(origin).create(options as never); // as the browser hands them over
      const add = (digest?: string): Promise<{ id: string }> =>
        own('POST /passkeys', () => auth.addPasskey({ userId, challengeId, response, name: 'laptop' }), digest);
      const passkey = await add();
      expect(await add()).toEqual(passkey);
      await expect(add('two')).rejects.toMatchObject(refusal);
      const remove = (digest?: string): Promise<object> =>
        own(
          'POST /passkeys/remove',
          () => auth.removePasskey({ userId, passkeyId: passkey.id, password: PASSWORD }),
          digest,
        );
      expect(await remove()).toEqual({});
      expect(await remove()).toEqual({});
      await expect(remove('two')).rejects.toMatchObject(refusal);
      expect(await actions()).toEqual(['users.add_passkey', 'users.remove_passkey']);
    });

    it('keeps no refusal, so that the right proof may follow the wrong one', async () => {
      const enrol = (password: string): Promise<{ secret: string }> =>
        own('POST /totp', () => auth.enrolTotp({ userId, password }), password);
      await expect(enrol('wrong')).rejects.toMatchObject({ code: 'proof.wrong' });
      expect((await enrol(PASSWORD)).secret).toHaveLength(32);
    });
  });

  it('keeps nothing sealed beyond its key', async () => {
    await create();
    await replies.sweep();
    const { id } = await create();
    await postgres.database.query('DELETE FROM auth.idempotency');
    await replies.sweep();
    expect(await postgres.database.query('SELECT 1 FROM auth.sealed_values')).toEqual([]);
    expect((await create()).id).not.toBe(id);
  });
});

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
