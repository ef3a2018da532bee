import { Logger } from '@nestjs/common';
import { Principal } from '#libs/contracts/principal';
import { decide } from '#libs/contracts/permissions';
import { Conflict, Forbidden, NotFound, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';

const holder = (name: string, role: string, project: string): Principal => ({
  kind: 'local',
  id: name,
  name,
  grants: [{ role, project }],
});
const OWNER = holder('ada', 'owner', '*');
const ADMIN_OF_A = holder('bea', 'admin', 'a');
const HOUR_MS = 3_600_000;

describe('roles, bindings, service accounts and their keys on Postgres', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  let auth: AuthService;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
    ({ auth } = await under.process());
  });
  afterEach(() => under.close());
  afterAll(() => postgres.stop());

  const as = <T>(principal: Principal, work: () => Promise<T>): Promise<T> => withCall({ principal }, work);
  const ci = { kind: 'account', name: 'a/ci' } as const;
  const makeAccount = (): Promise<unknown> => as(OWNER, () => auth.createAccount({ project: 'a', name: 'ci' }));
  const bind = (role: string, scope = 'a', by = OWNER): Promise<unknown> =>
    as(by, () => auth.putBinding({ scope, name: 'ci', role, subjects: [ci] }));
  const keyOfCi = (scope?: object, by = OWNER): Promise<{ id: string; key: string }> =>
    as(by, () => auth.createKey({ name: 'k', account: 'a/ci', ...(scope ? { scope } : {}) }));
  const who = async (token: string): Promise<Principal> => (await auth.authenticate({ token })).principal;

  it('gives a service account what is bound to it, as long as it is', async () => {
    await makeAccount();
    const { key } = await keyOfCi();
    expect(decide(await who(key), 'pipelines:read', 'a')).toBe('stranger');
    await bind('editor');
    expect(decide(await who(key), 'pipelines:write', 'a')).toBe('allowed');
    expect(decide(await who(key), 'pipelines:write', 'b')).toBe('stranger');
    await as(OWNER, () => auth.deleteBinding({ scope: 'a', name: 'ci' }));
    expect((await who(key)).grants).toEqual([]);
  });

  it('gives a role of our own, and what it becomes, and names where a grant comes from', async () => {
    await makeAccount();
    const rules = [{ permissions: ['runs:*'], names: ['team-*'] }];
    await as(OWNER, () => auth.putRole({ scope: 'a', name: 'oncall', rules }));
    await bind('oncall');
    const { key } = await keyOfCi();
    expect((await who(key)).grants).toEqual([{ role: 'oncall', project: 'a', rules, by: 'RoleBinding a/ci' }]);
    await as(OWNER, () => auth.putRole({ scope: 'a', name: 'oncall', rules: [{ permissions: ['data:read'] }] }));
    expect(decide(await who(key), 'data:read', 'a')).toBe('allowed');
    expect(decide(await who(key), 'runs:write', 'a', { name: 'team-x' })).toBe('denied');
  });

  it('knows no role of another project, and no subject that there is not', async () => {
    await makeAccount();
    await as(OWNER, () => auth.putRole({ scope: 'b', name: 'theirs', rules: [{ permissions: ['data:read'] }] }));
    await expect(bind('theirs')).rejects.toBeInstanceOf(Unprocessable);
    await as(OWNER, () => auth.putRole({ scope: '*', name: 'shared', rules: [{ permissions: ['data:read'] }] }));
    await expect(bind('shared')).resolves.toMatchObject({ role: 'shared', changedBy: 'ada' });
    const stranger = { scope: 'a', name: 'x', role: 'viewer', subjects: [{ kind: 'user' as const, name: 'nobody' }] };
    await expect(as(OWNER, () => auth.putBinding(stranger))).rejects.toThrow(/There is no user "nobody"/);
  });

  describe('no taking over of an account that holds more', () => {
    const DIRECTORY: Principal = {
      ...holder('dir', 'own', '*'),
      grants: [{ role: 'own', project: '*', rules: [{ permissions: ['users:*', 'data:read'] }] }],
    };
    const PASSWORD = 'correct horse battery staple';
    let id: string;
    beforeEach(async () => {
      const body = { userName: 'owen', externalId: 'e-1' };
      const made = await as(OWNER, () => auth.scim({ verb: 'POST', resource: 'Users', body }));
      ({ id } = made.body as { id: string });
    });
    const bindOwen = (role: string): Promise<unknown> => {
      const subjects = [{ kind: 'user' as const, name: 'owen' }];
      return as(OWNER, () => auth.putBinding({ scope: '*', name: 'owen', role, subjects }));
    };
    const change = (more: object): Promise<unknown> => as(DIRECTORY, () => auth.updateUser({ name: 'owen', ...more }));
    const patch = (value: object): Promise<unknown> =>
      as(DIRECTORY, () =>
        auth.scim({ verb: 'PATCH', resource: 'Users', id, body: { Operations: [{ op: 'replace', value }] } }),
      );
    const provider = { name: 'mine', issuer: 'https://1.1.1.1', clientId: 'x' };
    const ESCALATION = { code: 'role.escalation' };

    it('by a password, another subject, another name, or letting in again who was shut out', async () => {
      await bindOwen('owner');
      await expect(change({ password: PASSWORD })).rejects.toMatchObject(ESCALATION);
      await expect(patch({ externalId: 'e-2' })).rejects.toMatchObject(ESCALATION);
      await expect(patch({ userName: 'other' })).rejects.toMatchObject(ESCALATION);
      await change({ displayName: 'Owen', state: 'disabled' }); // to shut out is always allowed
      await expect(change({ state: 'active' })).rejects.toMatchObject(ESCALATION);
      await expect(patch({ active: true })).rejects.toMatchObject(ESCALATION);
    });

    it('by a group that they are in', async () => {
      await as(OWNER, () => auth.putGroup({ name: 'Owners', members: ['owen'] }));
      const subjects = [{ kind: 'group' as const, name: 'Owners' }];
      await as(OWNER, () => auth.putBinding({ scope: '*', name: 'owners', role: 'owner', subjects }));
      await expect(change({ password: PASSWORD })).rejects.toMatchObject(ESCALATION);
      await expect(as(DIRECTORY, () => auth.putProvider(provider))).rejects.toMatchObject(ESCALATION);
    });

    it('by a provider of one’s own, set up alone or left as the only one', async () => {
      await bindOwen('owner');
      await expect(as(DIRECTORY, () => auth.putProvider(provider))).rejects.toMatchObject(ESCALATION);
      await as(OWNER, () => auth.putProvider({ ...provider, name: 'corp' }));
      await as(DIRECTORY, () => auth.putProvider(provider)); // with two, nobody is linked by either
      await expect(as(DIRECTORY, () => auth.deleteProvider({ name: 'corp' }))).rejects.toMatchObject(ESCALATION);
    });

    it('while who holds no more than the caller is theirs to look after', async () => {
      const subjects = [{ kind: 'user' as const, name: 'owen' }];
      await as(OWNER, () => auth.putRole({ scope: '*', name: 'reads', rules: [{ permissions: ['data:read'] }] }));
      await as(OWNER, () => auth.putBinding({ scope: '*', name: 'owen', role: 'reads', subjects }));
      await change({ password: PASSWORD });
      await change({ state: 'disabled' });
      await change({ state: 'active' });
      await patch({ externalId: 'e-2', userName: 'owen2' });
      await as(DIRECTORY, () => auth.putProvider(provider));
    });
  });

  describe('no privilege escalation', () => {
    beforeEach(makeAccount);

    it('refuses a role or binding beyond what its maker holds, naming what is lacking', async () => {
      const put = (scope: string, permissions: string[]): Promise<unknown> =>
        as(ADMIN_OF_A, () => auth.putRole({ scope, name: 'r', rules: [{ permissions }] }));
      await expect(put('a', ['pipelines:*'])).resolves.toMatchObject({ origin: 'own' });
      await expect(put('b', ['pipelines:read'])).rejects.toMatchObject({ code: 'role.escalation' });
      await expect(put('*', ['pipelines:read'])).rejects.toBeInstanceOf(Forbidden);
      await expect(put('a', ['*'])).rejects.toMatchObject({ details: { permission: 'users:write' } });
      await expect(bind('owner', 'a', ADMIN_OF_A)).rejects.toThrow(/bea lacks "users:write" in project "a"/);
      await expect(bind('viewer', '*', ADMIN_OF_A)).rejects.toBeInstanceOf(Forbidden);
    });

    it('refuses a key that may do more than its maker', async () => {
      await bind('owner');
      await expect(keyOfCi(undefined, ADMIN_OF_A)).rejects.toMatchObject({ code: 'role.escalation' });
      const { id } = await keyOfCi();
      await expect(as(ADMIN_OF_A, () => auth.rotateKey({ id }))).rejects.toBeInstanceOf(Forbidden);
      const own = { name: 'k', role: 'admin', project: '*' } as const;
      await expect(as(ADMIN_OF_A, () => auth.createKey(own))).rejects.toBeInstanceOf(Forbidden);
      await expect(as(ADMIN_OF_A, () => auth.createKey({ ...own, project: 'a' }))).resolves.toBeDefined();
    });

    it('does not let somebody widen a role that is bound to them', async () => {
      const rules = [{ permissions: ['roles:*', 'data:read'] }];
      await as(OWNER, () => auth.putRole({ scope: 'a', name: 'own', rules }));
      await bind('own');
      const me = await who((await keyOfCi()).key);
      const wider = { scope: 'a', name: 'own', rules: [{ permissions: ['roles:*', 'data:read', 'secrets:write'] }] };
      await expect(as(me, () => auth.putRole(wider))).rejects.toMatchObject({
        details: { permission: 'secrets:write' },
      });
    });

    it('gives nothing to a later account of the same name, nor a role in place of one that is bound', async () => {
      await as(OWNER, () => auth.putRole({ scope: 'a', name: 'small', rules: [{ permissions: ['data:read'] }] }));
      await bind('small');
      await expect(as(OWNER, () => auth.deleteRole({ scope: 'a', name: 'small' }))).rejects.toBeInstanceOf(Conflict);
      await as(OWNER, () => auth.deleteAccount({ project: 'a', name: 'ci' }));
      await makeAccount();
      expect((await who((await keyOfCi()).key)).grants).toEqual([]);
    });

    it('has no role under the name of a built-in one', async () => {
      const put = as(OWNER, () => auth.putRole({ scope: 'a', name: 'viewer', rules: [{ permissions: ['*'] }] }));
      await expect(put).rejects.toMatchObject({ code: 'role.built_in' });
    });
  });

  describe('rule 17: keys of a service account', () => {
    beforeEach(makeAccount);

    it('are rotated with an overlap, in which both work, and end with it', async () => {
      const old = await keyOfCi();
      const fresh = await as(OWNER, () => auth.rotateKey({ id: old.id, overlapHours: 2 }));
      await who(old.key);
      await who(fresh.key);
      under.clock.pass(2 * HOUR_MS);
      await expect(who(old.key)).rejects.toThrow();
      await who(fresh.key);
      await expect(as(OWNER, () => auth.rotateKey({ id: old.id }))).rejects.toMatchObject({ code: 'key.ended' });
    });

    it('carry their scope over a rotation', async () => {
      await bind('editor');
      const old = await keyOfCi({ permissions: ['*:read'] });
      const fresh = await as(OWNER, () => auth.rotateKey({ id: old.id }));
      for (const { key } of [old, fresh]) {
        expect(decide(await who(key), 'pipelines:read', 'a')).toBe('allowed');
        expect(decide(await who(key), 'pipelines:write', 'a')).toBe('denied');
      }
    });

    it('end with their account, and are no other account’s to touch', async () => {
      await as(OWNER, () => auth.createAccount({ project: 'b', name: 'ci' }));
      const { id, key } = await keyOfCi();
      await expect(as(OWNER, () => auth.revokeKey({ id, account: 'b/ci' }))).rejects.toBeInstanceOf(NotFound);
      await expect(as(OWNER, () => auth.rotateKey({ id, account: 'b/ci' }))).rejects.toBeInstanceOf(NotFound);
      await as(OWNER, () => auth.deleteAccount({ project: 'a', name: 'ci' }));
      await expect(who(key)).rejects.toThrow();
    });

    it('take a role with a project, or an account, and not both', async () => {
      for (const wrong of [
        {},
        { role: 'viewer' as const },
        { role: 'viewer' as const, project: 'a', account: 'a/ci' },
      ]) {
        await expect(as(OWNER, () => auth.createKey({ name: 'k', ...wrong }))).rejects.toMatchObject({
          code: 'key.owner',
        });
      }
    });
  });

  describe('reviews', () => {
    it('says who can, by what', async () => {
      await makeAccount();
      await bind('operator');
      const key = await as(OWNER, () => auth.createKey({ name: 'k', role: 'editor', project: '*' }));
      const { able } = await auth.whoCan({ permission: 'runs:write', project: 'a' });
      expect(able).toEqual([
        { who: 'account:a/ci', name: 'a/ci', by: ['operator in a by RoleBinding a/ci'] },
        { who: `key:${key.id}`, name: 'k', by: ['editor in * by the key itself'] },
      ]);
      expect((await auth.whoCan({ permission: 'runs:write', project: 'b' })).able).toHaveLength(1);
    });

    it('resolves whom one may ask about', async () => {
      await makeAccount();
      await bind('viewer');
      const { principal } = await auth.resolve({ ref: 'account:a/ci' });
      expect(principal.grants).toMatchObject([{ role: 'viewer', project: 'a' }]);
      expect((await auth.resolve({ ref: 'role:editor@a' })).principal.grants).toEqual([
        { role: 'editor', project: 'a' },
      ]);
      await expect(auth.resolve({ ref: 'role:nothing@a' })).rejects.toBeInstanceOf(NotFound);
      await expect(auth.resolve({ ref: 'user:nobody' })).rejects.toBeInstanceOf(NotFound);
      await expect(auth.resolve({ ref: 'nobody' })).rejects.toMatchObject({ code: 'principal.malformed' });
    });

    it('tells what a change would have denied, and changes nothing', async () => {
      await makeAccount();
      await as(OWNER, () =>
        auth.putRole({ scope: 'a', name: 'deploy', rules: [{ permissions: ['pipelines:*', 'runs:*'] }] }),
      );
      await bind('deploy');
      const { id } = await keyOfCi();
      const use = { kind: 'key', id, project: 'a', name: 'quakes' } as const;
      const uses = [
        { ...use, time: '2026-01-01T00:00:00.000Z', permission: 'pipelines:write' as const },
        { ...use, time: '2026-01-03T00:00:00.000Z', permission: 'pipelines:write' as const },
        { ...use, time: '2026-01-02T00:00:00.000Z', permission: 'runs:write' as const },
        { ...use, time: '2026-01-02T00:00:00.000Z', permission: 'secrets:write' as const },
      ];
      const narrowed = { scope: 'a', name: 'deploy', rules: [{ permissions: ['runs:*', 'pipelines:read'] }] };
      expect(await auth.simulate({ role: narrowed, uses })).toEqual({
        uses: 4,
        denied: [
          {
            who: `key:${id}`,
            name: 'a/ci (k)',
            permission: 'pipelines:write',
            project: 'a',
            times: 2,
            first: '2026-01-01T00:00:00.000Z',
            last: '2026-01-03T00:00:00.000Z',
          },
        ],
      });
      const without = await auth.simulate({ withoutBinding: { scope: 'a', name: 'ci' }, uses });
      expect(without.denied.map(({ permission, times }) => [permission, times])).toEqual([
        ['pipelines:write', 2],
        ['runs:write', 1],
      ]);
      expect((await auth.bindings({ scope: 'a' })).bindings).toHaveLength(1);
      expect((await auth.resolve({ ref: `key:${id}` })).principal.grants[0]?.rules).toEqual([
        { permissions: ['pipelines:*', 'runs:*'] },
      ]);
    });
  });

  it('leaves one audit entry for each change', async () => {
    await makeAccount();
    await as(OWNER, () => auth.putRole({ scope: 'a', name: 'r', rules: [{ permissions: ['*:read'], names: ['x'] }] }));
    await bind('r');
    const { id } = await keyOfCi();
    await as(OWNER, () => auth.rotateKey({ id }));
    await as(OWNER, () => auth.deleteBinding({ scope: 'a', name: 'ci' }));
    await as(OWNER, () => auth.deleteRole({ scope: 'a', name: 'r' }));
    await as(OWNER, () => auth.deleteAccount({ project: 'a', name: 'ci' }));
    const audited = await under.audited();
    expect(
      audited.map(({ action, target, reason }) => [action, target.replace(/[0-9a-f-]{36}/, 'ID'), reason ?? '']),
    ).toEqual([
      ['accounts.create', 'ServiceAccount/a/ci', ''],
      ['roles.put', 'Role/a/r', '*:read on things named x'],
      ['bindings.put', 'RoleBinding/a/ci', 'r to account:a/ci'],
      ['keys.create', 'ApiKey/ID', expect.stringMatching(/^for a\/ci, until /)],
      ['keys.rotate', 'ApiKey/ID', expect.stringMatching(/overlapping 24 h$/)],
      ['bindings.delete', 'RoleBinding/a/ci', ''],
      ['roles.delete', 'Role/a/r', ''],
      ['accounts.delete', 'ServiceAccount/a/ci', ''],
    ]);
  });
});
