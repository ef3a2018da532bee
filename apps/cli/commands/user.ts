import { Command } from 'commander';
import { clientOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';
import { valueFromStdin } from '../stdin';

interface ProviderOptions extends RemoteOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret?: boolean;
  readonly scope: readonly string[];
  readonly nameClaim?: string;
  readonly groupsClaim?: string;
  readonly group: readonly string[];
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const USER = '/v1/users/{user}';
const GROUP = '/v1/groups/{group}';
const PROVIDER = '/v1/identity-providers/{provider}';

export function userCommands(program: Command): void {
  const user = program.command('user').description('people who may get in').exitOverride();

  remote(user.command('create').description('make a user, who may nothing until a role is bound to them'))
    .argument('<name>')
    .option('--password', 'read a password from stdin')
    .option('--display-name <text>', 'how they are shown')
    .option('--email <address>', 'where they are written to')
    .action(
      async (name: string, options: RemoteOptions & { password?: boolean; displayName?: string; email?: string }) => {
        const body = {
          name,
          ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
          ...(options.email === undefined ? {} : { email: options.email }),
          ...(options.password ? { password: await valueFromStdin('password') } : {}),
        };
        const view = await clientOf(options).ask((api) => api.POST('/v1/users', { body }));
        print(options.output, view, () => view.name);
      },
    );

  remote(user.command('list').description('list users')).action(async (options: RemoteOptions) => {
    const { users } = await clientOf(options).ask((api) => api.GET('/v1/users'));
    print(options.output, users, {
      columns: ['name', 'shown as', 'state', 'from', 'groups', 'second factor', 'last login'],
      rows: users.map((one) => [
        one.name,
        one.displayName,
        one.state,
        one.origin,
        one.groups.join(', '),
        one.hasSecondFactor ? 'yes' : 'no',
        one.lastLoginAt,
      ]),
    });
  });

  for (const [verb, state] of [
    ['enable', 'active'],
    ['disable', 'disabled'],
  ] as const) {
    remote(
      user.command(verb).description(`${verb} a user${verb === 'disable' ? '; their sessions end within 5 s' : ''}`),
    )
      .argument('<name>')
      .action(async (name: string, options: RemoteOptions) => {
        await clientOf(options).ask((api) => api.PATCH(USER, { params: { path: { user: name } }, body: { state } }));
        say(`${name} is ${state}.`);
      });
  }

  remote(user.command('password').description('set a password, read from stdin; ends all sessions of the user'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      const body = { password: await valueFromStdin('password') };
      await clientOf(options).ask((api) => api.PATCH(USER, { params: { path: { user: name } }, body }));
      say(`${name} has another password.`);
    });

  remote(user.command('delete').description('delete a user'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE(USER, { params: { path: { user: name } } }));
      say(`Deleted ${name}.`);
    });

  const group = program.command('group').description('groups of users, to bind roles to').exitOverride();

  remote(group.command('put').description('make a group, or say anew who is in it'))
    .argument('<name>')
    .option('--member <user>', 'may be repeated', collect, [])
    .action(async (name: string, options: RemoteOptions & { member: readonly string[] }) => {
      const body = { members: [...options.member] };
      const view = await clientOf(options).ask((api) => api.PUT(GROUP, { params: { path: { group: name } }, body }));
      print(options.output, view, () => `${view.name}: ${view.members.join(', ') || 'nobody'}`);
    });

  remote(group.command('list').description('list groups')).action(async (options: RemoteOptions) => {
    const { groups } = await clientOf(options).ask((api) => api.GET('/v1/groups'));
    print(options.output, groups, {
      columns: ['name', 'from', 'members'],
      rows: groups.map((one) => [one.name, one.origin, one.members.join(', ')]),
    });
  });

  remote(group.command('delete').description('delete a group'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE(GROUP, { params: { path: { group: name } } }));
      say(`Deleted ${name}.`);
    });

  const provider = program.command('provider').description('OpenID providers to log in by').exitOverride();

  remote(provider.command('put').description('set an OpenID provider up'))
    .argument('<name>')
    .requiredOption('--issuer <url>', 'exactly as the provider writes it')
    .requiredOption('--client-id <id>', 'who we are to the provider')
    .option('--secret', "read the client's secret from stdin")
    .option('--scope <scope>', 'beside openid; may be repeated (default: profile, email)', collect, [])
    .option('--name-claim <claim>', "becomes the user's name (default: preferred_username, email, sub)")
    .option('--groups-claim <claim>', 'whose values are mapped to groups')
    .option('--group <value=group>', 'puts who has the value into the group; may be repeated', collect, [])
    .action(async (name: string, options: ProviderOptions) => {
      const body = {
        issuer: options.issuer,
        clientId: options.clientId,
        ...(options.secret ? { clientSecret: await valueFromStdin('secret') } : {}),
        ...(options.scope.length > 0 ? { scopes: [...options.scope] } : {}),
        ...(options.nameClaim === undefined ? {} : { nameClaim: options.nameClaim }),
        ...(options.groupsClaim === undefined ? {} : { groupsClaim: options.groupsClaim }),
        groups: options.group.map(mappingOf),
      };
      const view = await clientOf(options).ask((api) =>
        api.PUT(PROVIDER, { params: { path: { provider: name } }, body }),
      );
      const callback = new URL(`/v1/login/oidc/${view.name}/callback`, clientOf(options).url).href;
      print(options.output, view, () => `${view.name} is set up; its redirect address is ${callback}`);
    });

  remote(provider.command('list').description('list OpenID providers')).action(async (options: RemoteOptions) => {
    const { providers } = await clientOf(options).ask((api) => api.GET('/v1/identity-providers'));
    print(options.output, providers, {
      columns: ['name', 'issuer', 'client', 'groups'],
      rows: providers.map((one) => [
        one.name,
        one.issuer,
        one.clientId,
        one.groups.map(({ value, group: to }) => `${value}=${to}`).join(', '),
      ]),
    });
  });

  remote(provider.command('delete').description('delete an OpenID provider'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE(PROVIDER, { params: { path: { provider: name } } }));
      say(`Deleted ${name}.`);
    });

  for (const command of [...user.commands, ...group.commands, ...provider.commands]) command.exitOverride();
}

function mappingOf(pair: string): { value: string; group: string } {
  const at = pair.indexOf('=');
  if (at < 1 || at === pair.length - 1) throw new CommandFailed(`"${pair}" maps nothing: write value=group.`, 2);
  return { value: pair.slice(0, at), group: pair.slice(at + 1) };
}
