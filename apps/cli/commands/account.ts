import { Command } from 'commander';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

interface KeyOptions extends RemoteOptions {
  readonly days: number;
  readonly allow: readonly string[];
  readonly in: readonly string[];
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const ACCOUNTS = '/v1/projects/{project}/service-accounts';
const ACCOUNT = `${ACCOUNTS}/{account}` as const;

export function accountCommand(program: Command): void {
  const account = program
    .command('account')
    .description('identities of machines: bind roles to them, give them keys')
    .exitOverride();

  remote(account.command('create').description('make a service account'))
    .argument('<name>')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, options: RemoteOptions & { description?: string }) => {
      const body = options.description === undefined ? {} : { description: options.description };
      const view = await clientOf(options).ask((api) =>
        api.PUT(ACCOUNT, { params: inProject(options, { account: name }), body }),
      );
      print(options.output, view, () => `${view.project}/${view.name}`);
    });

  remote(account.command('list').description('list service accounts')).action(async (options: RemoteOptions) => {
    const { accounts } = await clientOf(options).ask((api) => api.GET(ACCOUNTS, { params: inProject(options) }));
    print(options.output, accounts, {
      columns: ['name', 'description', 'created'],
      rows: accounts.map((one) => [one.name, one.description, one.createdAt]),
    });
  });

  remote(account.command('key').description('make a key for a service account; its text is shown once'))
    .argument('<account>')
    .argument('<name>')
    .option('--days <n>', 'until it expires', wholeNumber, 90)
    .option('--allow <permission>', 'no more than this of what the account holds; may be repeated', collect, [])
    .option('--in <project>', 'in no other project; may be repeated', collect, [])
    .action(async (name: string, key: string, options: KeyOptions) => {
      const scope = {
        ...(options.allow.length > 0 ? { permissions: [...options.allow] } : {}),
        ...(options.in.length > 0 ? { projects: [...options.in] } : {}),
      };
      const body = {
        name: key,
        expiresInDays: options.days,
        ...(Object.keys(scope).length > 0 ? { scope } : {}),
      };
      const created = await clientOf(options).ask((api) =>
        api.POST(`${ACCOUNT}/keys`, { params: inProject(options, { account: name }), body }),
      );
      print(options.output, created, () => created.key);
      if (options.output === 'table') say(`Key ${created.id} for ${created.account} expires ${created.expiresAt}.`);
    });

  remote(account.command('keys').description('list the keys of a service account'))
    .argument('<account>')
    .action(async (name: string, options: RemoteOptions) => {
      const { keys } = await clientOf(options).ask((api) =>
        api.GET(`${ACCOUNT}/keys`, { params: inProject(options, { account: name }) }),
      );
      print(options.output, keys, {
        columns: ['id', 'name', 'expires', 'last used', 'revoked'],
        rows: keys.map((key) => [key.id, key.name, key.expiresAt, key.lastUsedAt, key.revokedAt]),
      });
    });

  remote(account.command('rotate').description('make a new key in the place of another, which goes on for a while'))
    .argument('<account>')
    .argument('<id>')
    .option('--overlap <hours>', 'how long both work', wholeNumber, 24)
    .action(async (name: string, id: string, options: RemoteOptions & { overlap: number }) => {
      const body = { overlapHours: options.overlap };
      const created = await clientOf(options).ask((api) =>
        api.POST(`${ACCOUNT}/keys/{key}/rotate`, { params: inProject(options, { account: name, key: id }), body }),
      );
      print(options.output, created, () => created.key);
    });

  remote(account.command('revoke').description('revoke a key of a service account'))
    .argument('<account>')
    .argument('<id>')
    .action(async (name: string, id: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) =>
        api.DELETE(`${ACCOUNT}/keys/{key}`, { params: inProject(options, { account: name, key: id }) }),
      );
      say(`Revoked ${id}.`);
    });

  remote(account.command('delete').description('delete a service account with its keys'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE(ACCOUNT, { params: inProject(options, { account: name }) }));
      say(`Deleted ${name}.`);
    });

  for (const command of account.commands) command.exitOverride();
}
