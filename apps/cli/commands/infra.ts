import { Command, Option } from 'commander';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { chartValuesOf } from '#libs/infrastructure/chart-values';
import { ContractReader, ContractRefused } from '#libs/infrastructure/read-contract';
import { CommandFailed } from '../failure';
import { say } from '../output';
import { PACKAGE_ROOT } from '../up/paths';
import { composeSecrets } from '../infra/compose-secrets';
import { kubernetesSecrets, localSecrets } from '../infra/kubernetes-secrets';
import { freshSecrets } from '../infra/secrets';

interface SecretsOptions {
  readonly for: 'kubernetes' | 'local' | 'compose';
  readonly namespace: string;
  readonly folder: string;
}

export function infraCommand(program: Command): void {
  const infra = program.command('infra').description('from infrastructure to a deployment').exitOverride();

  infra
    .command('values')
    .description("read `terraform output -json` from stdin and print the chart's values that follow from it")
    .action(async () => {
      process.stdout.write(valuesOf(await text(process.stdin)));
    });

  infra
    .command('secrets')
    .description('make the keys and passwords of a new deployment; each run makes new ones')
    .addOption(
      new Option(
        '--for <kind>',
        'kubernetes: Secrets to apply, with CHARTLY_DATABASE_URL and the like of the environment; local: for the overlay of one machine; compose: env files',
      )
        .choices(['kubernetes', 'local', 'compose'])
        .makeOptionMandatory(),
    )
    .option('--namespace <name>', 'where the Secrets go', 'chartly')
    .option('--folder <path>', 'where env files go', join('.chartly', 'compose'))
    .action((options: SecretsOptions) => writeSecrets(options));
}

/** Throws CommandFailed with every problem's path when Terraform's outputs are no contract of ours. */
function valuesOf(outputs: string): string {
  try {
    const contract = new ContractReader(contractSchemas()).read(outputs);
    return `# From Terraform, by \`chartly infra values\`.\n${stringify(chartValuesOf(contract), { version: '1.1', lineWidth: 0 })}`;
  } catch (thrown) {
    if (thrown instanceof ContractRefused) throw new CommandFailed(thrown.message, 1, thrown.problems);
    throw thrown;
  }
}

function contractSchemas(): object[] {
  const folder = join(PACKAGE_ROOT, 'terraform', 'contracts');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.schema.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object); // our own files
}

function writeSecrets({ for: kind, namespace, folder }: SecretsOptions): void {
  const secrets = freshSecrets();
  if (kind === 'compose') for (const file of composeSecrets(secrets, folder)) say(`wrote ${file}`);
  else if (kind === 'local') process.stdout.write(localSecrets(secrets, namespace));
  else process.stdout.write(kubernetesSecrets(secrets, namespace, process.env));
}
