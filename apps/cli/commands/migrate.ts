import { Command } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandFailed } from '../failure';
import { dataDirOf } from '../context';
import { SERVER } from '../up/paths';

export function migrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('apply database migrations and end; CHARTLY_DATABASE_MIGRATION_URL names the owner role')
    .action(async () => {
      const child = spawn(process.execPath, [SERVER, '--migrate-only'], {
        stdio: 'inherit',
        env: { ...process.env, CHARTLY_DATA_DIR: dataDirOf(process.env) },
      });
      const [code] = (await once(child, 'exit')) as [number | null]; // node's own event
      if (code !== 0) throw new CommandFailed('The migrations were not applied.');
    });
}
