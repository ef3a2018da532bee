import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { BindingView, PutBinding, PutRole, RoleRef, RoleView } from '#libs/contracts/auth-roles';
import { ROLE_PERMISSIONS, rulesOf } from '#libs/contracts/permissions';
import { BUILT_IN_ROLES, Rule } from '#libs/contracts/principal';
import { Conflict, NotFound, Unprocessable } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { requireHeld, said } from './held';
import { RoleBinding } from './role-binding.entity';
import { Role } from './role.entity';
import { Subjects } from './subjects';

/** One change of roles or bindings at a time, so that what was checked still holds when it is written. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('auth.roles', 0))`;

/** The roles and bindings of all scopes. Whoever changes one must hold what it gives. */
@Injectable()
export class RoleBook {
  constructor(
    private readonly database: DataSource,
    private readonly subjects: Subjects,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Also takes away what the role gave before and no longer does: at the latest within 5 s, as a revoked key. */
  putRole(request: PutRole): Promise<RoleView> {
    return this.change(async (tx) => {
      const { scope, name, description = '', rules } = request;
      if (isBuiltIn(name)) throw new Conflict('role.built_in', `"${name}" is a built-in role. Choose another name.`);
      requireHeld(rules, scope);
      const role: Role = { scope, name, description, rules: rules.map(plain), ...this.stamp() };
      await tx.save(Role, role);
      await this.record(tx, 'roles.put', 'Role', request, rules.map(described).join('; '));
      return viewOf(role);
    });
  }

  async roles(scope: string): Promise<RoleView[]> {
    const own = await this.database.manager.find(Role, { where: { scope }, order: { name: 'ASC' } });
    const builtIn = BUILT_IN_ROLES.map((name): RoleView => ({
      scope,
      name,
      rules: [{ permissions: [...ROLE_PERMISSIONS[name]] }],
      origin: 'built-in',
    }));
    return [...builtIn, ...own.map(viewOf)];
  }

  async deleteRole(request: RoleRef): Promise<void> {
    await this.change(async (tx) => {
      const { scope, name } = request;
      const role = await tx.findOneBy(Role, { scope, name });
      if (!role) throw new NotFound('role.unknown', `There is no role "${name}" in ${said(scope)}.`);
      const binding = await tx.findOneBy(RoleBinding, { roleScope: scope, role: name });
      if (binding) {
        throw new Conflict(
          'role.in_use',
          `Role "${name}" is bound by "${binding.name}" in ${said(binding.scope)}. Delete the binding first.`,
        );
      }
      await tx.delete(Role, { scope, name });
      await this.record(tx, 'roles.delete', 'Role', request);
    });
  }

  putBinding(request: PutBinding): Promise<BindingView> {
    return this.change(async (tx) => {
      const { scope, name } = request;
      const { roleScope, rules } = await this.roleFor(tx, request);
      requireHeld(rules, scope);
      const subjects = await this.subjects.bound(tx, request.subjects);
      const subjectIds = subjects.map(({ id }) => id);
      const binding: RoleBinding = {
        scope,
        name,
        role: request.role,
        roleScope,
        subjects,
        subjectIds,
        ...this.stamp(),
      };
      await tx.save(RoleBinding, binding);
      const whom = subjects.map(({ kind, id, name }) => `${kind}:${kind === 'user' ? id : name}`).join(', ');
      await this.record(tx, 'bindings.put', 'RoleBinding', request, `${request.role} to ${whom}`);
      return bindingView(binding);
    });
  }

  async bindings(scope: string): Promise<BindingView[]> {
    const all = await this.database.manager.find(RoleBinding, { where: { scope }, order: { name: 'ASC' } });
    return all.map(bindingView);
  }

  /** Takes no more than `roles:write`: whoever may change bindings may always take one away. */
  async deleteBinding(request: RoleRef): Promise<void> {
    await this.change(async (tx) => {
      const { scope, name } = request;
      const { affected } = await tx.delete(RoleBinding, { scope, name });
      if (affected === 0) throw new NotFound('binding.unknown', `There is no binding "${name}" in ${said(scope)}.`);
      await this.record(tx, 'bindings.delete', 'RoleBinding', request);
    });
  }

  /** Changes roles and bindings as proposed, looks at what that makes of them, and takes it all back. */
  async supposing<T>(
    change: (tx: EntityManager) => Promise<void>,
    look: (tx: EntityManager) => Promise<T>,
  ): Promise<T> {
    const runner = this.database.createQueryRunner();
    await runner.startTransaction();
    try {
      await change(runner.manager);
      return await look(runner.manager);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  /** Writes a role as it stands, for {@link supposing}. */
  async writeRole(tx: EntityManager, { scope, name, description = '', rules }: PutRole): Promise<void> {
    await tx.save(Role, { scope, name, description, rules: rules.map(plain), ...this.stamp() });
  }

  /** Writes a binding as it stands, for {@link supposing}. */
  async writeBinding(tx: EntityManager, request: PutBinding): Promise<void> {
    const { roleScope } = await this.roleFor(tx, request);
    const subjects = await this.subjects.bound(tx, request.subjects);
    const { scope, name, role } = request;
    await tx.save(RoleBinding, {
      scope,
      name,
      role,
      roleScope,
      subjects,
      subjectIds: subjects.map(({ id }) => id),
      ...this.stamp(),
    });
  }

  /** The role that a binding means: a built-in one, one of its own scope, or one of the whole system. */
  private async roleFor(
    tx: EntityManager,
    { scope, role: name }: PutBinding,
  ): Promise<{ roleScope: string | null; rules: readonly Rule[] }> {
    if (isBuiltIn(name)) return { roleScope: null, rules: rulesOf({ role: name, project: scope }) };
    const role = (await tx.findOneBy(Role, { scope, name })) ?? (await tx.findOneBy(Role, { scope: '*', name }));
    if (role) return { roleScope: role.scope, rules: role.rules };
    throw new Unprocessable(
      'binding.role',
      `There is no role "${name}" in ${said(scope)}. Built-in ones are ${BUILT_IN_ROLES.join(', ')}.`,
    );
  }

  private change<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      return work(tx);
    });
  }

  private stamp(): { changedAt: Date; changedBy: string } {
    return { changedAt: this.clock.now(), changedBy: currentCall().principal.name };
  }

  private record(
    tx: EntityManager,
    action: string,
    kind: string,
    { scope, name }: RoleRef,
    reason?: string,
  ): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `${kind}/${scope}/${name}`,
      ...(scope === '*' ? {} : { project: scope }),
      outcome: 'succeeded',
      ...(reason === undefined ? {} : { reason: reason.slice(0, 1_000) }),
    });
  }
}

const isBuiltIn = (name: string): boolean => BUILT_IN_ROLES.some((role) => role === name);

const plain = ({ permissions, names, labels }: Rule): Rule => ({
  permissions,
  ...(names ? { names } : {}),
  ...(labels ? { labels } : {}),
});

function described({ permissions, names, labels }: Rule): string {
  const bounds = [
    ...(names ? [`named ${names.join(' or ')}`] : []),
    ...(labels
      ? [
          `labelled ${Object.entries(labels)
            .map((pair) => pair.join('='))
            .join(', ')}`,
        ]
      : []),
  ];
  return [permissions.join(', '), ...bounds].join(' on things ');
}

const viewOf = ({ scope, name, description, rules }: Role): RoleView => ({
  scope,
  name,
  ...(description === '' ? {} : { description }),
  rules: rules.map(({ permissions, ...bounds }) => ({ permissions: [...permissions], ...bounds })) as RoleView['rules'], // as they were put
  origin: 'own',
});

const bindingView = ({ scope, name, role, subjects, changedAt, changedBy }: RoleBinding): BindingView => ({
  scope,
  name,
  role,
  subjects: subjects.map(({ kind, name: subject }) => ({ kind, name: subject })),
  changedAt: changedAt.toISOString(),
  changedBy,
});
