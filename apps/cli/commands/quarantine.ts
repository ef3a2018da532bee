import { Command } from 'commander';
import { QuarantinePage } from '#libs/contracts/quarantine';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { print } from '../output';

const RAW_SHOWN = 60;

export function quarantineCommand(program: Command): void {
  remote(program.command('quarantine').description('show records that could not become rows, and why'))
    .argument('<pipeline>')
    .option('--limit <n>', 'how many', '20')
    .action(async (pipeline: string, options: RemoteOptions & { limit: string }) => {
      const { records } = await clientOf(options).call<QuarantinePage>(
        projectPath(options, 'pipelines', pipeline, 'quarantine'),
        { query: { limit: options.limit } },
      );
      print(options.output, records, {
        columns: ['at', 'version', 'step', 'reason', 'raw'],
        rows: records.map(({ at, version, step, reason, raw }) => [at, version, step, reason, shortened(raw)]),
      });
    });
}

const shortened = (raw: string): string => (raw.length > RAW_SHOWN ? `${raw.slice(0, RAW_SHOWN)}…` : raw);
