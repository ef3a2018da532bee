import { Command, Option } from 'commander';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { addressed, clientOf, inProject, RemoteOptions } from '../context';
import { ChartlyClient, Outcome, Schemas } from '#libs/client/client';
import { CommandFailed } from '../failure';
import { say } from '../output';

const FORMATS = ['ndjson', 'csv', 'parquet', 'arrow'] as const;
type Format = (typeof FORMATS)[number];
const MIB = 2 ** 20;

interface ExportOptions extends Omit<RemoteOptions, 'output'> {
  readonly output?: string;
  readonly format?: Format;
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly columns?: string;
  readonly sql?: string;
  readonly file?: string;
}

export function exportCommand(program: Command): void {
  addressed(program.command('export').description('write all rows of a dataset, a question or a statement to a file'))
    .argument('[dataset]', 'a dataset')
    .option('-o, --output <file>', 'where to; standard output when left out')
    .addOption(new Option('--format <format>', "default: the file's ending, else ndjson").choices(FORMATS))
    .option('--from <time>', 'only rows at or after this time: RFC 3339, a date, or as in now-24h')
    .option('--to <time>', 'only rows before this time')
    .option('--zone <zone>', 'time zone of dates, as in Europe/Berlin')
    .option('--columns <names>', 'only these columns, with commas between')
    .option('--sql <statement>', 'instead of a dataset: one SELECT')
    .option('--file <path>', 'instead of a dataset: a question as JSON')
    .action(async (dataset: string | undefined, options: ExportOptions) => {
      const { output } = options;
      const format = options.format ?? formatOf(output);
      const body = await clientOf(options).stream(await requestOf(dataset, options, format));
      if (output === undefined) {
        await pipeline(body, process.stdout, { end: false });
        return;
      }
      const bytes = await keep(body, output);
      say(`${output}: ${format}, ${(bytes / MIB).toFixed(1)} MiB.`);
    });
}

type Request = (api: ChartlyClient) => Promise<Outcome<Response['body']>>;

async function requestOf(dataset: string | undefined, options: ExportOptions, format: Format): Promise<Request> {
  const { from, to, zone, columns, sql, file } = options;
  if ([dataset, sql, file].filter((one) => one !== undefined).length !== 1) {
    throw new CommandFailed('Name exactly one of a dataset, --sql and --file.', 2);
  }
  if (dataset !== undefined) {
    const params = { ...inProject(options, { dataset }), query: { format, from, to, zone, columns } };
    return (api) => api.GET('/v1/projects/{project}/datasets/{dataset}/export', { params, parseAs: 'stream' });
  }
  if ([from, to, zone, columns].some((one) => one !== undefined)) {
    throw new CommandFailed('--from, --to, --zone and --columns go with a dataset.', 2);
  }
  const params = { ...inProject(options), query: { format } };
  if (sql !== undefined) {
    return (api) => api.POST('/v1/projects/{project}/sql/export', { params, body: { sql }, parseAs: 'stream' });
  }
  const body = await readQuestion(file ?? '');
  return (api) => api.POST('/v1/projects/{project}/query/export', { params, body, parseAs: 'stream' });
}

async function readQuestion(file: string): Promise<Schemas['ExportQueryBody']> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Schemas['ExportQueryBody']; // Chartly checks it
  } catch (thrown) {
    throw new CommandFailed(`Cannot read a JSON question from ${file}: ${String(thrown)}`, 2);
  }
}

function formatOf(output: string | undefined): Format {
  const ending = extname(output ?? '').slice(1);
  return FORMATS.find((format) => format === ending) ?? 'ndjson';
}

/** A file that is there is whole: what broke off is taken away. */
async function keep(body: Readable, output: string): Promise<number> {
  const partial = `${output}.part`;
  let bytes = 0;
  const file: Writable = createWriteStream(partial);
  body.on('data', (piece: Buffer) => (bytes += piece.byteLength));
  try {
    await pipeline(body, file);
    await rename(partial, output);
    return bytes;
  } catch (thrown) {
    await rm(partial, { force: true });
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CommandFailed(`The export broke off, and ${output} was not written: ${why}`);
  }
}
