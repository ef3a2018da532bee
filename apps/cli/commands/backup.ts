import { Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { restoreBackup } from '#libs/backup/restore';
import { ChartlyError } from '#libs/errors/errors';
import { clientOf, dataDirOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

const POLL_MS = 500;

export function backupCommands(program: Command): void {
  remote(
    program
      .command('backup')
      .description('back up everything that the embedded engines hold, while they go on; prints the folder'),
  ).action(async (options: RemoteOptions) => {
    const client = clientOf(options);
    let state = await client.ask((api) => api.POST('/v1/backups'));
    while (state.state === 'running') {
      await pause(POLL_MS);
      const { backups } = await client.ask((api) => api.GET('/v1/backups'));
      const found = backups.find(({ backup }) => backup === state.backup);
      if (!found) throw new CommandFailed(`Backup ${state.backup} is not there any more: the server was stopped.`);
      state = found;
    }
    if (state.state === 'failed') throw new CommandFailed(`The backup failed: ${state.reason ?? ''}`);
    print(options.output, state, () => state.folder);
  });

  program
    .command('restore')
    .description('put a backup into a new data folder, which the next start uses')
    .argument('<backup>', 'the folder that "chartly backup" printed')
    .option('--data-dir <folder>', 'the new data folder (default: CHARTLY_DATA_DIR)')
    .action(async (backup: string, { dataDir }: { dataDir?: string }) => {
      const home = dataDir ?? dataDirOf(process.env);
      try {
        const { takenAt } = await restoreBackup(backup, home);
        say(`${home} is as it was at ${takenAt}. Start Chartly on it: CHARTLY_DATA_DIR=${home} chartly up`);
      } catch (thrown) {
        if (thrown instanceof ChartlyError) throw new CommandFailed(thrown.message);
        throw thrown;
      }
    });
}
