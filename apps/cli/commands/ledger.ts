import { Command } from 'commander';
import { Ledger } from '#libs/contracts/observer.contract';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print } from '../output';

export function ledgerCommand(program: Command): void {
  remote(
    program.command('ledger').description('show the books of a pipeline, or of all; exit 1 when they do not balance'),
  )
    .argument('[pipeline]')
    .option('--version-number <n>', 'the books of one version')
    .action(async (pipeline: string | undefined, options: RemoteOptions & { versionNumber?: string }) => {
      const client = clientOf(options);
      const query = { version: options.versionNumber };
      const ledgers = pipeline
        ? [await client.call<Ledger>(projectPath(options, 'pipelines', pipeline, 'ledger'), { query })]
        : (await client.call<{ ledgers: Ledger[] }>(projectPath(options, 'ledger'))).ledgers;
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
