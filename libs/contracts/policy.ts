import { Grant, Permission, PERMISSIONS, Principal, Rule } from './principal';

const NUMBER = Object.fromEntries(PERMISSIONS.map((permission, at) => [permission, at])) as Readonly<
  Record<Permission, number>
>; // each has its place

interface Named {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A rule that is bound to names or labels. */
interface Bound {
  readonly permissions: ReadonlySet<Permission>;
  readonly rule: Rule;
}

/** What somebody may do in one project: a byte a permission, and the few rules that look closer. */
class Held {
  private readonly free = new Uint8Array(PERMISSIONS.length);
  private readonly bound: Bound[] = [];

  add(permissions: readonly Permission[], rule: Rule): void {
    if (rule.names || rule.labels) this.bound.push({ permissions: new Set(permissions), rule });
    else for (const permission of permissions) this.free[NUMBER[permission]] = 1;
  }

  allows(permission: Permission, thing: Named): boolean {
    if (this.free[NUMBER[permission]] === 1) return true;
    return this.bound.some((one) => one.permissions.has(permission) && fits(one.rule, thing));
  }

  asksLabels(permission: Permission): boolean {
    return this.bound.some(({ permissions, rule }) => rule.labels !== undefined && permissions.has(permission));
  }

  /** Whether it holds `permission` at least as widely as `rule` does. */
  covers(permission: Permission, rule: Rule): boolean {
    if (this.free[NUMBER[permission]] === 1) return true;
    return this.bound.some((one) => one.permissions.has(permission) && isWider(one.rule, rule));
  }
}

/** What a principal may do, by project. */
export interface Policy {
  /** What it holds over all projects. */
  readonly everywhere: Held;
  /** What it holds in a project; undefined for one in which it holds nothing at all. */
  in(project: string): Held | undefined;
  /** Whether it holds `permission` in any project, or over all. */
  anywhere(permission: Permission): boolean;
}

/** Compiles a principal's grants. Decisions on the result allocate nothing. */
export function policyOf(principal: Principal, rulesOf: (grant: Grant) => readonly Rule[]): Policy {
  const { scope } = principal;
  const inScope = (permission: Permission): boolean =>
    scope?.permissions === undefined || holdsPattern(scope.permissions, permission);
  const grants = principal.grants.flatMap((grant) => withinProjects(grant, scope?.projects));
  const byProject = new Map<string, Held>();
  const everywhere = new Held();
  for (const project of new Set(grants.map(({ project }) => project))) {
    if (project !== '*') byProject.set(project, new Held());
  }
  for (const grant of grants) {
    const places = grant.project === '*' ? [everywhere, ...byProject.values()] : [byProject.get(grant.project)];
    for (const rule of rulesOf(grant)) {
      const permissions = PERMISSIONS.filter((one) => holdsPattern(rule.permissions, one) && inScope(one));
      for (const held of places) held?.add(permissions, rule);
    }
  }
  const holdsEverywhere = grants.some(({ project }) => project === '*');
  return {
    everywhere,
    in: (project) => byProject.get(project) ?? (holdsEverywhere ? everywhere : undefined),
    anywhere: (permission) => [everywhere, ...byProject.values()].some((held) => held.allows(permission, {})),
  };
}

/** A grant over all projects, seen through a scope of some, is one in each of them. */
function withinProjects(grant: Grant, projects: readonly string[] | undefined): Grant[] {
  if (!projects) return [grant];
  if (grant.project === '*') return projects.map((project) => ({ ...grant, project }));
  return projects.includes(grant.project) ? [grant] : [];
}

/** `pipelines:read`, `pipelines:*`, `*:read` or `*`. */
export function holdsPattern(patterns: readonly string[], permission: Permission): boolean {
  const [resource, verb] = permission.split(':');
  return patterns.some(
    (pattern) => pattern === permission || pattern === '*' || pattern === `${resource}:*` || pattern === `*:${verb}`,
  );
}

function fits({ names, labels }: Rule, thing: Named): boolean {
  if (names && !(thing.name !== undefined && names.some((pattern) => isNamed(pattern, thing.name!)))) return false;
  return !labels || (thing.labels !== undefined && hasLabels(thing.labels, labels));
}

const isNamed = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

const hasLabels = (all: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => Object.hasOwn(all, key) && all[key] === value);

/** Whether whatever fits `narrow` fits `wide` too. */
function isWider(wide: Rule, narrow: Rule): boolean {
  const names =
    !wide.names || narrow.names?.every((name) => wide.names!.some((pattern) => isNamed(pattern, name))) === true;
  const labels = !wide.labels || (narrow.labels !== undefined && hasLabels(narrow.labels, wide.labels));
  return names && labels;
}
