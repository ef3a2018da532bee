import { Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { Schemas } from '#libs/client/client';
import { FILLS } from '#libs/contracts/analytics.contract';
import { FILTER_OPERATORS, FilterOperator } from '#libs/contracts/query-filter';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

type Question = Schemas['QueryBody'];

interface QueryOptions extends RemoteOptions {
  readonly measure: readonly string[];
  readonly by: string[];
  readonly column: string[];
  readonly where: readonly string[];
  readonly order: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly fill?: (typeof FILLS)[number];
  readonly compare?: string;
  readonly bucket?: string;
  readonly limit: number;
  readonly file?: string;
}

const SYMBOLS: Readonly<Record<string, FilterOperator>> = {
  '=': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const CONDITION = /^\s*([A-Za-z_]\w*)\s*(=|!=|<=|>=|<|>|\b[a-z_]+\b)\s*(.*?)\s*$/;

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export function queryCommand(program: Command): void {
  remote(program.command('query').description('ask a dataset or a rollup'))
    .argument('[name]', 'a dataset or a rollup')
    .option(
      '--measure <name=call>',
      'as in n=count(), p=p99(latency) or r=rate(increase(max(bytes))); may be repeated',
      collect,
      [],
    )
    .option('--by <column>', 'group by this column; may be repeated', collect, [])
    .option('--column <column>', 'read this plain column; may be repeated', collect, [])
    .option('--bucket <duration>', 'group by time, as in 1h or month')
    .option('--from <time>', 'only rows at or after this time: RFC 3339, a date, or as in now-24h')
    .option('--to <time>', 'only rows before this time')
    .option('--zone <zone>', 'time zone of dates and calendar buckets, as in Europe/Berlin')
    .addOption(new Option('--fill <how>', 'what stands in empty buckets').choices(FILLS))
    .option('--compare <earlier>', 'beside it an earlier period: previous, 7d, "1 month"')
    .option('--where <condition>', 'as in "network = nc" or "magnitude >= 4"; may be repeated', collect, [])
    .option('--order <column[:desc]>', 'may be repeated', collect, [])
    .option('--limit <n>', 'at most so many rows', wholeNumber, 100)
    .addOption(
      new Option('--file <path>', 'read the question as JSON from a file, - for stdin').conflicts(['measure', 'by']),
    )
    .action(async (name: string | undefined, options: QueryOptions) => {
      const client = clientOf(options);
      const question =
        options.file === undefined ? await questionOf(client, name, options) : await readQuestion(options.file);
      const reply = await client.ask((api) =>
        api.POST('/v1/projects/{project}/query', { params: inProject(options), body: question }),
      );
      print(options.output, reply, { columns: reply.columns.map((column) => column.name), rows: reply.rows });
      if (options.output === 'table') {
        const repaired = reply.repairedBuckets > 0 ? `, ${reply.repairedBuckets} fresh buckets from raw rows` : '';
        const cut = reply.truncated ? '; more were cut by --limit' : '';
        say(
          `${reply.rows.length} rows out of ${reply.rowsScanned} of ${reply.servedBy}, as of ${reply.asOf}${repaired}${cut}`,
        );
      }
    });
}

async function questionOf(client: Client, name: string | undefined, options: QueryOptions): Promise<Question> {
  if (name === undefined) throw new CommandFailed('Name a dataset or a rollup, or give a question with --file.', 2);
  const { rollups } = await client.ask((api) =>
    api.GET('/v1/projects/{project}/rollups', { params: inProject(options) }),
  );
  const isRollup = rollups.some((rollup) => rollup.name === name);
  return {
    ...(isRollup ? { rollup: name } : { dataset: name }),
    ...(options.measure.length > 0 ? { measures: Object.fromEntries(options.measure.map(measureOf)) } : {}),
    ...(options.by.length > 0 ? { dimensions: options.by } : {}),
    ...(options.column.length > 0 ? { columns: options.column } : {}),
    ...(options.where.length > 0 ? { filters: options.where.map(conditionOf) } : {}),
    ...(options.order.length > 0 ? { order: options.order.map(orderOf) } : {}),
    bucket: options.bucket,
    zone: options.zone,
    fill: options.fill,
    compare: options.compare,
    from: options.from,
    to: options.to,
    limit: options.limit,
  };
}

function measureOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandFailed(`--measure "${text}" is not name=call, as in strongest=max(magnitude).`, 2);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function orderOf(text: string): { by: string; direction: 'asc' | 'desc' } {
  const [by = '', direction = 'asc'] = text.split(':');
  if (direction !== 'asc' && direction !== 'desc')
    throw new CommandFailed(`--order "${text}" ends in :asc or :desc.`, 2);
  return { by, direction };
}

/** `column op value`: the value is read as JSON where it is a number, a boolean or a list, and as plain text otherwise. */
export function conditionOf(text: string): { column: string; op: FilterOperator; value?: unknown } {
  const [, column, sign, rest] = CONDITION.exec(text) ?? [];
  const op = SYMBOLS[sign ?? ''] ?? FILTER_OPERATORS.find((candidate) => candidate === sign);
  if (!column || !op) {
    throw new CommandFailed(
      `--where "${text}" is not a condition, as in "magnitude >= 4" or "network in [\\"nc\\",\\"ak\\"]".`,
      2,
    );
  }
  return rest ? { column, op, value: valueOf(rest) } : { column, op };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

async function readQuestion(file: string): Promise<Question> {
  try {
    return JSON.parse(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')) as Question; // Chartly checks it
  } catch (thrown) {
    throw new CommandFailed(
      `Cannot read a JSON question from ${file}: ${thrown instanceof Error ? thrown.message : ''}`,
      2,
    );
  }
}
