import { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { QuarantinedRecord, QuarantinePage, QuarantineTask } from '#libs/contracts/quarantine';
import { Client } from '../client';
import { clientOf, projectPath, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

const RAW_SHOWN = 60;
const LOOK_EVERY_MS = 500;

interface FilterOptions extends RemoteOptions {
  readonly step?: string;
  readonly reason?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly underVersion?: string;
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
    .option('--state <state>', 'open, normalized, filtered or discarded', 'open')
    .option('--limit <n>', 'how many', '20')
    .action(async (pipeline: string | undefined, options: FilterOptions & { state: string; limit: string }) => {
      const { state, limit } = options;
      const { records } = await clientOf(options).call<QuarantinePage>(projectPath(options, 'quarantine'), {
        query: { pipeline, state, limit, ...filterOf(options) },
      });
      print(options.output, records, {
        columns: ['id', 'pipeline', 'version', 'step', 'reason', 'raw'],
        rows: records.map((one) => [one.id, one.pipeline, one.version, one.step, one.reason, shortened(one.raw)]),
      });
    });

  remote(quarantine.command('show').description('show one record, whole'))
    .argument('<record>', 'its id, as the list gives it')
    .action(async (record: string, options: RemoteOptions) => {
      const found = await clientOf(options).call<QuarantinedRecord>(
        projectPath(options, 'quarantine', 'records', record),
      );
      print(options.output === 'table' ? 'yaml' : options.output, found, { columns: [], rows: [] });
    });

  selecting(remote(quarantine.command('retry').description('take records through their steps again')))
    .option('--with-version <n>', 'the version to retry with; the current one when left out')
    .action(async (pipeline: string, records: string[], options: SelectOptions & { withVersion?: string }) => {
      const more =
        options.withVersion === undefined ? {} : { withVersion: whole(options.withVersion, '--with-version') };
      await start(options, 'retry', { ...selectionOf(pipeline, records, options), ...more });
    });

  selecting(remote(quarantine.command('discard').description('take records out for good')))
    .requiredOption('--why <reason>', 'kept with each record and in the audit log')
    .action(async (pipeline: string, records: string[], options: SelectOptions & { why: string }) => {
      await start(options, 'discard', { ...selectionOf(pipeline, records, options), why: options.why });
    });
}

const filtered = (command: Command): Command =>
  command
    .option('--step <name>', 'only records that failed at this step')
    .option('--reason <text>', 'only records whose reason holds this text')
    .option('--text <text>', 'only records that hold this text')
    .option('--from <time>', 'only records kept at or after this RFC 3339 time')
    .option('--to <time>', 'only records kept before this RFC 3339 time')
    .option('--under-version <n>', 'only records that came under this version');

const selecting = (command: Command): Command =>
  filtered(command)
    .argument('<pipeline>')
    .argument('[records...]', 'ids, as the list gives them; a filter or --all instead')
    .option('--all', 'every open record of the pipeline')
    .option('--no-wait', 'come back at once');

function filterOf({ step, reason, text, from, to, underVersion }: FilterOptions): Record<string, string | undefined> {
  return { step, reason, text, from, to, version: underVersion };
}

/** Nothing is meant by accident: ids, a filter or `--all`. */
function selectionOf(pipeline: string, records: readonly string[], options: SelectOptions): object {
  const { version, ...texts } = filterOf(options);
  const isFiltered = Object.values({ ...texts, version }).some((one) => one !== undefined);
  if (records.length === 0 && !isFiltered && options.all !== true) {
    throw new CommandFailed('Name records, give a filter, or say --all.', 2);
  }
  return {
    pipeline,
    ...(records.length > 0 ? { records } : {}),
    ...texts,
    ...(version === undefined ? {} : { version: whole(version, '--under-version') }),
  };
}

async function start(options: SelectOptions, action: 'retry' | 'discard', selection: object): Promise<void> {
  const client = clientOf(options);
  const begun = await client.call<QuarantineTask>(projectPath(options, 'quarantine', action), { json: selection });
  const task = options.wait ? await ended(client, options, begun) : begun;
  print(options.output, task, {
    columns: ['task', 'state', 'normalized', 'filtered', 'failed', 'discarded'],
    rows: [[task.id, task.state, task.normalized, task.filtered, task.failed, task.discarded]],
  });
}

async function ended(client: Client, options: RemoteOptions, { id }: QuarantineTask): Promise<QuarantineTask> {
  let told: string | undefined;
  for (;;) {
    const task = await client.call<QuarantineTask>(projectPath(options, 'quarantine', 'tasks', id));
    if (task.state === 'done') return task;
    if (task.waitingFor !== undefined && task.waitingFor !== told) say(`waits: ${task.waitingFor}`);
    told = task.waitingFor;
    await sleep(LOOK_EVERY_MS);
  }
}

function whole(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new CommandFailed(`${option} "${text}" is not a whole number above 0.`, 2);
  return number;
}

const shortened = (raw: string): string => (raw.length > RAW_SHOWN ? `${raw.slice(0, RAW_SHOWN)}…` : raw);
