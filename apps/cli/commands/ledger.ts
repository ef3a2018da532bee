import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print } from '../output';

type Ledger = Schemas['Ledger'];

interface LedgerOptions extends RemoteOptions {
  readonly versionNumber?: number;
}

export function ledgerCommand(program: Command): void {
  remote(
    program.command('ledger').description('show the books of a pipeline, or of all; exit 1 when they do not balance'),
  )
    .argument('[pipeline]')
    .option('--version-number <n>', 'the books of one version', wholeNumber)
    .action(async (pipeline: string | undefined, options: LedgerOptions) => {
      const ledgers = await ledgersOf(clientOf(options), pipeline, options);
      print(options.output, pipeline ? ledgers[0] : ledgers, () => ledgers.map(describeLedger).join('\n\n'));
      const unbalanced = ledgers.filter(({ balanced }) => !balanced);
      if (unbalanced.length === 0) return;
      throw new CommandFailed(
        `The books of ${unbalanced.map((ledger) => ledger.pipeline).join(', ')} do not balance.`,
        1,
        unbalanced.flatMap(({ problems }) => problems),
      );
    });
}

async function ledgersOf(client: Client, pipeline: string | undefined, options: LedgerOptions): Promise<Ledger[]> {
  if (pipeline === undefined) {
    const params = inProject(options);
    return (await client.ask((api) => api.GET('/v1/projects/{project}/ledger', { params }))).ledgers;
  }
  const params = { ...inProject(options, { pipeline }), query: { version: options.versionNumber } };
  return [await client.ask((api) => api.GET('/v1/projects/{project}/pipelines/{pipeline}/ledger', { params }))];
}

/** The three lines of the books, each as its equation. */
export function describeLedger({ pipeline, version, records, rows, dataset, balanced }: Ledger): string {
  const lines = [
    [
      'records',
      `${records.accepted} accepted`,
      sum(records, ['normalized', 'filtered', 'quarantined', 'discarded', 'pending']),
    ],
    ['rows', `${rows.produced} produced`, sum(rows, ['stored', 'merged', 'stale', 'duplicate'])],
    [
      'dataset',
      `${dataset.stored} stored${dataset.imported ? ` (${dataset.imported} imported)` : ''}`,
      sum(dataset, ['held', 'expired', 'erased', 'replaced']),
    ],
  ] as const;
  const left = Math.max(...lines.map(([, total]) => total.length));
  return [
    `ledger of ${pipeline}, version ${version}: ${balanced ? 'balanced' : 'NOT BALANCED'}`,
    ...lines.map(([name, total, parts]) => `  ${name.padEnd(7)}  ${total.padEnd(left)} = ${parts}`),
  ].join('\n');
}

function sum<K extends string>(line: Readonly<Record<K, number>>, names: readonly K[]): string {
  return names.map((name) => `${line[name]} ${name}`).join(' + ');
}
