import { Command, Option } from 'commander';
import { BUILT_IN_ROLES } from '#libs/contracts/principal';
import { clientOf, remote, RemoteOptions } from '../context';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

interface CreateOptions extends RemoteOptions {
  readonly role: (typeof BUILT_IN_ROLES)[number];
  readonly everywhere?: boolean;
  readonly days: number;
}

export function keysCommand(program: Command): void {
  const keys = program.command('keys').description('make, list and revoke API keys').exitOverride();

  remote(keys.command('create').description('make a key for --project; its text is shown once'))
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what it may do').choices(BUILT_IN_ROLES).default('ingest'))
    .option('--everywhere', 'for all projects')
    .option('--days <n>', 'until it expires', wholeNumber, 90)
    .action(async (name: string, options: CreateOptions) => {
      const body = {
        name,
        role: options.role,
        project: options.everywhere ? '*' : options.project,
        expiresInDays: options.days,
      };
      const created = await clientOf(options).ask((api) => api.POST('/v1/keys', { body }));
      print(options.output, created, () => created.key);
      if (options.output === 'table')
        say(`Key ${created.id} (${created.role} in ${created.project}) expires ${created.expiresAt}.`);
    });

  remote(keys.command('list').description('list keys')).action(async (options: RemoteOptions) => {
    const { keys: all } = await clientOf(options).ask((api) => api.GET('/v1/keys'));
    print(options.output, all, {
      columns: ['id', 'name', 'holds', 'in', 'expires', 'last used', 'revoked'],
      rows: all.map((key) => [
        key.id,
        key.name,
        key.role ?? key.account,
        key.project,
        key.expiresAt,
        key.lastUsedAt,
        key.revokedAt,
      ]),
    });
  });

  remote(keys.command('rotate').description('make a new key in the place of another, which goes on for a while'))
    .argument('<id>')
    .option('--overlap <hours>', 'how long both work', wholeNumber, 24)
    .action(async (id: string, options: RemoteOptions & { overlap: number }) => {
      const body = { overlapHours: options.overlap };
      const created = await clientOf(options).ask((api) =>
        api.POST('/v1/keys/{key}/rotate', { params: { path: { key: id } }, body }),
      );
      print(options.output, created, () => created.key);
    });

  remote(keys.command('revoke').description('revoke a key'))
    .argument('<id>')
    .action(async (id: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE('/v1/keys/{key}', { params: { path: { key: id } } }));
      say(`Revoked ${id}.`);
    });
}
