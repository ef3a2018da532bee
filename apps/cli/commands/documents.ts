import { Argument, Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { Schemas } from '#libs/client/client';
import { substituteEnv } from '#libs/documents/substitute-env';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions, YAML } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';
import { describeRows } from './plan-rows';

type Plan = Schemas['Plan'];
type DocumentPlan = Schemas['DocumentPlan'];

const KINDS = ['pipelines', 'schemas', 'connections'] as const;
type Kind = (typeof KINDS)[number];

interface FileOptions extends RemoteOptions {
  readonly file: readonly string[];
}

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
    .option(
      '--records <n>',
      'run changed pipelines over so many of the last raw records; 0 for none',
      wholeNumber,
      1_000,
    )
    .action(async (options: FileOptions & { records: number }) => {
      const body = await readDocuments(options.file, process.env);
      const client = clientOf(options);
      const plan = await planOf(client, options, body);
      const changes = plan.documents.some(({ kind, change }) => kind === 'Pipeline' && change === 'update');
      const rows =
        changes && options.records > 0 ? await rowsOf(client, options, options.records, body) : { pipelines: [] };
      const described = typeof rows === 'string' ? [rows] : rows.pipelines.map(describeRows);
      print(options.output, { ...plan, rows }, () => [describePlan(plan), ...described].join('\n'));
    });

  remote(program.command('lint').description('what is wrong with documents, and which expressions can fail'))
    .requiredOption('-f, --file <path>', 'document file, - for stdin; may be repeated', collect, [])
    .option('--strict', 'fail for expressions that can fail, too')
    .action(async (options: FileOptions & { strict?: boolean }) => {
      const body = await readDocuments(options.file, process.env);
      const { documents } = await planOf(clientOf(options), options, body);
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
      const params = { ...inProject(options), header: { 'chartly-plan-basis': options.basis } };
      const applied = await clientOf(options).ask((api) =>
        api.POST('/v1/projects/{project}/apply', { params, body, headers: YAML }),
      );
      print(options.output, applied, {
        columns: ['kind', 'name', 'version', 'change', 'active'],
        rows: applied.documents.map((one) => [one.kind, one.name, one.version, one.change, one.active]),
      });
    });

  remote(program.command('get').description('list documents, or show one'))
    .addArgument(kindArgument('[kind]'))
    .argument('[name]', 'show this one')
    .option('--version-number <n>', 'an earlier version of it', wholeNumber)
    .action(
      async (kind: Kind | undefined, name: string | undefined, options: RemoteOptions & { versionNumber?: number }) => {
        const client = clientOf(options);
        if (kind !== undefined && name !== undefined) {
          const params = { ...inProject(options, { kind, name }), query: { version: options.versionNumber } };
          const view = await client.ask((api) => api.GET('/v1/projects/{project}/documents/{kind}/{name}', { params }));
          return print(options.output === 'table' ? 'yaml' : options.output, view, { columns: [], rows: [] });
        }
        const params = { ...inProject(options), query: { kind, limit: 1_000 } };
        const { documents } = await client.ask((api) => api.GET('/v1/projects/{project}/documents', { params }));
        print(options.output, documents, {
          columns: ['kind', 'name', 'version', 'state', 'applied', 'next tick'],
          rows: documents.map((one) => [one.kind, one.name, one.version, one.state, one.appliedAt, one.nextTickAt]),
        });
      },
    );

  remote(program.command('delete').description('delete a document; stored rows stay'))
    .addArgument(kindArgument('<kind>'))
    .argument('<name>')
    .action(async (kind: Kind, name: string, options: RemoteOptions) => {
      const params = inProject(options, { kind, name });
      await clientOf(options).ask((api) => api.DELETE('/v1/projects/{project}/documents/{kind}/{name}', { params }));
      say(`Deleted ${name}.`);
    });
}

const kindArgument = (name: string): Argument => new Argument(name, 'of the documents').choices(KINDS);

const planOf = (client: Client, options: FileOptions, body: string): Promise<Plan> =>
  client.ask((api) => api.POST('/v1/projects/{project}/plan', { params: inProject(options), body, headers: YAML }));

/** What changes in rows; why it is not told, for who may not see raw records. */
async function rowsOf(
  client: Client,
  options: FileOptions,
  records: number,
  body: string,
): Promise<Schemas['RowsDifferences'] | string> {
  const params = { ...inProject(options), query: { records } };
  try {
    return await client.ask((api) => api.POST('/v1/projects/{project}/plan/rows', { params, body, headers: YAML }));
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
