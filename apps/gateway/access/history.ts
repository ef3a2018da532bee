import { AuditContract, LoggedEntry } from '#libs/contracts/audit.contract';
import { PastUse, SIMULATED_MAX } from '#libs/contracts/auth-roles';
import { Permission } from '#libs/contracts/principal';
import { namesOne } from './resource-of';
import { DeclaredRoute } from './route-check';

const DAY_MS = 86_400_000;
const PAGE = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What an action took, where a route that takes a permission leaves it. */
interface Taken {
  readonly permission: Permission;
  /** In the project of the entry, and not of the system as a whole. */
  readonly inProject: boolean;
  /** Of the one thing that the path names. */
  readonly isNamed: boolean;
}

type Took = ReadonlyMap<string, readonly Taken[]>;

/** What each action in the log took, as the routes themselves declare it. What no route is listed with took nothing that a role gives. */
export function tookOf(routes: readonly Pick<DeclaredRoute, 'audited' | 'path' | 'permission'>[]): Took {
  const took = new Map<string, Taken[]>();
  for (const { audited, path, permission } of routes) {
    if (permission === undefined) continue;
    const taken = { permission, inProject: path.includes('/:project/'), isNamed: namesOne(path) };
    for (const action of audited) took.set(action, [...(took.get(action) ?? []), taken]);
  }
  return took;
}

interface Leaf {
  readonly time: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly project?: string;
}

/** What people and keys did of late, as what it took; the newest {@link SIMULATED_MAX} uses at most. */
export async function historyOf(audit: AuditContract, took: Took, days: number, now = Date.now()): Promise<PastUse[]> {
  const since = new Date(now - days * DAY_MS).toISOString();
  const uses: PastUse[] = [];
  let from: number | undefined = 0;
  while (from !== undefined) {
    const page: { entries: LoggedEntry[]; next?: number } = await audit.entries({
      from,
      limit: PAGE,
      since,
      outcome: 'succeeded',
    });
    uses.push(...page.entries.flatMap(({ leaf }) => useOf(took, JSON.parse(leaf) as Leaf))); // canonical JSON of an entry
    if (uses.length > SIMULATED_MAX) uses.splice(0, uses.length - SIMULATED_MAX);
    from = page.next;
  }
  return uses;
}

/** The use that an entry tells of; none when nobody whom a role binds did it. */
export function useOf(took: Took, { time, actor, action, target, project }: Leaf): PastUse[] {
  const { kind, id } = actor;
  const all = took.get(action) ?? [];
  const taken = all.find(({ inProject }) => inProject === (project !== undefined)) ?? all[0];
  if ((kind !== 'key' && kind !== 'user') || taken === undefined) return [];
  const name = taken.isNamed ? nameIn(target) : undefined;
  return [
    {
      time,
      kind,
      id,
      permission: taken.permission,
      ...(taken.inProject && project !== undefined ? { project } : {}),
      ...(name === undefined ? {} : { name }),
    },
  ];
}

/** `Kind/project/name` or `Kind/name`; an id is no name that a role can be bound to. */
function nameIn(target: string): string | undefined {
  const [, ...rest] = target.split('/');
  const name = rest.length <= 2 ? rest.at(-1) : undefined;
  return name !== undefined && !UUID.test(name) ? name : undefined;
}
