import { Command, Option } from 'commander';
import { Schemas } from '#libs/client/client';
import { OUTCOMES } from '#libs/contracts/audit.contract';
import { followEvents } from '../follow-events';
import { clientOf, remote, RemoteOptions } from '../context';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

type LoggedEntry = Schemas['LoggedEntry'];

interface FoundOptions extends RemoteOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: (typeof OUTCOMES)[number];
  readonly since?: string;
  readonly until?: string;
}

interface ListOptions extends FoundOptions {
  readonly from: number;
  readonly limit: number;
}

interface TailOptions extends FoundOptions {
  readonly lines: number;
  readonly follow?: true;
}

interface ShownEntry {
  readonly index: number;
  readonly time: string;
  readonly actor: { readonly id: string; readonly name: unknown };
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
}

/** `chartly audit list` and `chartly audit tail`. */
export function entriesCommands(audit: Command): void {
  found(remote(audit.command('list').description('list what was done, in the order of the log')))
    .option('--from <index>', 'the first index', wholeNumber, 0)
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(async (options: ListOptions) => {
      const { from, limit } = options;
      const query = { from, limit, ...foundBy(options) };
      const { entries } = await clientOf(options).ask((api) => api.GET('/v1/audit/entries', { params: { query } }));
      const shown = entries.map(shownEntry);
      print(options.output, shown, {
        columns: ['index', 'time', 'actor', 'action', 'target', 'outcome'],
        rows: shown.map((entry) => [entry.index, entry.time, nameOf(entry), entry.action, entry.target, entry.outcome]),
      });
    });

  found(remote(audit.command('tail').description('show the end of the log, and with --follow what is appended')))
    .option('-n, --lines <n>', 'how many of the last entries of the log to look at', wholeNumber, 10)
    .option('-f, --follow', 'go on until Ctrl-C; nothing is lost or shown twice when the connection breaks')
    .action(async (options: TailOptions) => {
      const client = clientOf(options);
      const { lines } = options;
      const { size } = await client.ask((api) => api.GET('/v1/audit/checkpoint'));
      const query = { ...foundBy(options), from: Math.max(0, size - lines) };
      if (options.follow) {
        const stream = (last?: string) =>
          client.stream((api) =>
            api.GET('/v1/audit/stream', { params: { query, header: { 'last-event-id': last } }, parseAs: 'stream' }),
          );
        for await (const { event, data } of followEvents(stream)) {
          if (event === 'entry') printLine(options, JSON.parse(data ?? '') as LoggedEntry); // as the API says
          if (event === 'sealed') saySealed(JSON.parse(data ?? '') as SealedRange);
        }
        return;
      }
      if (lines === 0) return;
      const params = { query: { ...query, limit: lines } };
      const { entries } = await client.ask((api) => api.GET('/v1/audit/entries', { params }));
      for (const entry of entries) printLine(options, entry);
    });
}

function found(command: Command): Command {
  return command
    .option('--actor <id>', 'done by this actor')
    .option('--action <action>', 'this action, or all that begin so: documents.*')
    .option('--target <target>', 'this target, or all that begin so: Pipeline/default/*')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(OUTCOMES))
    .option('--since <time>', 'not before this time, RFC 3339')
    .option('--until <time>', 'before this time, RFC 3339');
}

const foundBy = ({ actor, action, target, outcome, since, until }: FoundOptions) => ({
  actor,
  action,
  target,
  outcome,
  since,
  until,
});

interface SealedRange {
  readonly from: number;
  readonly to: number;
  readonly mirror: string;
}

const saySealed = ({ from, to, mirror }: SealedRange): void =>
  say(`Entries ${from} to ${to} are sealed: their text, where it is kept, is in the mirror (audit/${mirror} and on).`);

/** One line an entry: for people, or as JSON. */
function printLine({ output }: RemoteOptions, entry: LoggedEntry): void {
  const shown = shownEntry(entry);
  const { index, time, action, target, outcome } = shown;
  const line =
    output === 'table' ? [index, time, nameOf(shown), action, target, outcome].join('  ') : JSON.stringify(shown);
  process.stdout.write(`${line}\n`);
}

const nameOf = ({ actor }: ShownEntry): string =>
  typeof actor.name === 'string' ? actor.name : `${actor.id} (erased)`;

/** The entry, with what its leaf withholds put back where it belongs. */
function shownEntry({ index, leaf, disclosed }: LoggedEntry): ShownEntry {
  const entry = JSON.parse(leaf) as Record<string, Record<string, unknown>>; // canonical JSON of an entry
  for (const { path, value } of disclosed) {
    const [of = '', name = ''] = path.split('.');
    Object.assign(entry[of] ?? {}, { [name]: value });
  }
  return { index, ...entry } as unknown as ShownEntry; // an entry has these
}
