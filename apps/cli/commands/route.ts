import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { clientOf, remote, RemoteOptions } from '../context';
import { print } from '../output';
import { about } from './role';

type Explanation = Schemas['RouteExplanation'];

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export function routeCommand(program: Command): void {
  const route = program.command('route').description('look at the routes of the public API').exitOverride();

  const explain = route.command('explain');
  about(remote(explain.description('what a request would meet: route, policy, permission, limits, verdict')))
    .argument('<method>', 'as in GET')
    .argument('<path>', 'as in /v1/projects/default/runs')
    .action(async (verb: string, path: string, options: RemoteOptions & { as?: string }) => {
      const method = verb.toUpperCase() as Method; // Chartly says which it knows
      const explanation = await clientOf(options).ask((api) =>
        api.GET('/v1/routes/explain', { params: { query: { method, path, as: options.as } } }),
      );
      print(options.output, explanation, () => lines(explanation).join('\n'));
    });
}

function lines({
  route,
  handler,
  isPublic,
  permission,
  priority,
  deadlineMs,
  limits,
  grants,
  as,
  verdict,
  reason,
}: Explanation): string[] {
  const limited = limits.map(({ name, count, perSeconds }) => `${name} ${count} in ${perSeconds} s`);
  return [
    `route       ${route} (${handler})`,
    `permission  ${permission ?? (isPublic ? 'none: anybody may call it' : 'none: it is about the caller')}`,
    `priority    ${priority}`,
    `deadline    ${deadlineMs / 1_000} s`,
    `limits      ${limited.length === 0 ? 'none' : limited.join(', ')}`,
    `as          ${as}`,
    ...grants.map(({ role, project, by, because }) => `policy      ${grantOf(role, project, by)}: ${because}`),
    `verdict     ${verdict}: ${reason}`,
  ];
}

const grantOf = (role: string, project: string, by: string | undefined): string =>
  `${role} in ${project === '*' ? 'all projects' : project}${by === undefined ? '' : ` by ${by}`}`;
