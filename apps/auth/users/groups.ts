import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { GroupView, PutGroup } from '#libs/contracts/auth-users';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { Grants } from '../access/grants';
import { Group } from './group.entity';
import { User } from './user.entity';

const MEMBERS = `
  SELECT g.name, g.origin, coalesce(array_agg(u.name ORDER BY u.name) FILTER (WHERE u.id IS NOT NULL), '{}') AS members
    FROM auth.groups g
    LEFT JOIN auth.group_members m ON m.group_id = g.id
    LEFT JOIN auth.users u ON u.id = m.user_id
   GROUP BY g.id
   ORDER BY g.name`;

/** Groups of users. Who puts somebody into one must hold what is bound to it. */
@Injectable()
export class Groups {
  constructor(
    private readonly database: DataSource,
    private readonly grants: Grants,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  put({ name, members }: PutGroup): Promise<GroupView> {
    return this.database.transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('auth.group/' || $1, 0))`, [name]);
      const group = (await tx.findOneBy(Group, { name })) ?? (await this.insert(tx, name));
      const ids = await this.idsOf(tx, members);
      await this.replaceMembers(tx, group.id, ids, 'own');
      await this.record(tx, 'groups.put', group.id, `${ids.length} members`);
      return { name, members: members.map((member) => member.toLowerCase()).sort(), origin: group.origin };
    });
  }

  async list(): Promise<GroupView[]> {
    return this.database.query<GroupView[]>(MEMBERS);
  }

  async delete(name: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const group = await tx.findOneBy(Group, { name });
      if (!group) throw new NotFound('group.unknown', `There is no group "${name}".`);
      await tx.delete(Group, { id: group.id });
      await this.record(tx, 'groups.delete', group.id);
    });
  }

  /**
   * Says anew who is in a group. Who is in it already stays so by whom they were put there: a provider's member who is
   * named again by a directory goes on to be the provider's, and is out when the provider says so. Throws Forbidden
   * `role.escalation` when the caller does not hold what is bound to it.
   */
  async replaceMembers(tx: EntityManager, groupId: string, userIds: readonly string[], origin: string): Promise<void> {
    await this.grants.requireHeldBy(groupId, tx);
    await tx.query('DELETE FROM auth.group_members WHERE group_id = $1 AND user_id <> ALL($2::uuid[])', [
      groupId,
      userIds,
    ]);
    for (const id of userIds) await this.join(tx, groupId, id, origin);
  }

  /** Puts somebody into just those of the given groups that an identity provider speaks for. */
  async follow(tx: EntityManager, userId: string, names: readonly string[], origin: string): Promise<void> {
    await tx.query('DELETE FROM auth.group_members WHERE user_id = $1 AND origin = $2', [userId, origin]);
    for (const name of names) {
      const group = await tx.findOneBy(Group, { name });
      if (group) await this.join(tx, group.id, userId, origin);
    }
  }

  private async join(tx: EntityManager, groupId: string, userId: string, origin: string): Promise<void> {
    await tx.query(
      'INSERT INTO auth.group_members (group_id, user_id, origin) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [groupId, userId, origin],
    );
  }

  private async insert(tx: EntityManager, name: string): Promise<Group> {
    const now = this.clock.now();
    const group: Group = {
      id: this.ids.uuidv7(),
      name,
      origin: 'own',
      externalId: null,
      createdAt: now,
      changedAt: now,
    };
    await tx.insert(Group, group);
    return group;
  }

  private async idsOf(tx: EntityManager, members: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const member of members) {
      const user = await tx.findOneBy(User, { name: member.toLowerCase() });
      if (!user) throw new Unprocessable('group.member', `There is no user "${member}".`);
      ids.push(user.id);
    }
    return [...new Set(ids)];
  }

  private record(tx: EntityManager, action: string, id: string, reason?: string): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `Group/${id}`,
      outcome: 'succeeded',
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
