import { Command, Option } from 'commander';
import { RotatedSecrets, SECRET_PROVIDERS, SecretList, SecretProvider, SecretView } from '#libs/contracts/auth-secrets';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { print, say } from '../output';
import { valueFromStdin } from '../stdin';

interface SetOptions extends RemoteOptions {
  readonly from: SecretProvider;
}

export function secretCommand(program: Command): void {
  const secret = program
    .command('secret')
    .description('keep what connections authenticate with; documents name it as ${secret.NAME}')
    .exitOverride();

  remote(secret.command('set').description('set a secret; its value is read from stdin, never from an argument'))
    .argument('<name>')
    .addOption(new Option('--from <provider>', 'where the value is kept').choices(SECRET_PROVIDERS).default('own'))
    .action(async (name: string, options: SetOptions) => {
      const json = {
        provider: options.from,
        ...(options.from === 'own' ? { value: await valueFromStdin('value') } : {}),
      };
      const path = projectPath(options, 'secrets', name);
      const view = await clientOf(options).call<SecretView>(path, { method: 'PUT', json });
      print(options.output, view, () => `${view.name} is at version ${view.version}, kept by ${view.provider}`);
    });

  remote(secret.command('list').description('list secrets; values are never shown')).action(
    async (options: RemoteOptions) => {
      const { secrets } = await clientOf(options).call<SecretList>(projectPath(options, 'secrets'));
      print(options.output, secrets, {
        columns: ['name', 'provider', 'version', 'changed', 'by', 'last used'],
        rows: secrets.map((one) => [one.name, one.provider, one.version, one.changedAt, one.changedBy, one.lastUsedAt]),
      });
    },
  );

  remote(secret.command('delete').description('delete a secret'))
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      await clientOf(options).call(projectPath(options, 'secrets', name), { method: 'DELETE' });
      say(`Deleted ${name}.`);
    });

  remote(secret.command('rotate').description('wrap every secret by the current master key')).action(
    async (options: RemoteOptions) => {
      const rotated = await clientOf(options).call<RotatedSecrets>('/v1/secrets/rotate', { method: 'POST' });
      print(options.output, rotated, () =>
        rotated.complete
          ? `${rotated.rewrapped} rewrapped; the master key ${rotated.keyId} wraps all: older ones may be taken away`
          : `${rotated.rewrapped} rewrapped by ${rotated.keyId}; some are still under an older key: run it again`,
      );
    },
  );
}
