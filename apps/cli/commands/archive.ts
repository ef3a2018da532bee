import { Command } from 'commander';
import { setTimeout as later } from 'node:timers/promises';
import { ArchiveWork, ArchiveWorks } from '#libs/contracts/archives';
import { Client } from '../client';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

const LOOK_EVERY_MS = 500;

interface RangeOptions extends RemoteOptions {
  readonly from?: string;
  readonly to?: string;
}

export function archiveCommands(program: Command): void {
  const archive = program.command('archive').description('copies of datasets in the object store').exitOverride();

  remote(archive.command('create').description('copy the rows of a dataset, and wait until it is done'))
    .argument('<dataset>')
    .option('--from <time>', 'only rows at or after this time, RFC 3339')
    .option('--to <time>', 'only rows before this time, RFC 3339')
    .action(async (dataset: string, { from, to, ...options }: RangeOptions) => {
      const path = projectPath(options, 'datasets', dataset, 'archives');
      show(options, await ended(clientOf(options), path, path, { from, to }));
    });

  remote(archive.command('list').description('archives and restores of a dataset'))
    .argument('<dataset>')
    .action(async (dataset: string, options: RemoteOptions) => {
      const { work } = await clientOf(options).call<ArchiveWorks>(
        projectPath(options, 'datasets', dataset, 'archives'),
      );
      print(options.output, work, {
        columns: ['archive', 'kind', 'state', 'rows', 'stored', 'begun'],
        rows: work.map((one) => [one.archive, one.kind, one.state, one.rows, one.stored, one.begunAt]),
      });
    });

  remote(archive.command('restore').description('store the rows of an archive that are not there, and wait'))
    .argument('<dataset>')
    .argument('<archive>')
    .option('--into <dataset>', 'store them in another dataset')
    .action(async (dataset: string, id: string, { into, ...options }: RemoteOptions & { readonly into?: string }) => {
      const path = projectPath(options, 'datasets', dataset, 'archives', id, 'restore');
      const list = projectPath(options, 'datasets', into ?? dataset, 'archives');
      show(options, await ended(clientOf(options), path, list, { into }));
    });

  remote(
    archive.command('delete').description('delete an archive with all of its objects, and wait until they are gone'),
  )
    .argument('<dataset>')
    .argument('<archive>')
    .action(async (dataset: string, archiveId: string, options: RemoteOptions) => {
      const client = clientOf(options);
      const list = projectPath(options, 'datasets', dataset, 'archives');
      const path = projectPath(options, 'datasets', dataset, 'archives', archiveId);
      const { id } = await client.call<ArchiveWork>(path, { method: 'DELETE' });
      const gone = await seen(client, list, id, 'removed');
      print(options.output, gone, {
        columns: ['archive', 'rows', 'state'],
        rows: [[gone.archive, gone.rows, gone.state]],
      });
      say(`Archive ${gone.archive} is gone.`);
    });
}

async function ended(client: Client, path: string, list: string, json: object): Promise<ArchiveWork> {
  const { id } = await client.call<ArchiveWork>(path, { json });
  return seen(client, list, id, 'done');
}

/** Waits until the work is in a state. */
async function seen(client: Client, list: string, id: string, state: ArchiveWork['state']): Promise<ArchiveWork> {
  for (;;) {
    const { work } = await client.call<ArchiveWorks>(list);
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
