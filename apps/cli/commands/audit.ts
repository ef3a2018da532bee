import { Command } from 'commander';
import { clientOf, remote, RemoteOptions } from '../context';
import { print, say } from '../output';
import { entriesCommands } from './audit-entries';
import { verifyCommand } from './audit-verify';
import { witnessCommand } from './witness';

export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('look at the log of what was done, and verify it').exitOverride();
  verifyCommand(audit);
  witnessCommand(audit);
  rotateKeyCommand(audit);
  entriesCommands(audit);
  eraseCommand(audit);
}

function rotateKeyCommand(audit: Command): void {
  remote(audit.command('rotate-key').description('hand the log over to another signing key')).action(
    async (options: RemoteOptions) => {
      const { key, index } = await clientOf(options).ask((api) => api.POST('/v1/audit/keys'));
      print(options.output, { key, index }, () => `The log is signed by ${key} from entry ${index} on.`);
      if (options.output === 'table') {
        say(
          'Whoever verifies from an earlier key follows to this one. Tell it to the witnesses: --log, beside the old one.',
        );
      }
    },
  );
}

function eraseCommand(audit: Command): void {
  remote(audit.command('erase').description("make a person's data in the log unreadable for good"))
    .argument('<subject>', "an actor's kind and id, as in user:0190...")
    .action(async (subject: string, options: RemoteOptions) => {
      const params = { path: { subject } };
      const erased = await clientOf(options).ask((api) => api.DELETE('/v1/audit/subjects/{subject}', { params }));
      print(
        options.output,
        erased,
        () => `${erased.fields} fields can be read by nobody any more; the log still verifies.`,
      );
    });
}
