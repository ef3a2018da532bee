import { Logger } from '@nestjs/common';
import { ScimAnswer, ScimRequest } from '#libs/contracts/auth-scim';
import { Principal } from '#libs/contracts/principal';
import { Forbidden, Unauthenticated } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { AUTH_ENTITIES } from '../auth.entities';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AuthUnderTest } from '../auth.testing';

const OWNER: Principal = { kind: 'local', id: 'local', name: 'local', grants: [{ role: 'owner', project: '*' }] };
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const PASSWORD = 'correct horse battery staple';

interface Resource {
  readonly id: string;
  readonly userName: string;
  readonly active: boolean;
  readonly members: readonly { readonly value: string; readonly display: string }[];
}

describe('a directory by SCIM 2.0', () => {
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

  const scim = (request: ScimRequest, principal = OWNER): Promise<ScimAnswer> =>
    withCall({ principal }, () => auth.scim(request));
  const make = async (userName: string, more: object = {}): Promise<Resource> =>
    (await scim({ verb: 'POST', resource: 'Users', body: { schemas: [USER], userName, ...more } })).body as Resource;
  const patch = (resource: 'Users' | 'Groups', id: string, ...operations: object[]): Promise<ScimAnswer> =>
    scim({ verb: 'PATCH', resource, id, body: { schemas: [PATCH], Operations: operations } });
  const found = async (resource: 'Users' | 'Groups', filter: string): Promise<number> => {
    const { body } = await scim({ verb: 'GET', resource, filter });
    return (body as { totalResults: number }).totalResults;
  };

  it('makes a user, shows it as RFC 7643 has it, and finds it again', async () => {
    const emails = [{ value: 'second@x.example' }, { value: 'ada@x.example', primary: true }];
    const { status, body } = await scim({
      verb: 'POST',
      resource: 'Users',
      body: {
        schemas: [USER],
        userName: 'Ada',
        externalId: 'e-1',
        name: { givenName: 'Ada', familyName: 'Lovelace' },
        emails,
      },
    });
    const { id } = body as Resource;
    expect([status, body]).toEqual([
      201,
      {
        schemas: [USER],
        id,
        externalId: 'e-1',
        userName: 'ada',
        displayName: 'Ada Lovelace',
        name: { formatted: 'Ada Lovelace' },
        emails: [{ value: 'ada@x.example', primary: true }],
        active: true,
        meta: {
          resourceType: 'User',
          created: '2026-01-01T00:00:00.000Z',
          lastModified: '2026-01-01T00:00:00.000Z',
          location: `http://127.0.0.1:8080/scim/v2/Users/${id}`,
        },
      },
    ]);
    expect((await scim({ verb: 'GET', resource: 'Users', id })).body).toEqual(body);
    for (const filter of ['userName eq "ADA"', 'USERNAME Eq "ada"', 'externalId eq "e-1"', `id eq "${id}"`]) {
      expect([filter, await found('Users', filter)]).toEqual([filter, 1]);
    }
    for (const filter of ['userName eq "eve"', 'externalId eq "E-1"', 'id eq "nothing"']) {
      expect([filter, await found('Users', filter)]).toEqual([filter, 0]);
    }
  });

  it('refuses as RFC 7644 §3.12 has it', async () => {
    await make('ada');
    const refused = async (request: ScimRequest): Promise<unknown> => {
      const { status, body } = await scim(request);
      const { schemas, scimType } = body as { schemas: string[]; scimType?: string };
      expect(schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error']);
      return [status, scimType];
    };
    expect(await refused({ verb: 'POST', resource: 'Users', body: { userName: 'ADA' } })).toEqual([409, 'uniqueness']);
    expect(await refused({ verb: 'POST', resource: 'Users', body: {} })).toEqual([400, 'invalidValue']);
    expect(await refused({ verb: 'GET', resource: 'Users', id: 'nothing' })).toEqual([404, undefined]);
    expect(await refused({ verb: 'GET', resource: 'Users', filter: '__proto__ eq "a"' })).toEqual([
      400,
      'invalidFilter',
    ]);
    const { id } = await make('eve');
    const wrong = (body: object): ScimRequest => ({ verb: 'PATCH', resource: 'Users', id, body: { ...body } });
    expect(await refused(wrong({ Operations: [] }))).toEqual([400, 'invalidSyntax']);
    expect(await refused(wrong({ Operations: [{ op: 'move', path: 'active' }] }))).toEqual([400, 'invalidSyntax']);
    expect(await refused(wrong({ Operations: [{ op: 'add', path: 'a[b gt 1]' }] }))).toEqual([400, 'invalidPath']);
    expect(await refused(wrong({ Operations: [{ op: 'replace', path: 'userName', value: 'ada' }] }))).toEqual([
      409,
      'uniqueness',
    ]);
    for (const operation of [
      { op: 'remove', path: 'userName' },
      { op: 'replace', path: 'id', value: '1' },
      { op: 'replace', path: 'meta.created', value: '1' },
    ]) {
      expect([operation, await refused(wrong({ Operations: [operation] }))]).toEqual([operation, [400, 'mutability']]);
    }
  });

  it('finds who fits a filter of any kind', async () => {
    await make('ada', { displayName: 'Ada Lovelace', emails: [{ value: 'ada@example.com' }], externalId: 'E1' });
    await make('bjensen', { displayName: 'Barbara', emails: [{ value: 'b@example.org' }], active: false });
    await make('carl');
    const { body: group } = await scim({
      verb: 'POST',
      resource: 'Groups',
      body: { displayName: 'Poets', members: [{ value: (await make('dante')).id }] },
    });
    const member = (group as Resource).members[0]!.value;
    for (const [filter, count] of [
      ['userName sw "B"', 1],
      ['userName ew "a"', 1],
      ['displayName co "LOVE"', 1],
      ['displayName co "100%"', 0],
      ['userName gt "ada" and userName lt "carl"', 1],
      ['userName ge "ada" and userName le "carl"', 3],
      ['userName ne "ada"', 3],
      ['emails pr', 2],
      ['not (emails pr)', 2],
      ['emails eq null', 2],
      ['emails[value ew "@example.com"] or active eq false', 2],
      ['emails[type eq "work" and value co "@example.com"]', 0],
      ['active eq true and externalId pr', 1],
      ['externalId eq "e1"', 0],
      ['title pr', 0],
      ['meta.created eq "2026-01-01T00:00:00Z"', 4],
      ['meta.lastModified gt "2026-01-01T01:00:00+01:00"', 0],
    ] as const) {
      expect([filter, await found('Users', filter)]).toEqual([filter, count]);
    }
    for (const [filter, count] of [
      [`members eq "${member}"`, 1],
      [`members[value eq "${member}"] and displayName eq "poets"`, 1],
      [`members.value ne "${member}"`, 0],
      ['members pr', 1],
      ['displayName sw "x"', 0],
    ] as const) {
      expect([filter, await found('Groups', filter)]).toEqual([filter, count]);
    }
  });

  it('gives the attributes that are asked for, of one and of a list', async () => {
    const { id } = await make('ada', { externalId: 'e-1' });
    const wanted = { schemas: [USER], id, userName: 'ada' };
    const one = await scim({ verb: 'GET', resource: 'Users', id, attributes: 'userName' });
    expect(one.body).toEqual(wanted);
    const { body } = await scim({ verb: 'GET', resource: 'Users', attributes: 'userName' });
    expect(body).toMatchObject({ totalResults: 1, Resources: [wanted] });
    expect((body as { Resources: object[] }).Resources[0]).toEqual(wanted);
  });

  it('changes the members of a group as the examples of RFC 7644 §3.5.2 do', async () => {
    const [babs, mandy, sue] = [await make('babs'), await make('mandy'), await make('sue')];
    const made = await scim({
      verb: 'POST',
      resource: 'Groups',
      body: { displayName: 'Tour', members: [{ value: babs.id }] },
    });
    const { id } = made.body as Resource;
    const members = async (operation: object): Promise<string[]> =>
      ((await patch('Groups', id, operation)).body as Resource).members.map(({ display }) => display);
    expect(
      await members({ op: 'add', path: 'members', value: [{ display: 'Mandy', $ref: 'x', value: mandy.id }] }),
    ).toEqual(['babs', 'mandy']);
    expect(await members({ op: 'remove', path: `members[value eq "${babs.id}"]` })).toEqual(['mandy']);
    expect(await members({ op: 'replace', path: 'members', value: [{ value: babs.id }, { value: sue.id }] })).toEqual([
      'babs',
      'sue',
    ]);
    expect(await members({ op: 'remove', path: 'members' })).toEqual([]);
    const nobody = { op: 'replace', path: `members[value eq "${sue.id}"]`, value: { value: babs.id } };
    expect(await patch('Groups', id, nobody)).toMatchObject({ status: 400, body: { scimType: 'noTarget' } });
    const nameless = { op: 'remove', path: 'displayName' };
    expect(await patch('Groups', id, nameless)).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });

  it('pages, counts without giving, and ends after the last', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name);
    const page = async (startIndex: number, count: number): Promise<unknown> => {
      const { body } = await scim({ verb: 'GET', resource: 'Users', startIndex, count });
      const { totalResults, itemsPerPage, Resources } = body as {
        totalResults: number;
        itemsPerPage: number;
        Resources: Resource[];
      };
      return [totalResults, itemsPerPage, Resources.map(({ userName }) => userName).join('')];
    };
    expect(await page(1, 2)).toEqual([5, 2, 'ab']);
    expect(await page(4, 10)).toEqual([5, 2, 'de']);
    expect(await page(-3, 1)).toEqual([5, 1, 'a']);
    expect(await page(1, 0)).toEqual([5, 0, '']);
    expect(await page(9, 5)).toEqual([5, 0, '']);
  });

  it('tells a directory that asks again too soon to wait, and not that the user exists', async () => {
    const idempotency = { scope: 'POST /scim/v2/Users', key: 'again', digest: 'one' };
    const body = { schemas: [USER], userName: 'ada' };
    const ask = (): Promise<ScimAnswer> =>
      withCall({ principal: OWNER, idempotency }, () => auth.scim({ verb: 'POST', resource: 'Users', body }));
    await postgres.dataSource.transaction(async (tx) => {
      const held = `auth.idempotency/${OWNER.kind}:${OWNER.id} ${idempotency.scope} ${idempotency.key}`;
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [held]);
      await expect(ask()).rejects.toMatchObject({ code: 'idempotency.in_flight' });
    });
    expect(await ask()).toMatchObject({ status: 201 });
  });

  it('shuts somebody out at once, in every way that directories write it', async () => {
    for (const operation of [
      { op: 'replace', path: 'active', value: false },
      { op: 'Replace', value: { active: false } },
      { op: 'add', path: `${USER}:active`, value: 'False' },
    ]) {
      const { id } = await make('ada');
      await withCall({ principal: OWNER }, () => auth.updateUser({ name: 'ada', password: PASSWORD }));
      const { accessToken } = await auth.login({ name: 'ada', password: PASSWORD });
      const { body } = await patch('Users', id, operation);
      expect((body as Resource).active).toBe(false);
      await expect(auth.authenticate({ token: accessToken })).rejects.toBeInstanceOf(Unauthenticated);
      expect((await scim({ verb: 'DELETE', resource: 'Users', id })).status).toBe(204);
    }
  });

  it('replaces a user whole, and parts of one', async () => {
    const { id } = await make('ada', { externalId: 'e-1', displayName: 'Ada' });
    const whole = await scim({ verb: 'PUT', resource: 'Users', id, body: { userName: 'ada.l', active: false } });
    expect(whole.body).toMatchObject({ userName: 'ada.l', displayName: 'ada.l', active: false });
    expect(whole.body).not.toHaveProperty('externalId');
    const { body } = await patch(
      'Users',
      id,
      { op: 'replace', path: 'name.formatted', value: 'Ada L.' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x.example' },
      { op: 'add', path: 'nickName', value: 'not kept' },
      { op: 'replace', value: { active: true, externalId: 'e-2' } },
    );
    expect(body).toMatchObject({
      displayName: 'Ada L.',
      emails: [{ value: 'a@x.example' }],
      active: true,
      externalId: 'e-2',
    });
  });

  describe('groups', () => {
    it('follow their members, by every kind of PATCH', async () => {
      const [a, b, c] = [await make('a'), await make('b'), await make('c')];
      const { body } = await scim({
        verb: 'POST',
        resource: 'Groups',
        body: { displayName: 'Ops Team', members: [{ value: a.id }] },
      });
      const { id } = body as Resource;
      const after = async (...operations: object[]): Promise<string> => {
        const answer = await patch('Groups', id, ...operations);
        return (answer.body as Resource).members.map(({ display }) => display).join('');
      };
      expect(await after({ op: 'add', path: 'members', value: [{ value: b.id }, { value: a.id }] })).toBe('ab');
      expect(await after({ op: 'remove', path: `members[value eq "${a.id}"]` })).toBe('b');
      expect(await after({ op: 'add', value: { members: [{ value: c.id }] } })).toBe('bc');
      expect(await after({ op: 'replace', path: 'members', value: [{ value: a.id }] })).toBe('a');
      expect(
        await after(
          { op: 'add', path: 'members', value: { value: b.id } },
          { op: 'remove', path: 'members', value: [{ value: a.id }] },
        ),
      ).toBe('b');
      expect(await after({ op: 'remove', path: 'members' })).toBe('');
      expect(await found('Groups', 'displayName eq "Ops Team"')).toBe(1);
      const put = await scim({
        verb: 'PUT',
        resource: 'Groups',
        id,
        body: { displayName: 'Ops', members: [{ value: c.id }] },
      });
      expect(put.body).toMatchObject({ displayName: 'Ops', members: [{ display: 'c' }] });
      const nobody = await patch('Groups', id, { op: 'add', path: 'members', value: [{ value: crypto.randomUUID() }] });
      expect(nobody.status).toBe(400);
      expect((await scim({ verb: 'DELETE', resource: 'Groups', id })).status).toBe(204);
    });

    it('leave who a provider put in to the provider, whoever names them again', async () => {
      const [a, b] = [await make('a'), await make('b')];
      const { body } = await scim({ verb: 'POST', resource: 'Groups', body: { displayName: 'Ops' } });
      const { id } = body as Resource;
      await postgres.database.query(`INSERT INTO auth.group_members VALUES ($1, $2, 'oidc/corp')`, [id, a.id]);
      const origins = async (): Promise<string[]> => {
        const rows = await postgres.database.query<{ said: string }[]>(
          `SELECT u.name || ' ' || m.origin AS said FROM auth.group_members m JOIN auth.users u ON u.id = m.user_id ORDER BY u.name`,
        );
        return rows.map(({ said }) => said);
      };
      const members = [{ value: a.id }, { value: b.id }];
      await scim({ verb: 'PUT', resource: 'Groups', id, body: { displayName: 'Ops', members } });
      expect(await origins()).toEqual(['a oidc/corp', 'b scim']);
      await withCall({ principal: OWNER }, () => auth.putGroup({ name: 'Ops', members: ['a', 'b'] }));
      expect(await origins()).toEqual(['a oidc/corp', 'b scim']);
      await patch('Groups', id, { op: 'remove', path: `members[value eq "${a.id}"]` });
      expect(await origins()).toEqual(['b scim']);
    });

    it('give what is bound to them, and take who may give it', async () => {
      const { id: member } = await make('ada');
      const { body } = await scim({ verb: 'POST', resource: 'Groups', body: { displayName: 'Ops', members: [] } });
      const { id } = body as Resource;
      const subjects = [{ kind: 'group' as const, name: 'Ops' }];
      await withCall({ principal: OWNER }, () =>
        auth.putBinding({ scope: '*', name: 'ops', role: 'operator', subjects }),
      );
      const directory: Principal = {
        ...OWNER,
        grants: [{ role: 'own', project: '*', rules: [{ permissions: ['users:*'] }] }],
      };
      const add: ScimRequest = {
        verb: 'PATCH',
        resource: 'Groups',
        id,
        body: { Operations: [{ op: 'add', path: 'members', value: [{ value: member }] }] },
      };
      await expect(scim(add, directory)).rejects.toBeInstanceOf(Forbidden);
      await scim(add);
      expect((await auth.resolve({ ref: 'user:ada' })).principal.grants).toMatchObject([
        { role: 'operator', project: '*' },
      ]);
    });
  });

  it('leaves one audit entry for each change', async () => {
    const { id } = await make('ada');
    await patch('Users', id, { op: 'replace', path: 'active', value: false });
    await scim({ verb: 'POST', resource: 'Groups', body: { displayName: 'Ops' } });
    await scim({ verb: 'DELETE', resource: 'Users', id });
    const actions = (await under.audited()).map(({ action }) => action);
    expect(actions).toEqual(['users.create', 'users.update', 'groups.put', 'users.delete']);
  });
});
