import { Logger } from '@nestjs/common';
import { LoggedIn } from '#libs/contracts/auth-users';
import { Principal } from '#libs/contracts/principal';
import { Forbidden, Unauthenticated, Unavailable, Unprocessable } from '#libs/errors/errors';
import { CLIENT, OpenIdProvider, PUBLIC_CLIENT } from '#libs/testing/openid-provider';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
const CALLBACK = 'http://127.0.0.1:8080/v1/login/oidc/corp/callback';

const ADA = { preferred_username: 'ada' };

describe('logins at a real OpenID provider', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  let auth: AuthService;
  let provider: OpenIdProvider;
  let issuer: string;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
    provider = await OpenIdProvider.start(CALLBACK);
    ({ issuer } = provider);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
    ({ auth } = await under.process({ CHARTLY_EGRESS_ALLOW: `${new URL(issuer).host},127.0.0.1:9` }));
  });
  afterEach(() => under.close());
  afterAll(async () => {
    await provider.stop();
    await postgres.stop();
  });

  const asOwner = <T>(work: () => Promise<T>): Promise<T> => withCall({ principal: OWNER }, work);
  const setUp = (more: object = {}): Promise<unknown> =>
    asOwner(() =>
      auth.putProvider({
        name: 'corp',
        issuer,
        ...CLIENT,
        ...more,
      }),
    );

  /** Logs in as `sub`, of whom the provider says this. */
  async function login(sub: string, claims: Readonly<Record<string, unknown>> = {}): Promise<LoggedIn> {
    await provider.say(sub, { name: `Name of ${sub}`, email: `${sub}@corp.example`, ...claims });
    const { url, browser } = await auth.beginOidc({ name: 'corp' });
    return auth.finishOidc({ name: 'corp', url: await provider.answerOf(url, sub), browser });
  }
  const principalOf = async ({ accessToken }: LoggedIn): Promise<Principal> =>
    (await auth.authenticate({ token: accessToken })).principal;

  it('gives a kept client secret to nobody but whom it was given for', async () => {
    await setUp();
    await setUp({ clientSecret: undefined });
    for (const other of [{ issuer: 'https://evil.example' }, { clientId: 'another' }]) {
      await expect(setUp({ ...other, clientSecret: undefined })).rejects.toMatchObject({ code: 'provider.secret' });
    }
    await expect(setUp({ issuer: 'https://other.example', clientSecret: 'its own' })).resolves.toBeDefined();
  });

  it('rule 19: asks with PKCE, state and nonce, and makes the user at the first login', async () => {
    await setUp();
    const { url } = await auth.beginOidc({ name: 'corp' });
    const asked = new URL(url).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    const first = await principalOf(await login('s-1', { preferred_username: 'Ada' }));
    expect(first).toMatchObject({ kind: 'user', name: 'ada', grants: [] });
    const again = await principalOf(await login('s-1', { preferred_username: 'Renamed' }));
    expect(again.id).toBe(first.id);
    const { users } = await auth.users();
    expect(users).toMatchObject([
      { name: 'ada', displayName: 'Name of s-1', email: 's-1@corp.example', origin: 'oidc' },
    ]);
    expect(await under.everythingStored()).not.toContain(CLIENT.clientSecret);
  });

  it('rule 19: is nobody of ours because of a name, and nobody else’s twice', async () => {
    await setUp();
    const own = await asOwner(() => auth.createUser({ name: 'ada' }));
    const [one, other] = [await principalOf(await login('s-1', ADA)), await principalOf(await login('s-2', ADA))];
    expect(new Set([own.id, one.id, other.id]).size).toBe(3);
    expect(one.name).toMatch(/^ada-[0-9a-f]{12}$/);
  });

  it('puts people into the groups that a claim is mapped to, and takes them out again', async () => {
    await asOwner(() => auth.putGroup({ name: 'Operators', members: [] }));
    await asOwner(() => auth.putGroup({ name: 'Owners', members: [] }));
    const subjects = [{ kind: 'group' as const, name: 'Operators' }];
    await asOwner(() => auth.putBinding({ scope: '*', name: 'ops', role: 'operator', subjects }));
    await setUp({ groupsClaim: 'groups', groups: [{ value: 'sre', group: 'Operators' }] });
    expect((await principalOf(await login('s-1', { groups: ['sre', 'Owners'] }))).grants).toMatchObject([
      { role: 'operator', project: '*' },
    ]);
    expect((await principalOf(await login('s-1', { groups: ['Operators'] }))).grants).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['it is deleted', () => asOwner(() => auth.deleteProvider({ name: 'corp' }))],
    ['it is another from then on', () => setUp({ issuer: 'https://other.example' })],
  ])('takes people out of the groups that it put them into when %s, and out of no others', async (_, end) => {
    const bound = async (group: string, role: string): Promise<void> => {
      await asOwner(() => auth.putGroup({ name: group, members: [] }));
      const subjects = [{ kind: 'group' as const, name: group }];
      await asOwner(() => auth.putBinding({ scope: '*', name: role, role, subjects }));
    };
    await bound('Operators', 'operator');
    await bound('Viewers', 'viewer');
    await setUp({ groupsClaim: 'groups', groups: [{ value: 'sre', group: 'Operators' }] });
    const session = await login('s-1', { ...ADA, groups: ['sre'] });
    await asOwner(() => auth.putGroup({ name: 'Viewers', members: ['ada'] }));
    const roles = async (): Promise<string[]> => (await principalOf(session)).grants.map(({ role }) => role).sort();
    expect(await roles()).toEqual(['operator', 'viewer']);
    await end();
    expect(await roles()).toEqual(['viewer']);
    expect((await auth.groups()).groups.map(({ members }) => members)).toEqual([[], ['ada']]);
  });

  it('lets nobody map a claim to a group that holds more than they do', async () => {
    await asOwner(() => auth.putGroup({ name: 'Owners', members: [] }));
    const subjects = [{ kind: 'group' as const, name: 'Owners' }];
    await asOwner(() => auth.putBinding({ scope: '*', name: 'owners', role: 'owner', subjects }));
    const small: Principal = {
      ...OWNER,
      grants: [{ role: 'own', project: '*', rules: [{ permissions: ['users:*'] }] }],
    };
    const mapping = { groupsClaim: 'groups', groups: [{ value: 'me', group: 'Owners' }] };
    const put = withCall({ principal: small }, () =>
      auth.putProvider({ name: 'corp', issuer, clientId: CLIENT.clientId, ...mapping }),
    );
    await expect(put).rejects.toBeInstanceOf(Forbidden);
  });

  it('is the user whom a directory made for the subject, where there is one provider', async () => {
    await setUp();
    const made = await asOwner(() =>
      auth.scim({ verb: 'POST', resource: 'Users', body: { userName: 'ada', externalId: 's-1' } }),
    );
    const first = await principalOf(await login('s-1', { preferred_username: 'another' }));
    expect(first).toMatchObject({ id: (made.body as { id: string }).id, name: 'ada' });
    await asOwner(() => auth.putProvider({ name: 'second', issuer, clientId: PUBLIC_CLIENT }));
    await asOwner(() => auth.scim({ verb: 'POST', resource: 'Users', body: { userName: 'eve', externalId: 's-2' } }));
    expect((await principalOf(await login('s-2', { preferred_username: 'eve' }))).name).toMatch(/^eve-[0-9a-f]{12}$/);
  });

  it('refuses an answer to another browser, to another provider, or given before', async () => {
    await setUp();
    await asOwner(() => auth.putProvider({ name: 'other', issuer, clientId: PUBLIC_CLIENT }));
    const begun = await auth.beginOidc({ name: 'corp' });
    const url = await provider.answerOf(begun.url, 's-1');
    const finish = (more: object): Promise<unknown> =>
      auth.finishOidc({ name: 'corp', url, browser: begun.browser, ...more });
    await expect(finish({ browser: 'of an attacker' })).rejects.toMatchObject({ code: 'login.provider' });
    await expect(finish({})).rejects.toBeInstanceOf(Unauthenticated); // the first try used it up
    const second = await auth.beginOidc({ name: 'corp' });
    const answer = { url: await provider.answerOf(second.url, 's-1'), browser: second.browser };
    await expect(auth.finishOidc({ name: 'other', ...answer })).rejects.toBeInstanceOf(Unauthenticated);
    expect((await auth.users()).users).toEqual([]);
    expect((await under.audited()).filter(({ outcome }) => outcome === 'denied')).toHaveLength(3);
  });

  it('refuses an answer whose code or issuer was changed', async () => {
    await setUp();
    for (const [name, value] of [
      ['code', 'forged'],
      ['iss', 'https://evil.example.com'],
    ] as const) {
      const { url, browser } = await auth.beginOidc({ name: 'corp' });
      const answer = new URL(await provider.answerOf(url, 's-1'));
      answer.searchParams.set(name, value);
      await expect(auth.finishOidc({ name: 'corp', url: answer.href, browser })).rejects.toBeInstanceOf(
        Unauthenticated,
      );
    }
  });

  it('takes a public client, and lets nobody in who is disabled here', async () => {
    await asOwner(() => auth.putProvider({ name: 'corp', issuer, clientId: PUBLIC_CLIENT }));
    await login('s-1', ADA);
    await asOwner(() => auth.updateUser({ name: 'ada', state: 'disabled' }));
    await expect(login('s-1', ADA)).rejects.toBeInstanceOf(Unauthenticated);
  });

  it('rule 24: reaches no provider inside the network that the operator did not allow', async () => {
    for (const inside of [
      issuer.replace('127.0.0.1', 'localhost'),
      issuer,
      'https://169.254.169.254',
      'https://[::1]',
    ]) {
      const guarded = (await under.process()).auth;
      const put = asOwner(() => guarded.putProvider({ name: 'corp', issuer: inside, clientId: PUBLIC_CLIENT }));
      await expect(put).rejects.toMatchObject({ code: 'provider.address' });
    }
    await setUp();
    await expect((await under.process()).auth.beginOidc({ name: 'corp' })).rejects.toMatchObject({
      code: 'login.provider_away',
    });
  });

  it('says where to log out at the provider, and what is wrong with one', async () => {
    await setUp();
    const { url } = await auth.providerLogout({ name: 'corp' });
    expect(url).toContain(`${issuer}/session/end?`);
    await expect(setUp({ issuer: 'http://login.example.com' })).rejects.toBeInstanceOf(Unprocessable);
    await setUp({ issuer: 'http://127.0.0.1:9' });
    await expect(auth.beginOidc({ name: 'corp' })).rejects.toBeInstanceOf(Unavailable);
  });
});
