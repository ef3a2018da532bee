import { BUILT_IN_ROLES, Grant, Permission, PERMISSIONS, Principal, RoleName, Rule } from './principal';
import { holdsPattern, Policy, policyOf } from './policy';

const READS = [
  'pipelines:read',
  'runs:read',
  'data:read',
  'queries:read',
  'quarantine:read',
  'ledger:read',
  'system:read',
] as const satisfies readonly Permission[];

const OPERATES = [
  ...READS,
  'runs:write',
  'quarantine:write',
  'secrets:read',
  'roles:read',
] as const satisfies readonly Permission[];

/** What each built-in role may do. */
export const ROLE_PERMISSIONS: Readonly<Record<RoleName, ReadonlySet<Permission>>> = {
  viewer: new Set(READS),
  ingest: new Set<Permission>(['events:write']),
  operator: new Set<Permission>(OPERATES),
  editor: new Set<Permission>([...OPERATES, 'pipelines:write', 'queries:write', 'events:write', 'data:write']),
  /** All but what decides who gets in at all. */
  admin: new Set(PERMISSIONS.filter((permission) => permission !== 'users:write')),
  owner: new Set(PERMISSIONS),
};

/** How a principal stands to a project: `stranger` holds nothing there, so the project does not exist for it. */
export type Verdict = 'allowed' | 'denied' | 'stranger';

/** The one thing that a request is about, where it names one. */
export interface Resource {
  readonly name?: string;
  /** Of its document; left out where nobody has looked yet. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a principal may do, ready for decisions; compiled once for each principal object. */
function compiled(principal: Principal): Policy {
  const known = policies.get(principal);
  if (known) return known;
  const policy = policyOf(principal, rulesOf);
  policies.set(principal, policy);
  return policy;
}
const policies = new WeakMap<Principal, Policy>();

/** What a grant allows; nothing when its role is one that no longer exists. */
export function rulesOf({ role, rules }: Grant): readonly Rule[] {
  if (rules) return rules;
  const builtIn = BUILT_IN_ROLES.find((name) => name === role);
  return builtIn ? [{ permissions: [...ROLE_PERMISSIONS[builtIn]] }] : [];
}

/**
 * Whether `principal` may do `permission` in `project`; without a project, in the system as a whole. Deny by default.
 * What belongs to no project (`audit:read`, `keys:*`) takes a grant over all of them, `*`; `system:read` takes any grant.
 * A rule that is bound to names or labels allows nothing for a request that names no one thing.
 */
export function decide(
  principal: Principal,
  permission: Permission,
  project?: string,
  resource: Resource = {},
): Verdict {
  const policy = compiled(principal);
  if (project === undefined) {
    const allowed =
      permission === 'system:read' ? policy.anywhere(permission) : policy.everywhere.allows(permission, resource);
    return allowed ? 'allowed' : 'denied';
  }
  const here = policy.in(project);
  if (!here) return 'stranger';
  return here.allows(permission, resource) ? 'allowed' : 'denied';
}

/** Whether the labels of a thing could make {@link decide} answer otherwise, so that they are worth looking up. */
export const labelsMatter = (principal: Principal, permission: Permission, project: string): boolean =>
  compiled(principal).in(project)?.asksLabels(permission) ?? false;

/**
 * What `principal` lacks to give `rule` to anybody in `project` (`*` for all): nobody grants what they do not hold. Empty
 * when it holds all of it, at least as widely.
 */
export function lackedFor(principal: Principal, rule: Rule, project: string): Permission[] {
  const policy = compiled(principal);
  const held = project === '*' ? policy.everywhere : policy.in(project);
  return PERMISSIONS.filter((permission) => holdsPattern(rule.permissions, permission)).filter(
    (permission) => !held?.covers(permission, rule),
  );
}

/** One grant's part in a decision. */
export interface Reason {
  readonly grant: Grant;
  readonly allows: boolean;
  /** Why, or why not: `has no "runs:write"`, `holds in "a" alone`. */
  readonly because: string;
}

/** Why {@link decide} answers as it does: each grant, and what came of it. */
export function explain(
  principal: Principal,
  permission: Permission,
  project?: string,
  resource: Resource = {},
): Reason[] {
  return principal.grants.map((grant) => {
    const alone: Principal = { ...principal, grants: [grant] };
    const allows = decide(alone, permission, project, resource) === 'allowed';
    return { grant, allows, because: allows ? `has "${permission}"` : whyNot(alone, grant, permission, project) };
  });
}

function whyNot(alone: Principal, grant: Grant, permission: Permission, project?: string): string {
  const { scope, ...unscoped } = alone;
  if (project === undefined && grant.project !== '*') return 'takes a grant over all projects';
  if (grant.project !== '*' && grant.project !== project) return `holds in "${grant.project}" alone`;
  const rules = rulesOf(grant).filter((rule) => holdsPattern(rule.permissions, permission));
  if (rules.length === 0) return `has no "${permission}"`;
  if (scope && decide(unscoped, permission, project) === 'allowed') return "is beyond the key's scope";
  return 'is bound to other names or labels';
}
