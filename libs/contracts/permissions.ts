import { Permission, PERMISSIONS, Principal, RoleName } from './principal';

const READS = [
  'pipelines:read',
  'runs:read',
  'data:read',
  'quarantine:read',
  'ledger:read',
  'system:read',
] as const satisfies readonly Permission[];

/** What each built-in role may do. */
export const ROLE_PERMISSIONS: Readonly<Record<RoleName, ReadonlySet<Permission>>> = {
  viewer: new Set(READS),
  ingest: new Set<Permission>(['events:write']),
  editor: new Set<Permission>([...READS, 'pipelines:write', 'runs:write', 'events:write', 'secrets:read']),
  admin: new Set(PERMISSIONS),
};

/** How a principal stands to a project: `stranger` holds nothing there, so the project does not exist for it. */
export type Verdict = 'allowed' | 'denied' | 'stranger';

/**
 * Whether `principal` may do `permission` in `project`; without a project, in the system as a whole. Deny by default.
 * What belongs to no project (`audit:read`, `keys:*`) takes a grant over all of them, `*`; `system:read` takes any grant.
 */
export function decide(principal: Principal, permission: Permission, project?: string): Verdict {
  if (project === undefined) {
    const grants =
      permission === 'system:read' ? principal.grants : principal.grants.filter((grant) => grant.project === '*');
    return holds(
      grants.map(({ role }) => role),
      permission,
    )
      ? 'allowed'
      : 'denied';
  }
  const here = principal.grants.filter((grant) => grant.project === '*' || grant.project === project);
  if (here.length === 0) return 'stranger';
  return holds(
    here.map(({ role }) => role),
    permission,
  )
    ? 'allowed'
    : 'denied';
}

function holds(roles: readonly RoleName[], permission: Permission): boolean {
  return roles.some((role) => ROLE_PERMISSIONS[role].has(permission));
}
