import { Command, Option } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChartlyClient, Outcome, Schemas } from '#libs/client/client';
import { RECORD_STATES } from '#libs/contracts/quarantine';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

type QuarantineTask = Schemas['QuarantineTask'];

const RAW_SHOWN = 60;
const LOOK_EVERY_MS = 500;

interface FilterOptions extends RemoteOptions {
  readonly step?: string;
  readonly reason?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly underVersion?: number;
}

interface ListOptions extends FilterOptions {
  readonly state: (typeof RECORD_STATES)[number];
  readonly limit: number;
}

interface SelectOptions extends FilterOptions {
  readonly all?: boolean;
  readonly wait: boolean;
}

export function quarantineCommand(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('records that could not become rows: list, show, retry, discard')
    .exitOverride();

  filtered(
    remote(
      quarantine
        .command('list', { isDefault: true })
        .description('list records and why they are here, the newest first'),
    ),
  )
    .argument('[pipeline]')
    .addOption(new Option('--state <state>', 'what became of them').choices(RECORD_STATES).default('open'))
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action(async (pipeline: string | undefined, options: ListOptions) => {
      const { state, limit } = options;
      const params = { ...inProject(options), query: { pipeline, state, limit, ...filterOf(options) } };
      const { records } = await clientOf(options).ask((api) =>
        api.GET('/v1/projects/{project}/quarantine', { params }),
      );
      print(options.output, records, {
        columns: ['id', 'pipeline', 'version', 'step', 'reason', 'raw'],
        rows: records.map((one) => [one.id, one.pipeline, one.version, one.step, one.reason, shortened(one.raw)]),
      });
      if (records.length === 0) say(`There are no such records${pipeline === undefined ? '' : ` of "${pipeline}"`}.`);
    });

  remote(quarantine.command('show').description('show one record, whole'))
    .argument('<record>', 'its id, as the list gives it')
    .action(async (record: string, options: RemoteOptions) => {
      const params = inProject(options, { record });
      const found = await clientOf(options).ask((api) =>
        api.GET('/v1/projects/{project}/quarantine/records/{record}', { params }),
      );
      print(options.output === 'table' ? 'yaml' : options.output, found, { columns: [], rows: [] });
    });

  selecting(remote(quarantine.command('retry').description('take records through their steps again')))
    .option('--with-version <n>', 'the version to retry with; the current one when left out', wholeNumber)
    .action(async (pipeline: string, records: string[], options: SelectOptions & { withVersion?: number }) => {
      const body = { ...selectionOf(pipeline, records, options), withVersion: options.withVersion };
      const params = inProject(options);
      await start(options, (api) => api.POST('/v1/projects/{project}/quarantine/retry', { params, body }));
    });

  selecting(remote(quarantine.command('discard').description('take records out for good')))
    .requiredOption('--why <reason>', 'kept with each record and in the audit log')
    .action(async (pipeline: string, records: string[], options: SelectOptions & { why: string }) => {
      const body = { ...selectionOf(pipeline, records, options), why: options.why };
      const params = inProject(options);
      await start(options, (api) => api.POST('/v1/projects/{project}/quarantine/discard', { params, body }));
    });
}

const filtered = (command: Command): Command =>
  command
    .option('--step <name>', 'only records that failed at this step')
    .option('--reason <text>', 'only records whose reason holds this text')
    .option('--text <text>', 'only records that hold this text')
    .option('--from <time>', 'only records kept at or after this RFC 3339 time')
    .option('--to <time>', 'only records kept before this RFC 3339 time')
    .option('--under-version <n>', 'only records that came under this version', wholeNumber);

const selecting = (command: Command): Command =>
  filtered(command)
    .argument('<pipeline>')
    .argument('[records...]', 'ids, as the list gives them; a filter or --all instead')
    .option('--all', 'every open record of the pipeline')
    .option('--no-wait', 'come back at once');

const filterOf = ({ step, reason, text, from, to, underVersion: version }: FilterOptions) => ({
  step,
  reason,
  text,
  from,
  to,
  version,
});

/** Nothing is meant by accident: ids, a filter or `--all`. */
function selectionOf(pipeline: string, records: string[], options: SelectOptions) {
  const filter = filterOf(options);
  const isFiltered = Object.values(filter).some((one) => one !== undefined);
  if (records.length === 0 && !isFiltered && options.all !== true) {
    throw new CommandFailed('Name records, give a filter, or say --all.', 2);
  }
  return { pipeline, ...(records.length > 0 ? { records } : {}), ...filter };
}

async function start(
  options: SelectOptions,
  request: (api: ChartlyClient) => Promise<Outcome<QuarantineTask>>,
): Promise<void> {
  const client = clientOf(options);
  const begun = await client.ask(request);
  const task = options.wait ? await ended(client, options, begun) : begun;
  print(options.output, task, {
    columns: ['task', 'state', 'normalized', 'filtered', 'failed', 'discarded'],
    rows: [[task.id, task.state, task.normalized, task.filtered, task.failed, task.discarded]],
  });
}

async function ended(client: Client, options: RemoteOptions, { id }: QuarantineTask): Promise<QuarantineTask> {
  const params = inProject(options, { task: id });
  let told: string | undefined;
  for (;;) {
    const task = await client.ask((api) => api.GET('/v1/projects/{project}/quarantine/tasks/{task}', { params }));
    if (task.state === 'done') return task;
    if (task.waitingFor !== undefined && task.waitingFor !== told) say(`waits: ${task.waitingFor}`);
    told = task.waitingFor;
    await sleep(LOOK_EVERY_MS);
  }
}

const shortened = (raw: string): string => (raw.length > RAW_SHOWN ? `${raw.slice(0, RAW_SHOWN)}…` : raw);
