import { Command, Option } from 'commander';
import { RoleRule, Simulated, Subject, SUBJECT_KINDS } from '#libs/contracts/auth-roles';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

interface ScopeOptions extends RemoteOptions {
  readonly everywhere?: boolean;
}

interface RuleOptions extends ScopeOptions {
  readonly allow: readonly string[];
  readonly on: readonly string[];
  readonly label: readonly string[];
  readonly description?: string;
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const scoped = (command: Command): Command =>
  remote(command).option('--everywhere', 'of the system as a whole, not of --project');

/* Roles and bindings belong to a project, or to the system as a whole. */
const ROLES = '/v1/projects/{project}/roles';
const ROLE = `${ROLES}/{role}` as const;
const BINDINGS = '/v1/projects/{project}/bindings';
const BINDING = `${BINDINGS}/{binding}` as const;

const ruled = (command: Command): Command =>
  scoped(command)
    .requiredOption('--allow <permission>', 'as pipelines:read, pipelines:*, *:read; may be repeated', collect, [])
    .option('--on <name>', 'only things of this name, or that begin so: team-*; may be repeated', collect, [])
    .option('--label <key=value>', 'only things with this label; may be repeated', collect, []);

export function roleCommands(program: Command): void {
  const role = program.command('role').description('say what a role may do').exitOverride();

  scoped(role.command('list').description('list roles, built-in ones first')).action(async (options: ScopeOptions) => {
    const { roles } = await clientOf(options).ask((api) =>
      options.everywhere ? api.GET('/v1/roles') : api.GET(ROLES, { params: inProject(options) }),
    );
    print(options.output, roles, {
      columns: ['name', 'origin', 'allows'],
      rows: roles.map((one) => [one.name, one.origin, one.rules.map(ruleText).join('; ')]),
    });
  });

  ruled(role.command('put').description('make or change a role'))
    .argument('<name>')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, options: RuleOptions) => {
      const body = { rules: [ruleOf(options)], ...(options.description ? { description: options.description } : {}) };
      const view = await clientOf(options).ask((api) =>
        options.everywhere
          ? api.PUT('/v1/roles/{role}', { params: { path: { role: name } }, body })
          : api.PUT(ROLE, { params: inProject(options, { role: name }), body }),
      );
      print(options.output, view, () => `${view.name} may ${view.rules.map(ruleText).join('; ')}`);
    });

  ruled(role.command('simulate').description('what a role, so changed, would have denied of what was done'))
    .argument('<name>')
    .option('--days <n>', 'how far back', wholeNumber, 30)
    .action(async (name: string, options: RuleOptions & { days: number }) => {
      const scope = options.everywhere ? '*' : options.project;
      const body = { role: { scope, name, rules: [ruleOf(options)] }, days: options.days };
      showSimulated(options, await clientOf(options).ask((api) => api.POST('/v1/access/simulate', { body })));
    });

  scoped(role.command('delete').description('delete a role that nothing binds'))
    .argument('<name>')
    .action(async (name: string, options: ScopeOptions) => {
      await clientOf(options).ask((api) =>
        options.everywhere
          ? api.DELETE('/v1/roles/{role}', { params: { path: { role: name } } })
          : api.DELETE(ROLE, { params: inProject(options, { role: name }) }),
      );
      say(`Deleted ${name}.`);
    });

  const binding = program.command('binding').description('say who has a role').exitOverride();

  scoped(binding.command('list').description('list role bindings')).action(async (options: ScopeOptions) => {
    const { bindings } = await clientOf(options).ask((api) =>
      options.everywhere ? api.GET('/v1/bindings') : api.GET(BINDINGS, { params: inProject(options) }),
    );
    print(options.output, bindings, {
      columns: ['name', 'role', 'subjects', 'changed', 'by'],
      rows: bindings.map((one) => [
        one.name,
        one.role,
        one.subjects.map(({ kind, name }) => `${kind}:${name}`).join(' '),
        one.changedAt,
        one.changedBy,
      ]),
    });
  });

  scoped(binding.command('put').description('bind a role'))
    .argument('<name>')
    .requiredOption('--role <role>', 'a built-in role, or one of ours')
    .requiredOption('--to <subject>', 'user:NAME, group:NAME or account:PROJECT/NAME; may be repeated', collect, [])
    .action(async (name: string, options: ScopeOptions & { role: string; to: readonly string[] }) => {
      const body = { role: options.role, subjects: options.to.map(subjectOf) };
      const view = await clientOf(options).ask((api) =>
        options.everywhere
          ? api.PUT('/v1/bindings/{binding}', { params: { path: { binding: name } }, body })
          : api.PUT(BINDING, { params: inProject(options, { binding: name }), body }),
      );
      print(options.output, view, () => `${view.role} is bound to ${options.to.join(' ')}`);
    });

  scoped(binding.command('simulate').description('what would have been denied without a binding'))
    .argument('<name>')
    .option('--days <n>', 'how far back', wholeNumber, 30)
    .action(async (name: string, options: ScopeOptions & { days: number }) => {
      const scope = options.everywhere ? '*' : options.project;
      const body = { withoutBinding: { scope, name }, days: options.days };
      showSimulated(options, await clientOf(options).ask((api) => api.POST('/v1/access/simulate', { body })));
    });

  scoped(binding.command('delete').description('delete a role binding'))
    .argument('<name>')
    .action(async (name: string, options: ScopeOptions) => {
      await clientOf(options).ask((api) =>
        options.everywhere
          ? api.DELETE('/v1/bindings/{binding}', { params: { path: { binding: name } } })
          : api.DELETE(BINDING, { params: inProject(options, { binding: name }) }),
      );
      say(`Deleted ${name}.`);
    });

  for (const command of [...role.commands, ...binding.commands]) command.exitOverride();
}

/** Options for whom a question is about. */
export const about = (command: Command): Command =>
  command.addOption(new Option('--as <who>', 'user:NAME, account:PROJECT/NAME, key:ID or role:NAME@PROJECT'));

function ruleOf({ allow, on, label }: RuleOptions): RoleRule {
  const labels = Object.fromEntries(
    label.map((pair) => {
      const [key = '', value] = pair.split('=');
      if (key === '' || value === undefined) throw new CommandFailed(`"${pair}" is not a label: write key=value.`, 2);
      return [key, value];
    }),
  );
  return {
    permissions: [...allow],
    ...(on.length > 0 ? { names: [...on] } : {}),
    ...(label.length > 0 ? { labels } : {}),
  };
}

function subjectOf(text: string): Subject {
  const at = text.indexOf(':');
  const kind = SUBJECT_KINDS.find((one) => one === text.slice(0, at));
  if (!kind) throw new CommandFailed(`"${text}" names nobody: write user:NAME, group:NAME or account:PROJECT/NAME.`, 2);
  return { kind, name: text.slice(at + 1) };
}

function ruleText({ permissions, names, labels }: RoleRule): string {
  const on = names ? ` on ${names.join(', ')}` : '';
  const labelled = labels
    ? ` labelled ${Object.entries(labels)
        .map((pair) => pair.join('='))
        .join(', ')}`
    : '';
  return `${permissions.join(', ')}${on}${labelled}`;
}

function showSimulated(options: RemoteOptions, { uses, denied }: Simulated): void {
  print(
    options.output,
    { uses, denied },
    {
      columns: ['who', 'name', 'permission', 'project', 'times', 'first', 'last'],
      rows: denied.map((one) => [one.who, one.name, one.permission, one.project, one.times, one.first, one.last]),
    },
  );
  if (options.output === 'table') say(`Looked at ${uses} uses; nothing was changed.`);
}
