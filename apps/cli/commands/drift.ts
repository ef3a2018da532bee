import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print } from '../output';

/** `chartly drift`: changes of a source's records that wait for somebody. */
export function driftCommand(program: Command): void {
  const drift = program.command('drift').description("changes of a source's records that wait for approval");

  remote(drift.command('show').description('how the records have changed'))
    .argument('<pipeline>')
    .action(async (pipeline: string, options: RemoteOptions) => {
      const seen = await driftOf(clientOf(options), options, pipeline);
      print(options.output, seen, () => describe(seen));
    });

  remote(drift.command('approve').description('take the records as they are now'))
    .argument('<pipeline>')
    .option('--id <id>', 'only if the drift is still this one, as "show -o json" gives it')
    .action(async (pipeline: string, options: RemoteOptions & { id?: string }) => {
      const client = clientOf(options);
      const seen = await driftOf(client, options, pipeline);
      if (seen.id === undefined) throw new CommandFailed(`No drift of "${pipeline}" waits for approval.`);
      const body = { id: options.id ?? seen.id };
      await client.ask((api) =>
        api.POST('/v1/projects/{project}/pipelines/{pipeline}/drift/approve', {
          params: inProject(options, { pipeline }),
          body,
        }),
      );
      print(options.output, seen, () => `approved:\n${describe(seen)}`);
    });
}

const driftOf = (client: Client, options: RemoteOptions, pipeline: string): Promise<Schemas['SourceDrift']> =>
  client.ask((api) =>
    api.GET('/v1/projects/{project}/pipelines/{pipeline}/drift', { params: inProject(options, { pipeline }) }),
  );

const describe = ({ changes, seenAt, version }: Schemas['SourceDrift']): string =>
  changes.length === 0
    ? 'nothing waits for approval'
    : [`seen ${seenAt} by version ${version}`, ...changes.map((change) => `  ${change}`)].join('\n');
