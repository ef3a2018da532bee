import { Command, CommanderError } from 'commander';
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
import { endWhenNobodyReads } from './closed-output';
import { CommandFailed } from './failure';
import { say } from './output';
import { PACKAGE_ROOT } from './up/paths';

const USAGE = 2;

function chartly(): Command {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }; // ours
  const program = new Command('chartly')
    .description('Pipelines in, canonical events stored exactly once, and books that always balance.')
    .version(version)
    .showHelpAfterError('(chartly --help lists the commands)')
    .exitOverride();
  upCommand(program);
  documentCommands(program);
  previewCommands(program);
  runCommands(program);
  replayCommand(program);
  queryCommand(program);
  exportCommand(program);
  importCommand(program);
  archiveCommands(program);
  rollupCommands(program);
  ledgerCommand(program);
  lineageCommand(program);
  schemaCommand(program);
  driftCommand(program);
  quarantineCommand(program);
  auditCommand(program);
  keysCommand(program);
  userCommands(program);
  accountCommand(program);
  roleCommands(program);
  accessCommands(program);
  secretCommand(program);
  routeCommand(program);
  migrateCommand(program);
  backupCommands(program);
  doctorCommand(program);
  infraCommand(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await chartly().parseAsync(argv);
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE; // commander has said why
    if (!(thrown instanceof CommandFailed)) throw thrown;
    say(`chartly: ${thrown.message}`);
    for (const detail of thrown.details) say(`  ${detail}`);
    return thrown.exitCode;
  }
}

endWhenNobodyReads();
void main(process.argv).then((code) => {
  process.exitCode = code;
});
