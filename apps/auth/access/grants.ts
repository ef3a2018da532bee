import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { rulesOf } from '#libs/contracts/permissions';
import { Grant, Rule } from '#libs/contracts/principal';
import { requireHeld } from './held';

interface BoundRole {
  readonly subjectId: string;
  readonly scope: string;
  readonly name: string;
  readonly role: string;
  readonly rules: readonly Rule[] | null;
  /** The group that the binding names; null where it names the subject itself. */
  readonly through: string | null;
}

/** What is bound to any of the given ids, or to a group that one of them is in. */
const BOUND = `
  WITH holders AS (
    SELECT id AS subject_id, id AS bound_id FROM unnest($1::uuid[]) AS given(id)
    UNION ALL
    SELECT user_id, group_id FROM auth.group_members WHERE user_id = ANY($1::uuid[])
  )
  SELECT h.subject_id AS "subjectId", b.scope, b.name, b.role, r.rules,
         CASE WHEN bool_and(g.id IS NOT NULL) THEN min(g.name) END AS through
    FROM holders h
    JOIN auth.role_bindings b ON b.subject_ids @> ARRAY[h.bound_id]
    LEFT JOIN auth.roles r ON r.scope = b.role_scope AND r.name = b.role
    LEFT JOIN auth.groups g ON g.id = h.bound_id
   GROUP BY h.subject_id, b.scope, b.name, b.role, r.rules
   ORDER BY b.scope, b.name`;

/** What users and service accounts hold by the bindings that name them or their groups. */
@Injectable()
export class Grants {
  constructor(private readonly database: DataSource) {}

  async of(subjectId: string, tx?: EntityManager): Promise<Grant[]> {
    return (await this.ofAll([subjectId], tx)).get(subjectId) ?? [];
  }

  /**
   * Who puts somebody where `subjectId` stands, or takes its place, gives or gets all that it holds. Throws Forbidden
   * `role.escalation` for a caller who does not hold that.
   */
  async requireHeldBy(subjectId: string, tx: EntityManager, sentence?: string): Promise<void> {
    for (const grant of await this.of(subjectId, tx)) requireHeld(rulesOf(grant), grant.project, sentence);
  }

  /** By id; an id without a grant is left out. */
  async ofAll(subjectIds: readonly string[], tx: EntityManager = this.database.manager): Promise<Map<string, Grant[]>> {
    const rows = await tx.query<BoundRole[]>(BOUND, [subjectIds]);
    const all = new Map<string, Grant[]>();
    for (const { subjectId, scope, name, role, rules, through } of rows) {
      const by = `RoleBinding ${scope}/${name}${through === null ? '' : ` through group ${through}`}`;
      const grant: Grant = { role, project: scope, ...(rules ? { rules } : {}), by };
      all.set(subjectId, [...(all.get(subjectId) ?? []), grant]);
    }
    return all;
  }
}
