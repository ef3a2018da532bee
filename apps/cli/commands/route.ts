import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { clientOf, remote, RemoteOptions } from '../context';
import { print } from '../output';

type Explanation = Schemas['RouteExplanation'];

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export function routeCommand(program: Command): void {
  const route = program.command('route').description('look at the routes of the public API').exitOverride();

  remote(route.command('explain').description('what a request would meet: route, permission, limits, verdict'))
    .argument('<method>', 'as in GET')
    .argument('<path>', 'as in /v1/projects/default/runs')
    .option('--as <who>', 'key:ID or role:NAME@PROJECT; yourself when left out')
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
  permission,
  priority,
  deadlineMs,
  limits,
  as,
  verdict,
  reason,
}: Explanation): string[] {
  const limited = limits.map(({ name, count, perSeconds }) => `${name} ${count} in ${perSeconds} s`);
  return [
    `route       ${route} (${handler})`,
    `permission  ${permission ?? 'none: anybody may call it'}`,
    `priority    ${priority}`,
    `deadline    ${deadlineMs / 1_000} s`,
    `limits      ${limited.length === 0 ? 'none' : limited.join(', ')}`,
    `as          ${as}`,
    `verdict     ${verdict}: ${reason}`,
  ];
}
