import { Command } from 'commander';
import { setTimeout as later } from 'node:timers/promises';
import { Schemas } from '#libs/client/client';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

const LOOK_EVERY_MS = 500;

type ArchiveWork = Schemas['ArchiveWork'];

interface RangeOptions extends RemoteOptions {
  readonly from?: string;
  readonly to?: string;
}

export function archiveCommands(program: Command): void {
  const archives = program.command('archive').description('copies of datasets in the object store').exitOverride();

  remote(archives.command('create').description('copy the rows of a dataset, and wait until it is done'))
    .argument('<dataset>')
    .option('--from <time>', 'only rows at or after this time, RFC 3339')
    .option('--to <time>', 'only rows before this time, RFC 3339')
    .action(async (dataset: string, { from, to, ...options }: RangeOptions) => {
      const client = clientOf(options);
      const params = inProject(options, { dataset });
      const begun = await client.ask((api) =>
        api.POST('/v1/projects/{project}/datasets/{dataset}/archives', { params, body: { from, to } }),
      );
      show(options, await seen(client, options, begun, 'done'));
    });

  remote(archives.command('list').description('archives and restores of a dataset'))
    .argument('<dataset>')
    .action(async (dataset: string, options: RemoteOptions) => {
      const work = await workOf(clientOf(options), options, dataset);
      print(options.output, work, {
        columns: ['archive', 'kind', 'state', 'rows', 'stored', 'begun'],
        rows: work.map((one) => [one.archive, one.kind, one.state, one.rows, one.stored, one.begunAt]),
      });
    });

  remote(archives.command('restore').description('store the rows of an archive that are not there, and wait'))
    .argument('<dataset>')
    .argument('<archive>')
    .option('--into <dataset>', 'store them in another dataset')
    .action(async (dataset: string, id: string, { into, ...options }: RemoteOptions & { readonly into?: string }) => {
      const client = clientOf(options);
      const params = inProject(options, { dataset, archive: id });
      const begun = await client.ask((api) =>
        api.POST('/v1/projects/{project}/datasets/{dataset}/archives/{archive}/restore', { params, body: { into } }),
      );
      show(options, await seen(client, options, begun, 'done'));
    });

  remote(
    archives.command('delete').description('delete an archive with all of its objects, and wait until they are gone'),
  )
    .argument('<dataset>')
    .argument('<archive>')
    .action(async (dataset: string, archive: string, options: RemoteOptions) => {
      const client = clientOf(options);
      const params = inProject(options, { dataset, archive });
      const begun = await client.ask((api) =>
        api.DELETE('/v1/projects/{project}/datasets/{dataset}/archives/{archive}', { params }),
      );
      const gone = await seen(client, options, begun, 'removed');
      print(options.output, gone, {
        columns: ['archive', 'rows', 'state'],
        rows: [[gone.archive, gone.rows, gone.state]],
      });
      say(`Archive ${gone.archive} is gone.`);
    });
}

async function workOf(client: Client, options: RemoteOptions, dataset: string): Promise<readonly ArchiveWork[]> {
  const params = inProject(options, { dataset });
  const { work } = await client.ask((api) => api.GET('/v1/projects/{project}/datasets/{dataset}/archives', { params }));
  return work;
}

/** Waits until the work is in a state. */
async function seen(
  client: Client,
  options: RemoteOptions,
  { id, dataset }: ArchiveWork,
  state: ArchiveWork['state'],
): Promise<ArchiveWork> {
  for (;;) {
    const work = await workOf(client, options, dataset);
    const own = work.find((one) => one.id === id);
    if (own?.state === 'failed') throw new CommandFailed(own.reason ?? 'It failed.');
    if (own?.state === state) return own;
    await later(LOOK_EVERY_MS);
  }
}

function show(options: RemoteOptions, { rows, stored, ...work }: ArchiveWork): void {
  print(
    options.output,
    { ...work, rows, stored },
    { columns: ['archive', 'rows', 'stored'], rows: [[work.archive, rows, stored]] },
  );
  say(
    work.kind === 'archive'
      ? `${rows} rows are in archive ${work.archive}.`
      : `${rows} rows read, ${stored ?? 0} stored.`,
  );
}
