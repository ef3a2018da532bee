import { Logger } from '@nestjs/common';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';
import { Replies } from './replies';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
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
