import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessCommands } from './commands/access';
import { accountCommand } from './commands/account';
import { archiveCommands } from './commands/archive';
import { auditCommand } from './commands/audit';
import { backupCommands } from './commands/backup';
import { doctorCommand } from './commands/doctor';
import { documentCommands } from './commands/documents';
import { exportCommand } from './commands/export';
import { importCommand } from './commands/import';
import { infraCommand } from './commands/infra';
import { keysCommand } from './commands/keys';
import { ledgerCommand } from './commands/ledger';
import { lineageCommand } from './commands/lineage';
import { migrateCommand } from './commands/migrate';
import { previewCommands } from './commands/preview';
import { schemaCommand } from './commands/schema';
import { driftCommand } from './commands/drift';
import { quarantineCommand } from './commands/quarantine';
import { queryCommand } from './commands/query';
import { replayCommand } from './commands/replay';
import { roleCommands } from './commands/role';
import { rollupCommands } from './commands/rollup';
import { routeCommand } from './commands/route';
import { runCommands } from './commands/runs';
import { secretCommand } from './commands/secret';
import { userCommands } from './commands/user';
import { upCommand } from './commands/up';
import { PACKAGE_ROOT } from './up/paths';

/** The `chartly` command with all of its commands. */
export function chartly(): Command {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }; // ours
  const program = new Command('chartly')
    .description('Pipelines in, canonical events stored exactly once, and books that always balance.')
    .version(version)
    .showHelpAfterError('(chartly --help lists the commands)')
    .exitOverride();
  program.commandsGroup('Run Chartly:');
  upCommand(program);
  doctorCommand(program);
  backupCommands(program);
  migrateCommand(program);
  infraCommand(program);
  program.commandsGroup('Pipelines:');
  documentCommands(program);
  previewCommands(program);
  schemaCommand(program);
  runCommands(program);
  replayCommand(program);
  driftCommand(program);
  program.commandsGroup('Data:');
  queryCommand(program);
  rollupCommands(program);
  exportCommand(program);
  importCommand(program);
  archiveCommands(program);
  program.commandsGroup('What became of it:');
  ledgerCommand(program);
  quarantineCommand(program);
  lineageCommand(program);
  auditCommand(program);
  program.commandsGroup('Access:');
  keysCommand(program);
  accountCommand(program);
  userCommands(program);
  roleCommands(program);
  accessCommands(program);
  secretCommand(program);
  routeCommand(program);
  for (const command of program.commands) pointToHelp(command, 'chartly');
  return program;
}

/** Whoever called a command wrongly is shown where its own words are. */
function pointToHelp(command: Command, parent: string): void {
  const path = `${parent} ${command.name()}`;
  command.showHelpAfterError(`(${path} --help says more)`);
  for (const one of command.commands) pointToHelp(one, path);
}
