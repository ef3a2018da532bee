import { Command } from 'commander';
import { Permission } from '#libs/contracts/principal';
import { clientOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print } from '../output';
import { about } from './role';

interface Question {
  readonly permission: Permission;
  readonly project?: string;
  readonly name?: string;
}

interface QuestionOptions extends RemoteOptions {
  readonly system?: boolean;
  readonly name?: string;
  readonly as?: string;
  readonly explain?: boolean;
}

const asked = (command: Command): Command =>
  remote(command)
    .argument('<permission>', 'as pipelines:write')
    .option('--system', 'in the system as a whole, not in --project')
    .option('--name <name>', 'of the one thing that it is about');

const question = (permission: Permission, { system, project, name }: QuestionOptions): Question => ({
  permission,
  project: system ? undefined : project,
  name,
});

export function accessCommands(program: Command): void {
  about(asked(program.command('can-i').description('may I do this? ends with 1 when not')))
    .option('--explain', 'show each grant and what came of it')
    .action(async (permission: Permission, options: QuestionOptions) => {
      const decision = await clientOf(options).ask((api) =>
        api.GET('/v1/access/can-i', { params: { query: { ...question(permission, options), as: options.as } } }),
      );
      const answer = `${decision.allowed ? 'yes' : 'no'}: ${decision.as} is ${decision.verdict}`;
      if (options.explain && options.output === 'table') {
        print('table', decision, {
          columns: ['role', 'in', 'by', 'allows', 'because'],
          rows: decision.grants.map((one) => [one.role, one.project, one.by, one.allows ? 'yes' : 'no', one.because]),
        });
      }
      if (decision.allowed || options.output !== 'table') print(options.output, decision, () => answer);
      if (!decision.allowed) throw new CommandFailed(answer);
    });

  asked(program.command('who-can').description('everybody who may do this, and by what')).action(
    async (permission: Permission, options: QuestionOptions) => {
      const { able } = await clientOf(options).ask((api) =>
        api.GET('/v1/access/who-can', { params: { query: question(permission, options) } }),
      );
      print(options.output, able, {
        columns: ['who', 'name', 'by'],
        rows: able.map((one) => [one.who, one.name, one.by.join('; ')]),
      });
    },
  );
}
