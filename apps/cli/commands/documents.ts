import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { Applied, DocumentPage, DocumentPlan, DocumentView, Plan } from '#libs/contracts/orchestrator.contract';
import { substituteEnv } from '#libs/documents/substitute-env';
import { RowsDifferences } from '#libs/contracts/rows-difference';
import { Client } from '../client';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';
import { describeRows } from './plan-rows';

interface FileOptions extends RemoteOptions {
  readonly file: readonly string[];
}

const YAML = 'application/yaml';

/** The text of documents in files, `-` for stdin, with `${env.NAME:-default}` filled in. */
export async function readDocuments(files: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const texts = await Promise.all(
    files.map(async (file) => {
      try {
        return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
      } catch {
        throw new CommandFailed(`Cannot read ${file}.`);
      }
    }),
  );
  return substituteEnv(texts.join('\n---\n'), env);
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export function documentCommands(program: Command): void {
  remote(program.command('plan').description('show what applying documents would change'))
    .requiredOption('-f, --file <path>', 'document file, - for stdin; may be repeated', collect, [])
    .option('--records <n>', 'run changed pipelines over so many of the last raw records; 0 for none', '1000')
    .action(async (options: FileOptions & { records: string }) => {
      const body = await readDocuments(options.file, process.env);
      const text = { body, type: YAML };
      const client = clientOf(options);
      const plan = await client.call<Plan>(projectPath(options, 'plan'), { text });
      const changes = plan.documents.some(({ kind, change }) => kind === 'Pipeline' && change === 'update');
      const rows =
        changes && options.records !== '0' ? await rowsOf(client, options, options.records, text) : { pipelines: [] };
      const described = typeof rows === 'string' ? [rows] : rows.pipelines.map(describeRows);
      print(options.output, { ...plan, rows }, () => [describePlan(plan), ...described].join('\n'));
    });

  remote(program.command('lint').description('what is wrong with documents, and which expressions can fail'))
    .requiredOption('-f, --file <path>', 'document file, - for stdin; may be repeated', collect, [])
    .option('--strict', 'fail for expressions that can fail, too')
    .action(async (options: FileOptions & { strict?: boolean }) => {
      const text = { body: await readDocuments(options.file, process.env), type: YAML };
      const { documents } = await clientOf(options).call<Plan>(projectPath(options, 'plan'), { text });
      const warnings = documents.flatMap((one) =>
        one.warnings.map((warning) => ({ document: `${one.kind}/${one.name}`, warning })),
      );
      const lines = warnings.map(({ document, warning }) => `${document}: ${warning}`);
      print(options.output, warnings, () => (lines.length === 0 ? 'Nothing to say.' : lines.join('\n')));
      if (options.strict && lines.length > 0) throw new CommandFailed('Expressions can fail and do not say what then.');
    });

  remote(program.command('apply').description('apply documents'))
    .requiredOption('-f, --file <path>', 'document file, - for stdin; may be repeated', collect, [])
    .option('--basis <basis>', 'apply only what this plan was made for')
    .action(async (options: FileOptions & { basis?: string }) => {
      const body = await readDocuments(options.file, process.env);
      const applied = await clientOf(options).call<Applied>(projectPath(options, 'apply'), {
        text: { body, type: YAML },
        headers: options.basis === undefined ? {} : { 'chartly-plan-basis': options.basis },
      });
      print(options.output, applied, {
        columns: ['kind', 'name', 'version', 'change', 'active'],
        rows: applied.documents.map((one) => [one.kind, one.name, one.version, one.change, one.active]),
      });
    });

  remote(program.command('get').description('list documents, or show one'))
    .argument('[kind]', 'pipelines, schemas or connections')
    .argument('[name]', 'show this one')
    .option('--version-number <n>', 'an earlier version of it')
    .action(
      async (
        kind: string | undefined,
        name: string | undefined,
        options: RemoteOptions & { versionNumber?: string },
      ) => {
        const client = clientOf(options);
        if (kind !== undefined && name !== undefined) {
          const view = await client.call<DocumentView>(projectPath(options, 'documents', kind, name), {
            query: { version: options.versionNumber },
          });
          return print(options.output === 'table' ? 'yaml' : options.output, view, { columns: [], rows: [] });
        }
        const { documents } = await client.call<DocumentPage>(projectPath(options, 'documents'), {
          query: { kind, limit: 1_000 },
        });
        print(options.output, documents, {
          columns: ['kind', 'name', 'version', 'state', 'applied', 'next tick'],
          rows: documents.map((one) => [one.kind, one.name, one.version, one.state, one.appliedAt, one.nextTickAt]),
        });
      },
    );

  remote(program.command('delete').description('delete a document; stored rows stay'))
    .argument('<kind>', 'pipelines, schemas or connections')
    .argument('<name>')
    .action(async (kind: string, name: string, options: RemoteOptions) => {
      await clientOf(options).call(projectPath(options, 'documents', kind, name), { method: 'DELETE' });
      say(`Deleted ${name}.`);
    });
}

/** What changes in rows; why it is not told, for who may not see raw records. */
async function rowsOf(
  client: Client,
  options: FileOptions,
  records: string,
  text: { readonly body: string; readonly type: string },
): Promise<RowsDifferences | string> {
  try {
    return await client.call<RowsDifferences>(projectPath(options, 'plan', 'rows'), { query: { records }, text });
  } catch (thrown) {
    if (!(thrown instanceof CommandFailed) || thrown.status !== 403) throw thrown;
    return 'rows: not compared, since you may not see raw records (quarantine:read)';
  }
}

function describePlan(plan: Plan): string {
  return [...plan.documents.map(describe), `basis: ${plan.basis}`].join('\n');
}

function describe(one: DocumentPlan): string {
  const versions =
    one.change === 'unchanged'
      ? `version ${one.toVersion}`
      : `version ${one.fromVersion ?? 'none'} -> ${one.toVersion}`;
  const fields = one.fields.map(
    ({ path, before, after }) =>
      `    ${path}: ${JSON.stringify(before) ?? 'none'} -> ${JSON.stringify(after) ?? 'none'}`,
  );
  return [
    `${one.change} ${one.kind} ${one.name} (${versions})`,
    ...fields,
    ...one.effects.map((effect) => `  * ${effect}`),
    ...one.warnings.map((warning) => `  ? ${warning}`),
  ].join('\n');
}
