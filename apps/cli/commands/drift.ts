import { Command } from 'commander';
import { SourceDrift } from '#libs/contracts/drift';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print } from '../output';

/** `chartly drift`: changes of a source's records that wait for somebody. */
export function driftCommand(program: Command): void {
  const drift = program.command('drift').description("changes of a source's records that wait for approval");

  remote(drift.command('show').description('how the records have changed'))
    .argument('<pipeline>')
    .action(async (pipeline: string, options: RemoteOptions) => {
      const seen = await clientOf(options).call<SourceDrift>(projectPath(options, 'pipelines', pipeline, 'drift'));
      print(options.output, seen, () => describe(seen));
    });

  remote(drift.command('approve').description('take the records as they are now'))
    .argument('<pipeline>')
    .option('--id <id>', 'only if the drift is still this one, as "show -o json" gives it')
    .action(async (pipeline: string, options: RemoteOptions & { id?: string }) => {
      const client = clientOf(options);
      const path = projectPath(options, 'pipelines', pipeline, 'drift');
      const seen = await client.call<SourceDrift>(path);
      if (seen.id === undefined) throw new CommandFailed(`No drift of "${pipeline}" waits for approval.`);
      await client.call<SourceDrift>(`${path}/approve`, { json: { id: options.id ?? seen.id } });
      print(options.output, seen, () => `approved:\n${describe(seen)}`);
    });
}

const describe = ({ changes, seenAt, version }: SourceDrift): string =>
  changes.length === 0
    ? 'nothing waits for approval'
    : [`seen ${seenAt} by version ${version}`, ...changes.map((change) => `  ${change}`)].join('\n');
