import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { COMPATIBILITY_MODES, CompatibilityMode, incompatibilities } from '#libs/documents/compatibility/modes';
import { inferSchema } from '#libs/documents/infer-schema';
import { parseDocuments } from '#libs/documents/parse';
import { SchemaDocument } from '#libs/documents/pipeline';
import { ChartlyError } from '#libs/errors/errors';
import { CommandFailed } from '../failure';
import { OUTPUT_FORMATS, OutputFormat, print, Table } from '../output';
import { readSamples, SAMPLE_FORMATS, SampleFormat } from '../samples';
import { readDocuments } from './documents';

interface InferredOptions {
  readonly name: string;
  readonly format?: SampleFormat;
  readonly closed?: boolean;
}

interface CheckOptions {
  readonly against?: readonly string[];
  readonly mode?: CompatibilityMode;
  readonly output: OutputFormat;
}

/** A broken promise of a schema's version. */
interface Break {
  readonly schema: string;
  readonly version: number;
  readonly mode: CompatibilityMode;
  readonly against: number;
  readonly direction: 'backward' | 'forward';
  readonly path: string;
  readonly message: string;
}

/** `chartly schema`: schemas without a server. */
export function schemaCommand(program: Command): void {
  const schema = program.command('schema').description('infer schemas and check their compatibility, without a server');

  schema
    .command('infer')
    .description('a Schema document that accepts all records of the files')
    .argument('<file...>', 'json, ndjson or csv; - for stdin')
    .option('--name <name>', 'what the schema is called', 'inferred')
    .addOption(new Option('--format <format>', 'what the files hold; their names say it').choices(SAMPLE_FORMATS))
    .option('--closed', 'refuse properties that the records do not have')
    .action(async (files: string[], { name, format, closed }: InferredOptions) => {
      const samples = (await Promise.all(files.map((file) => readSamples(file, format)))).flat();
      if (samples.length === 0) throw new CommandFailed('The files hold no records to infer a schema from.');
      const document = {
        apiVersion: 'chartly.io/v1',
        kind: 'Schema',
        metadata: { name },
        spec: { version: 1, compatibility: 'backward', jsonSchema: inferSchema(samples, { closed }) },
      };
      process.stdout.write(stringify(document, { aliasDuplicateObjects: false }));
    });

  schema
    .command('check')
    .description('what the newest version of each schema breaks of the promise to those before it')
    .argument('<file...>', 'documents; - for stdin')
    .option('--against <file...>', 'documents with the earlier versions, when they are in other files')
    .addOption(
      new Option('--mode <mode>', 'the promise; what the documents say when left out').choices(COMPATIBILITY_MODES),
    )
    .addOption(new Option('-o, --output <format>', 'how it is shown').choices(OUTPUT_FORMATS).default('table'))
    .action(async (files: string[], { against = [], mode, output }: CheckOptions) => {
      const [next, earlier] = [await schemasIn(files), await schemasIn(against)];
      const breaks = [...newestOf(next).values()].flatMap((newest) => breaksOf(newest, [...next, ...earlier], mode));
      print(output, breaks, breaks.length === 0 ? () => 'No promise is broken.' : tableOf(breaks));
      if (breaks.length > 0) throw new CommandFailed('The promised compatibility is broken.');
    });
}

const tableOf = (breaks: readonly Break[]): Table => ({
  columns: ['schema', 'version', 'promise', 'breaks', 'path', 'because'],
  rows: breaks.map(({ schema, version, mode, direction, against, path, message }) => [
    ...[schema, version, mode, `${direction} with ${against}`],
    ...[path === '' ? '(the whole)' : path, message],
  ]),
});

async function schemasIn(files: readonly string[]): Promise<SchemaDocument[]> {
  if (files.length === 0) return [];
  try {
    const documents = parseDocuments(await readDocuments(files, process.env), 'default');
    return documents.filter((one): one is SchemaDocument => one.kind === 'Schema');
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    const problems = (thrown.details.fields ?? []).map(({ path, message }) => `${path}: ${message}`);
    throw new CommandFailed(thrown.message, 1, problems);
  }
}

function newestOf(schemas: readonly SchemaDocument[]): Map<string, SchemaDocument> {
  const newest = new Map<string, SchemaDocument>();
  for (const one of schemas) {
    const known = newest.get(one.metadata.name);
    if (!known || known.spec.version < one.spec.version) newest.set(one.metadata.name, one);
  }
  return newest;
}

function breaksOf(
  { metadata: { name }, spec }: SchemaDocument,
  all: readonly SchemaDocument[],
  wanted?: CompatibilityMode,
): Break[] {
  const earlier = all
    .filter((one) => one.metadata.name === name && one.spec.version < spec.version)
    .map((one) => one.spec)
    .sort((a, b) => a.version - b.version);
  if (earlier.length === 0) {
    throw new CommandFailed(`There is no version of "${name}" before ${spec.version} to check it against.`);
  }
  const mode = wanted ?? spec.compatibility ?? earlier.at(-1)?.compatibility ?? 'none';
  return incompatibilities(mode, spec.jsonSchema, earlier).map(({ version: against, ...found }) => ({
    ...{ schema: name, version: spec.version, mode, against },
    ...found,
  }));
}
