import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, FindOptionsWhere } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { ScimAnswer, ScimRequest } from '#libs/contracts/auth-scim';
import { Conflict } from '#libs/errors/errors';
import { Replies } from '../sealed/replies';
import { Sessions } from '../sessions/sessions';
import { Group } from '../users/group.entity';
import { Groups } from '../users/groups';
import { User } from '../users/user.entity';
import { isLetIn, Users } from '../users/users';
import { ScimError } from './scim-error';
import { parseFilter } from './scim-filter';
import { PatchOperation, readPatch } from './scim-patch';
import {
  attributeOf,
  errorResource,
  groupResource,
  listResource,
  membersIn,
  patchedUser,
  readUser,
  ScimUser,
  textOf,
  userResource,
} from './scim-resources';
import { projected } from './scim-projection';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES, whereOf } from './scim-where';

const PAGE_MAX = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const GROUP_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@+:/-]{0,199}$/;

type Body = Readonly<Record<string, unknown>>;

/** Users and groups as a directory keeps them up to date, by SCIM 2.0 (RFC 7643, RFC 7644). */
@Injectable()
export class Directory {
  constructor(
    private readonly database: DataSource,
    private readonly users: Users,
    private readonly groups: Groups,
    private readonly sessions: Sessions,
    private readonly replies: Replies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly config: ChartlyConfig,
  ) {}

  async answer(request: ScimRequest): Promise<ScimAnswer> {
    try {
      const { status, body } = await this.replies.first(() =>
        request.resource === 'Users' ? this.ofUsers(request) : this.ofGroups(request),
      );
      return body === undefined ? { status } : { status, body: asWanted(body, request) };
    } catch (thrown) {
      const isTaken = thrown instanceof Conflict && !thrown.code.startsWith('idempotency.');
      const error = isTaken ? new ScimError(409, thrown.message, 'uniqueness') : thrown;
      if (!(error instanceof ScimError)) throw error;
      return { status: error.status, body: errorResource(error) };
    }
  }

  private async ofUsers(request: ScimRequest): Promise<ScimAnswer> {
    const { verb, id, body = {} } = request;
    if (verb === 'GET' && id === undefined)
      return this.list(User, request, USER_ATTRIBUTES, (user) => this.shown(user));
    if (verb === 'POST') return this.createUser(readUser(body));
    const user = await this.find(User, id);
    switch (verb) {
      case 'GET':
        return { status: 200, body: this.shown(user) };
      case 'PUT':
        return this.changeUser(user, readUser(body));
      case 'PATCH': {
        const changes = readPatch(body).map(userChange);
        return this.changeUser(user, Object.assign({}, ...changes) as ScimUser); // of ScimUsers
      }
      case 'DELETE':
        await this.users.delete({ name: user.name });
        return { status: 204 };
    }
  }

  private async ofGroups(request: ScimRequest): Promise<ScimAnswer> {
    const { verb, id, body = {} } = request;
    if (verb === 'GET' && id === undefined)
      return this.list(Group, request, GROUP_ATTRIBUTES, (group) => this.shownGroup(group));
    if (verb === 'POST') return this.createGroup(body);
    const group = await this.find(Group, id);
    switch (verb) {
      case 'GET':
        return { status: 200, body: await this.shownGroup(group) };
      case 'PUT':
        return this.changeGroup(group, { name: groupName(body), members: membersIn(attributeOf(body, 'members')) });
      case 'PATCH': {
        const present = (await this.membersOf(group)).map((member) => member.id);
        return this.changeGroup(group, readPatch(body).reduce(groupChange, { name: group.name, members: present }));
      }
      case 'DELETE':
        await this.groups.delete(group.name);
        return { status: 204 };
    }
  }

  private async list<T extends User | Group>(
    entity: new () => T,
    { filter, startIndex = 1, count = PAGE_MAX }: ScimRequest,
    attributes: Parameters<typeof whereOf>[1],
    shown: (one: T) => object | Promise<object>,
  ): Promise<ScimAnswer> {
    const first = Math.max(1, startIndex);
    const asked = this.database.getRepository(entity).createQueryBuilder('r').orderBy('r.id');
    if (filter !== undefined) {
      const { sql, parameters } = whereOf(parseFilter(filter), attributes);
      asked.where(sql, parameters);
    }
    const [found, total] = await asked
      .skip(first - 1)
      .take(Math.min(PAGE_MAX, Math.max(1, count)))
      .getManyAndCount();
    const page = count <= 0 ? [] : found;
    return { status: 200, body: listResource(total, first, await Promise.all(page.map(async (one) => shown(one)))) };
  }

  private createUser({
    name,
    displayName,
    email,
    externalId,
    state,
  }: ScimUser & { name: string }): Promise<ScimAnswer> {
    return this.replies.once(async (tx) => {
      const user = await this.users.insert(tx, {
        name,
        displayName,
        email: email ?? undefined,
        externalId: externalId ?? undefined,
        origin: 'scim',
      });
      if (state === 'disabled') await tx.update(User, { id: user.id }, { state });
      await this.record(tx, 'users.create', `User/${user.id}`);
      return { status: 201, body: this.shown({ ...user, state: state ?? 'active' }) };
    });
  }

  private changeUser(user: User, { name, ...changes }: ScimUser): Promise<ScimAnswer> {
    return this.replies.once(async (tx) => {
      const renamed = name?.toLowerCase();
      if (renamed !== undefined && renamed !== user.name && (await tx.existsBy(User, { name: renamed }))) {
        throw new ScimError(409, `There is a user "${renamed}" already.`, 'uniqueness');
      }
      const isRenamed = renamed !== undefined && renamed !== user.name;
      const isLinked = (changes.externalId ?? user.externalId) !== user.externalId;
      if (isRenamed || isLinked || isLetIn(user, changes.state)) await this.users.requireOver(tx, user);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const changed: Partial<User> = {
        ...given,
        ...(renamed === undefined ? {} : { name: renamed }),
        changedAt: this.clock.now(),
      };
      await tx.update(User, { id: user.id }, changed);
      if (changes.state === 'disabled') await this.sessions.revokeAll(tx, user.id, 'user disabled');
      await this.record(tx, 'users.update', `User/${user.id}`, changes.state);
      return { status: 200, body: this.shown({ ...user, ...changed }) };
    });
  }

  private createGroup(body: Body): Promise<ScimAnswer> {
    return this.replies.once(async (tx) => {
      const name = groupName(body);
      await this.requireNameFree(tx, name);
      const now = this.clock.now();
      const externalId = textOf(attributeOf(body, 'externalId'), 'externalId') ?? null;
      const group: Group = { id: this.ids.uuidv7(), name, origin: 'scim', externalId, createdAt: now, changedAt: now };
      await tx.insert(Group, group);
      await this.setMembers(tx, group, membersIn(attributeOf(body, 'members')));
      await this.record(tx, 'groups.put', `Group/${group.id}`);
      return { status: 201, body: await this.shownGroup(group, tx) };
    });
  }

  private changeGroup(group: Group, { name, members }: GroupState): Promise<ScimAnswer> {
    return this.replies.once(async (tx) => {
      if (name !== group.name) await this.requireNameFree(tx, name);
      const changed = { name, changedAt: this.clock.now() };
      await tx.update(Group, { id: group.id }, changed);
      await this.setMembers(tx, group, members);
      await this.record(tx, 'groups.put', `Group/${group.id}`, `${members.length} members`);
      return { status: 200, body: await this.shownGroup({ ...group, ...changed }, tx) };
    });
  }

  private async requireNameFree(tx: EntityManager, name: string): Promise<void> {
    if (await tx.existsBy(Group, { name }))
      throw new ScimError(409, `There is a group "${name}" already.`, 'uniqueness');
  }

  /** Whoever puts somebody in must hold what is bound to the group. */
  private async setMembers(tx: EntityManager, group: Group, members: readonly string[]): Promise<void> {
    for (const member of members) {
      if (!UUID.test(member) || !(await tx.existsBy(User, { id: member }))) {
        throw new ScimError(400, `There is no user ${member.slice(0, 50)} to be a member.`, 'invalidValue');
      }
    }
    await this.groups.replaceMembers(tx, group.id, [...new Set(members)], 'scim');
  }

  private async find<T extends User | Group>(entity: new () => T, id: string | undefined): Promise<T> {
    const where = { id } as FindOptionsWhere<T>; // both have one
    const found = id !== undefined && UUID.test(id) ? await this.database.getRepository(entity).findOneBy(where) : null;
    if (!found) throw new ScimError(404, 'There is no such resource.');
    return found;
  }

  private membersOf({ id }: Group, tx: EntityManager = this.database.manager): Promise<{ id: string; name: string }[]> {
    return tx.query(
      `SELECT u.id, u.name FROM auth.group_members m JOIN auth.users u ON u.id = m.user_id WHERE m.group_id = $1 ORDER BY u.name`,
      [id],
    );
  }

  private shown(user: User): object {
    return userResource(user, this.base);
  }

  private async shownGroup(group: Group, tx?: EntityManager): Promise<object> {
    return groupResource(group, await this.membersOf(group, tx), this.base);
  }

  private record(tx: EntityManager, action: string, target: string, reason?: string): Promise<void> {
    return this.audit.record(tx, { action, target, outcome: 'succeeded', ...(reason === undefined ? {} : { reason }) });
  }

  private get base(): string {
    return `${this.config.publicUrl.replace(/\/$/, '')}/scim/v2`;
  }
}

interface GroupState {
  readonly name: string;
  readonly members: readonly string[];
}

function userChange({ op, attribute, value }: PatchOperation): ScimUser {
  if (op === 'remove' && attribute === 'username') throw required('userName');
  if (attribute !== undefined) return patchedUser(attribute, op === 'remove' ? undefined : value);
  if (typeof value !== 'object' || value === null)
    throw new ScimError(400, 'Without a path the value is an object.', 'invalidValue');
  const changes = Object.entries(value).map(([name, one]) => patchedUser(name.toLowerCase(), one));
  return Object.assign({}, ...changes) as ScimUser; // of ScimUsers
}

const required = (name: string): ScimError =>
  new ScimError(400, `"${name}" is required and cannot be removed.`, 'mutability');

/** Pure: the group after one operation. */
function groupChange(state: GroupState, { op, attribute, where, value }: PatchOperation): GroupState {
  if (attribute === undefined) {
    const body = (typeof value === 'object' && value !== null ? value : {}) as Body; // read member by member
    const name = attributeOf(body, 'displayName') === undefined ? state.name : groupName(body);
    const members = attributeOf(body, 'members');
    return {
      name,
      members: members === undefined ? state.members : changedMembers(state.members, op, membersIn(members)),
    };
  }
  if (attribute === 'displayname') {
    if (op === 'remove') throw required('displayName');
    return { ...state, name: groupName({ displayName: value }) };
  }
  if (attribute !== 'members') return state;
  if (where && op === 'replace' && !state.members.includes(where.value)) {
    throw new ScimError(400, 'No member is what the filter of the path asks for.', 'noTarget');
  }
  if (where) return { ...state, members: changedMembers(state.members, op, [where.value]) };
  if (op === 'remove' && value === undefined) return { ...state, members: [] };
  return { ...state, members: changedMembers(state.members, op, membersIn(value)) };
}

function changedMembers(present: readonly string[], op: PatchOperation['op'], named: readonly string[]): string[] {
  if (op === 'replace') return [...named];
  if (op === 'add') return [...new Set([...present, ...named])];
  return present.filter((id) => !named.includes(id));
}

function groupName(body: Body): string {
  const name = textOf(attributeOf(body, 'displayName'), 'displayName');
  if (name !== undefined && GROUP_NAME.test(name)) return name;
  throw new ScimError(400, '"displayName" is 1 to 200 of letters, digits, spaces and . _ @ + : / -.', 'invalidValue');
}

/** With the attributes that are asked for, each of a list. */
function asWanted(body: object, { attributes, excludedAttributes }: ScimRequest): object {
  const one = (resource: object): object => projected(resource, attributes, excludedAttributes);
  if (!('Resources' in body) || !Array.isArray(body.Resources)) return one(body);
  return { ...body, Resources: body.Resources.map((resource: object) => one(resource)) };
}
