import { AuditContract, LoggedEntry } from '#libs/contracts/audit.contract';
import { PastUse, SIMULATED_MAX } from '#libs/contracts/auth-roles';
import { Permission } from '#libs/contracts/principal';

const DAY_MS = 86_400_000;
const PAGE = 1_000;

/** What an action that the log tells of took. An action that is not here took no permission that a role gives. */
const TOOK: Readonly<Record<string, Permission>> = {
  'documents.apply': 'pipelines:write',
  'documents.create': 'pipelines:write',
  'documents.update': 'pipelines:write',
  'documents.delete': 'pipelines:write',
  'documents.activate': 'pipelines:write',
  'runs.start': 'runs:write',
  'runs.cancel': 'runs:write',
  'keys.create': 'keys:write',
  'keys.rotate': 'keys:write',
  'keys.revoke': 'keys:write',
  'accounts.create': 'keys:write',
  'accounts.delete': 'keys:write',
  'secrets.put': 'secrets:write',
  'secrets.delete': 'secrets:write',
  'secrets.rotate': 'secrets:write',
  'roles.put': 'roles:write',
  'roles.delete': 'roles:write',
  'bindings.put': 'roles:write',
  'bindings.delete': 'roles:write',
};

interface Leaf {
  readonly time: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly project?: string;
}

/** What people and keys did of late, as what it took; the newest {@link SIMULATED_MAX} uses at most. */
export async function historyOf(audit: AuditContract, days: number, now = Date.now()): Promise<PastUse[]> {
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
    uses.push(...page.entries.flatMap(({ leaf }) => useOf(JSON.parse(leaf) as Leaf))); // canonical JSON of an entry
    if (uses.length > SIMULATED_MAX) uses.splice(0, uses.length - SIMULATED_MAX);
    from = page.next;
  }
  return uses;
}

/** The use that an entry tells of; none when nobody whom a role binds did it. */
export function useOf({ time, actor, action, target, project }: Leaf): PastUse[] {
  const { kind, id } = actor;
  const permission = Object.hasOwn(TOOK, action) ? TOOK[action] : undefined;
  if ((kind !== 'key' && kind !== 'user') || permission === undefined) return [];
  const inProject = action.startsWith('keys.') || action === 'secrets.rotate' ? undefined : project;
  const name = inProject === undefined ? undefined : target.split('/')[2];
  return [
    {
      time,
      kind,
      id,
      permission,
      ...(inProject === undefined ? {} : { project: inProject }),
      ...(name === undefined ? {} : { name }),
    },
  ];
}
