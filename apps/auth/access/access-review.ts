import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Able, PastUse, Simulate, Simulated, WhoCan, WouldDeny } from '#libs/contracts/auth-roles';
import { decide, explain } from '#libs/contracts/permissions';
import { BUILT_IN_ROLES, Principal } from '#libs/contracts/principal';
import { BadRequest, NotFound } from '#libs/errors/errors';
import { Accounts } from '../accounts/accounts';
import { ServiceAccount } from '../accounts/service-account.entity';
import { ApiKeys, accountName } from '../keys/api-keys';
import { User } from '../users/user.entity';
import { Grants } from './grants';
import { RoleBook } from './role-book';
import { RoleBinding } from './role-binding.entity';
import { Role } from './role.entity';

const ROLE_REF = /^([a-z-]+)@(\*|[a-z][a-z0-9_-]{0,62})$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Answers about access: who somebody is, who may do something, what a change would take away. */
@Injectable()
export class AccessReview {
  constructor(
    private readonly database: DataSource,
    private readonly roles: RoleBook,
    private readonly grants: Grants,
    private readonly keys: ApiKeys,
    private readonly accounts: Accounts,
  ) {}

  /** See `PrincipalRef`. */
  async resolve(ref: string): Promise<Principal> {
    const [, kind, name = ''] = /^(user|account|key|role):(.+)$/.exec(ref) ?? [];
    switch (kind) {
      case 'user': {
        const user = await this.database.manager.findOneBy(User, { name: name.toLowerCase() });
        if (!user) throw unknown(`user "${name}"`);
        return this.userPrincipal(user);
      }
      case 'account': {
        const account = await this.accounts.find(name);
        return { kind: 'key', id: account.id, name: accountName(account), grants: await this.grants.of(account.id) };
      }
      case 'key': {
        const key = UUID.test(name) ? await this.keys.find(name) : undefined;
        if (!key) throw new NotFound('key.unknown', `There is no key ${name}.`);
        return this.keys.principalOf(key);
      }
      case 'role': {
        const [, role, project] = ROLE_REF.exec(name) ?? [];
        if (role === undefined || project === undefined) throw malformed();
        return this.roleHolder(role, project);
      }
      default:
        throw malformed();
    }
  }

  /** By the grants of everybody who can get in at all, in the order of their names. */
  async whoCan({ permission, project, name }: WhoCan): Promise<Able[]> {
    const able = (await this.everybody()).flatMap(({ ref, principal }): Able[] => {
      if (decide(principal, permission, project, { name }) !== 'allowed') return [];
      const by = explain(principal, permission, project, { name })
        .filter(({ allows }) => allows)
        .map(({ grant }) => `${grant.role} in ${grant.project} by ${grant.by ?? 'itself'}`);
      return [{ who: ref, name: principal.name, by }];
    });
    return able.sort((a, b) => (a.who < b.who ? -1 : 1));
  }

  async simulate({ role, binding, withoutRole, withoutBinding, uses }: Simulate): Promise<Simulated> {
    const actors = [...new Map(uses.map(({ kind, id }) => [`${kind}:${id}`, { kind, id }])).values()];
    const before = await this.principals(actors);
    const after = await this.roles.supposing(
      async (tx) => {
        if (withoutBinding) await tx.delete(RoleBinding, { scope: withoutBinding.scope, name: withoutBinding.name });
        if (withoutRole) {
          await tx.delete(RoleBinding, { roleScope: withoutRole.scope, role: withoutRole.name });
          await tx.delete(Role, { scope: withoutRole.scope, name: withoutRole.name });
        }
        if (role) await this.roles.writeRole(tx, role);
        if (binding) await this.roles.writeBinding(tx, binding);
      },
      (tx) => this.principals(actors, tx),
    );
    const known = uses.filter(({ kind, id }) => before.has(`${kind}:${id}`));
    return { uses: known.length, denied: wouldDeny(known, before, after) };
  }

  private async principals(
    actors: readonly Pick<PastUse, 'kind' | 'id'>[],
    tx: EntityManager = this.database.manager,
  ): Promise<Map<string, Principal>> {
    const found = new Map<string, Principal>();
    for (const { kind, id } of actors) {
      const principal = kind === 'key' ? await this.keyPrincipal(id, tx) : await this.userById(id, tx);
      if (principal) found.set(`${kind}:${id}`, principal);
    }
    return found;
  }

  private async keyPrincipal(id: string, tx: EntityManager): Promise<Principal | undefined> {
    const key = await this.keys.find(id, tx);
    return key && this.keys.principalOf(key, tx);
  }

  private async userById(id: string, tx: EntityManager): Promise<Principal | undefined> {
    const user = await tx.findOneBy(User, { id });
    return user ? this.userPrincipal(user, tx) : undefined;
  }

  private async userPrincipal({ id, name }: User, tx?: EntityManager): Promise<Principal> {
    return { kind: 'user', id, name, grants: await this.grants.of(id, tx) };
  }

  private async everybody(): Promise<{ ref: string; principal: Principal }[]> {
    const users = await this.database.manager.findBy(User, { state: 'active' });
    const accounts = await this.database.manager.find(ServiceAccount);
    const grants = await this.grants.ofAll([...users, ...accounts].map(({ id }) => id));
    const keys = (await this.keys.good()).filter(({ accountId }) => accountId === null);
    return [
      ...users.map(({ id, name }) => ({
        ref: `user:${name}`,
        principal: { kind: 'user' as const, id, name, grants: grants.get(id) ?? [] },
      })),
      ...accounts.map((account) => ({
        ref: `account:${accountName(account)}`,
        principal: {
          kind: 'key' as const,
          id: account.id,
          name: accountName(account),
          grants: grants.get(account.id) ?? [],
        },
      })),
      ...(await Promise.all(
        keys.map(async (key) => ({ ref: `key:${key.id}`, principal: await this.keys.principalOf(key) })),
      )),
    ];
  }

  private async roleHolder(name: string, project: string): Promise<Principal> {
    const holder = { kind: 'key', id: `role:${name}@${project}`, name: `a ${name} of ${project}` } as const;
    if (BUILT_IN_ROLES.some((role) => role === name)) return { ...holder, grants: [{ role: name, project }] };
    const roles = this.database.manager;
    const role =
      (await roles.findOneBy(Role, { scope: project, name })) ?? (await roles.findOneBy(Role, { scope: '*', name }));
    if (!role) throw unknown(`role "${name}" in "${project}"`);
    return { ...holder, grants: [{ role: name, project, rules: role.rules }] };
  }
}

function wouldDeny(
  uses: readonly PastUse[],
  before: ReadonlyMap<string, Principal>,
  after: ReadonlyMap<string, Principal>,
): WouldDeny[] {
  const denied = new Map<string, WouldDeny>();
  for (const { kind, id, permission, project, name, time } of uses) {
    const who = `${kind}:${id}`;
    const [now, then] = [before.get(who), after.get(who)];
    if (!now || !then || decide(now, permission, project, { name }) !== 'allowed') continue;
    if (decide(then, permission, project, { name }) === 'allowed') continue;
    const same = JSON.stringify([who, permission, project]);
    const earlier = denied.get(same);
    denied.set(same, {
      who,
      name: now.name,
      permission,
      ...(project === undefined ? {} : { project }),
      times: (earlier?.times ?? 0) + 1,
      first: earlier && earlier.first < time ? earlier.first : time,
      last: earlier && earlier.last > time ? earlier.last : time,
    });
  }
  return [...denied.values()].sort((a, b) => b.times - a.times);
}

const unknown = (whom: string): NotFound => new NotFound('principal.unknown', `There is no ${whom}.`);

const malformed = (): BadRequest =>
  new BadRequest(
    'principal.malformed',
    'Name somebody as "user:NAME", "account:PROJECT/NAME", "key:ID" or "role:NAME@PROJECT".',
  );
