import { Command } from 'commander';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Schemas } from '#libs/client/client';
import { parseDocuments } from '#libs/documents/parse';
import { fixtureFormat, PipelineTest } from '#libs/documents/pipeline-test';
import { ChartlyError } from '#libs/errors/errors';
import { clientOf, inProject, remote, RemoteOptions, YAML } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';
import { readDocuments } from './documents';

interface PreviewOptions extends RemoteOptions {
  readonly file: readonly string[];
  readonly pipeline?: string;
}

type PipelinePreview = Schemas['PipelinePreview'];

const SHOWN_CHARS = 80;

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** What a pipeline would do, before it does it. */
export function previewCommands(program: Command): void {
  const command = (name: string, description: string): Command =>
    remote(program.command(name).description(description))
      .requiredOption('-f, --file <path>', 'document file; may be repeated', collect, [])
      .option('--pipeline <name>', 'which one, when the documents hold several');

  command('dry-run', 'fetch the first page of a source and show what would become of it; store nothing')
    .option('--limit <n>', 'records to show', wholeNumber, 20)
    .action(async (options: PreviewOptions & { limit: number }) => {
      const preview = await ask(options, { limit: options.limit });
      print(options.output, preview, {
        columns: ['record', 'outcome', 'raw', 'becomes'],
        rows: preview.records.map(({ index, outcome, raw, rows, step, reason }) => [
          index,
          outcome,
          cut(raw),
          outcome === 'quarantined'
            ? `${step ?? ''}: ${reason ?? ''}`
            : cut(rows.map((row) => JSON.stringify(row)).join(' ')),
        ]),
      });
      say(summary(preview));
    });

  command('record', 'save the first pages of a source as files that tests can run without it')
    .requiredOption('--out <folder>', 'where the files go')
    .option('--pages <n>', 'pages to fetch, 1 to 10', wholeNumber, 1)
    .action(async (options: PreviewOptions & { out: string; pages: number }) => {
      const {
        pipeline,
        recorded = [],
        ...preview
      } = await ask(options, { pages: options.pages, record: true, limit: 1 });
      const files = await save(options.out, pipeline, recorded);
      print(options.output, files, { columns: ['file'], rows: files.map((file) => [file]) });
      say(`${preview.framed} records. As they are, a test of them expects:`);
      const { produced: stored, quarantined, filtered } = preview;
      say(JSON.stringify({ stored, quarantined, filtered }));
    });

  command('test', "run pipelines' tests: recorded records, without the source").action(
    async (options: PreviewOptions) => {
      const results = await runTests(options);
      print(options.output, results, {
        columns: ['pipeline', 'test', 'result'],
        rows: results.map(({ pipeline, test, problems }) => [pipeline, test, problems.join('; ') || 'ok']),
      });
      const failed = results.filter(({ problems }) => problems.length > 0);
      if (failed.length > 0) throw new CommandFailed(`${failed.length} of ${results.length} tests failed.`);
      say(results.length === 0 ? 'There are no tests in these documents.' : `${results.length} tests passed.`);
    },
  );
}

interface Asked {
  readonly limit: number;
  readonly pages?: number;
  readonly record?: boolean;
}

async function ask(options: PreviewOptions, asked: Asked): Promise<PipelinePreview> {
  const body = await readDocuments(options.file, process.env);
  const params = { ...inProject(options), query: { pipeline: options.pipeline, ...asked } };
  return clientOf(options).ask((api) =>
    api.POST('/v1/projects/{project}/pipelines/preview', { params, body, headers: YAML }),
  );
}

const summary = ({ fetched, framed, normalized, filtered, quarantined, produced }: PipelinePreview): string =>
  `${fetched?.pages ?? 0} pages, ${framed} records: ${normalized} normalized into ${produced} rows, ${filtered} filtered, ${quarantined} quarantined. Nothing was stored.`;

const cut = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS - 1)}…` : text);

async function save(folder: string, pipeline: string, pages: readonly Schemas['RecordedPage'][]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    pages.map(async ({ format, text }, at) => {
      const file = join(folder, `${pipeline}-${at + 1}.${format === 'cloudevents' ? 'json' : format}`);
      await writeFile(file, text);
      return file;
    }),
  );
}

interface TestResult {
  readonly pipeline: string;
  readonly test: string;
  readonly problems: readonly string[];
}

/** The tests of every pipeline in every file; a test's records lie relative to the file that names them. */
async function runTests(options: PreviewOptions): Promise<TestResult[]> {
  const documents = await readDocuments(options.file, process.env);
  const results: TestResult[] = [];
  for (const file of options.file) {
    const text = await readDocuments([file], process.env);
    for (const { name: pipeline, tests } of pipelinesIn(text, options)) {
      for (const test of tests) results.push(await runTest(options, { documents, file, pipeline, test }));
    }
  }
  return results;
}

function pipelinesIn(text: string, { project, pipeline }: PreviewOptions) {
  try {
    return parseDocuments(text, project).flatMap((document) =>
      document.kind === 'Pipeline' && (pipeline === undefined || document.metadata.name === pipeline)
        ? [{ name: document.metadata.name, tests: document.spec.tests ?? [] }]
        : [],
    );
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    const details = (thrown.details.fields ?? []).map(({ path, message }) => `${path}: ${message}`);
    throw new CommandFailed(thrown.message, 1, details);
  }
}

async function runTest(
  options: PreviewOptions,
  asked: { readonly documents: string; readonly file: string; readonly pipeline: string; readonly test: PipelineTest },
): Promise<TestResult> {
  const { documents, file, pipeline, test } = asked;
  const path = resolve(dirname(file), test.given);
  const given = await readFile(path, 'utf8').catch(() => {
    throw new CommandFailed(`Cannot read ${relative('', path)}, which a test of "${pipeline}" is given.`);
  });
  const format = fixtureFormat(test.given) ?? 'json'; // a document with another has been refused
  const body = { documents, pipeline, limit: 1, given: { format, text: given } };
  const params = inProject(options);
  const preview = await clientOf(options).ask((api) =>
    api.POST('/v1/projects/{project}/pipelines/test', { params, body }),
  );
  const found = { stored: preview.produced, quarantined: preview.quarantined, filtered: preview.filtered };
  const problems = Object.entries(test.expect)
    .map(([name, expected]) => ({ name, expected, was: found[name as keyof typeof found] })) // the schema knows no other
    .filter(({ expected, was }) => expected !== was)
    .map(({ name, expected, was }) => `${name}: ${was} instead of ${expected}`);
  return { pipeline, test: test.name ?? test.given, problems };
}
