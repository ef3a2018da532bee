import { Command, Option } from 'commander';
import { SECRET_PROVIDERS, SecretProvider } from '#libs/contracts/auth-secrets';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { print, say } from '../output';
import { valueFromStdin } from '../stdin';

interface SetOptions extends RemoteOptions {
  readonly from: SecretProvider;
}

const SECRETS = '/v1/projects/{project}/secrets';
const SECRET = `${SECRETS}/{secret}` as const;

export function secretCommand(program: Command): void {
  const secret = program
    .command('secret')
    .description('keep what connections authenticate with; documents name it as ${secret.NAME}')
    .exitOverride();

  remote(secret.command('set').description('set a secret; its value is read from stdin, never from an argument'))
    .argument('<name>')
    .addOption(new Option('--from <provider>', 'where the value is kept').choices(SECRET_PROVIDERS).default('own'))
    .action(async (name: string, options: SetOptions) => {
      const body = {
        provider: options.from,
        ...(options.from === 'own' ? { value: await valueFromStdin('value') } : {}),
      };
      const view = await clientOf(options).ask((api) =>
        api.PUT(SECRET, { params: inProject(options, { secret: name }), body }),
      );
      print(options.output, view, () => `${view.name} is at version ${view.version}, kept by ${view.provider}`);
    });

  remote(secret.command('list').description('list secrets; values are never shown')).action(
    async (options: RemoteOptions) => {
      const { secrets } = await clientOf(options).ask((api) => api.GET(SECRETS, { params: inProject(options) }));
      print(options.output, secrets, {
        columns: ['name', 'provider', 'version', 'changed', 'by', 'last used'],
        rows: secrets.map((one) => [one.name, one.provider, one.version, one.changedAt, one.changedBy, one.lastUsedAt]),
      });
    },
  );

  remote(secret.command('delete').description('delete a secret'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).ask((api) => api.DELETE(SECRET, { params: inProject(options, { secret: name }) }));
      say(`Deleted ${name}.`);
    });

  remote(secret.command('rotate').description('wrap every secret by the current master key')).action(
    async (options: RemoteOptions) => {
      const rotated = await clientOf(options).ask((api) => api.POST('/v1/secrets/rotate'));
      print(options.output, rotated, () =>
        rotated.complete
          ? `${rotated.rewrapped} rewrapped; the master key ${rotated.keyId} wraps all: older ones may be taken away`
          : `${rotated.rewrapped} rewrapped by ${rotated.keyId}; some are still under an older key: run it again`,
      );
    },
  );
}
