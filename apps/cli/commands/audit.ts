import { Command } from 'commander';
import { readFile, writeFile } from 'node:fs/promises';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { Checkpoint, EntryPage, ErasedSubject, LoggedEntry } from '#libs/contracts/audit.contract';
import { Client } from '../client';
import { clientOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

interface Bundle {
  readonly note: string;
  readonly publicKey: string;
  readonly leaves: readonly string[];
}

interface VerifyOptions extends RemoteOptions {
  readonly bundle?: string;
  readonly save?: string;
  readonly publicKey?: string;
  readonly earlier?: string;
}

const PAGE = 1_000;

export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('look at the log of what was done, and verify it').exitOverride();

  remote(audit.command('verify').description('recompute the whole log and hold it against its signed head'))
    .option('--bundle <file>', 'verify this saved log, without a server')
    .option('--save <file>', 'save the log as a bundle that can be verified anywhere')
    .option('--public-key <key>', "the log's key from a source you trust; without it the server's own word is taken")
    .option('--earlier <file>', 'a bundle saved at an earlier time: finds a log that was cut or forked since')
    .action(async (options: VerifyOptions) => {
      const bundle = options.bundle === undefined ? await download(clientOf(options)) : await read(options.bundle);
      const earlier = options.earlier === undefined ? undefined : (await read(options.earlier)).note;
      const publicKey = options.publicKey ?? bundle.publicKey;
      const verdict = await verifyLog({ leaves: bundle.leaves, note: bundle.note, publicKey, earlier });
      if (options.save !== undefined) await writeFile(options.save, JSON.stringify(bundle));
      print(options.output, verdict, () =>
        verdict.verified
          ? `verified: ${verdict.size} entries, root ${verdict.root}`
          : `NOT VERIFIED: ${verdict.problem}`,
      );
      if (options.publicKey === undefined && options.output === 'table') {
        say(`The key was the server's own word: ${bundle.publicKey}. Pin it with --public-key.`);
      }
      if (!verdict.verified) throw new CommandFailed('The audit log does not verify.');
    });

  remote(audit.command('list').description('list what was done, in the order of the log'))
    .option('--from <index>', 'the first index', '0')
    .option('--limit <n>', 'how many', '50')
    .option('--actor <id>', 'done by this actor')
    .option('--action <action>', 'this action, or all that begin so: documents.*')
    .option('--target <target>', 'this target, or all that begin so: Pipeline/default/*')
    .option('--outcome <outcome>', 'succeeded, failed or denied')
    .option('--since <time>', 'not before this time, RFC 3339')
    .option('--until <time>', 'before this time, RFC 3339')
    .action(async (options: ListOptions) => {
      const { from, limit, actor, action, target, outcome, since, until } = options;
      const { entries } = await clientOf(options).call<EntryPage>('/v1/audit/entries', {
        query: { from, limit, actor, action, target, outcome, since, until },
      });
      const shown = entries.map(shownEntry);
      print(options.output, shown, {
        columns: ['index', 'time', 'actor', 'action', 'target', 'outcome'],
        rows: shown.map(({ index, time, actor, action: done, target: to, outcome: end }) => [
          index,
          time,
          typeof actor.name === 'string' ? actor.name : `${actor.id} (erased)`,
          done,
          to,
          end,
        ]),
      });
    });

  remote(audit.command('erase').description("make a person's data in the log unreadable for good"))
    .argument('<subject>', "an actor's kind and id, as in user:0190...")
    .action(async (subject: string, options: RemoteOptions) => {
      const path = `/v1/audit/subjects/${encodeURIComponent(subject)}`;
      const erased = await clientOf(options).call<ErasedSubject>(path, { method: 'DELETE' });
      print(
        options.output,
        erased,
        () => `${erased.fields} fields can be read by nobody any more; the log still verifies.`,
      );
    });
}

interface ListOptions extends RemoteOptions {
  readonly from: string;
  readonly limit: string;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
}

interface ShownEntry {
  readonly index: number;
  readonly time: string;
  readonly actor: { readonly id: string; readonly name: unknown };
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
}

/** The entry, with what its leaf withholds put back where it belongs. */
function shownEntry({ index, leaf, disclosed }: LoggedEntry): ShownEntry {
  const entry = JSON.parse(leaf) as Record<string, Record<string, unknown>>; // canonical JSON of an entry
  for (const { path, value } of disclosed) {
    const [of = '', name = ''] = path.split('.');
    Object.assign(entry[of] ?? {}, { [name]: value });
  }
  return { index, ...entry } as unknown as ShownEntry; // an entry has these
}

async function download(client: Client): Promise<Bundle> {
  const { note, publicKey, size } = await client.call<Checkpoint>('/v1/audit/checkpoint');
  const leaves: string[] = [];
  while (leaves.length < size) {
    const query = { from: leaves.length, limit: PAGE };
    const { entries } = await client.call<EntryPage>('/v1/audit/entries', { query });
    if (entries.length === 0) break; // verification says how many are missing
    leaves.push(...entries.map(({ leaf }) => leaf));
  }
  return { note, publicKey, leaves };
}

async function read(file: string): Promise<Bundle> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Bundle; // wrong shapes fail the verification
  } catch {
    throw new CommandFailed(`Cannot read a saved log from ${file}.`, 2);
  }
}
