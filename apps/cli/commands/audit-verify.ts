import { Command } from 'commander';
import { cosignedAt } from '#libs/audit-proof/cosignature';
import { LogVerdict } from '#libs/audit-proof/log-verification';
import { LeafForm, verifyLog } from '#libs/audit-proof/verify-log';
import { verifyMirror } from '#libs/audit-mirror/verify-mirror';
import { downloadLog, readBundle, saveBundle, SavedLog } from '../audit-log';
import { clientOf, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

interface VerifyOptions extends RemoteOptions {
  readonly bundle?: string;
  readonly tiles?: string;
  readonly save?: string;
  readonly publicKey?: string;
  readonly earlier?: string;
  readonly canonical?: true;
  readonly witness: readonly string[];
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export function verifyCommand(audit: Command): void {
  remote(audit.command('verify').description('recompute the whole log and hold it against its signed head'))
    .option('--bundle <file>', 'verify this saved log, without a server')
    .option('--tiles <place>', 'verify the mirrored log in this folder or at this URL, without a server')
    .option('--save <file>', 'save the log as a bundle that can be verified anywhere')
    .option('--public-key <key>', "the log's key from a source you trust; without it the server's own word is taken")
    .option('--earlier <file>', 'a bundle saved at an earlier time: finds a log that was cut or forked since')
    .option('--canonical', 'refuse an entry whose bytes are signed but are no canonical JSON; slower')
    .option('--witness <key>', 'the head must go on from one that this witness cosigned; may be repeated', collect, [])
    .action(async (options: VerifyOptions) => {
      const { verdict, ownWord } = await verdictOn(options);
      print(options.output, verdict, () =>
        verdict.verified
          ? `verified: ${verdict.size} entries${sealedOf(verdict)}, root ${verdict.root}`
          : `NOT VERIFIED: ${verdict.problem}`,
      );
      if (ownWord !== undefined && options.output === 'table') {
        say(`The key was the server's own word: ${ownWord}. Pin it with --public-key.`);
      }
      if (!verdict.verified) throw new CommandFailed('The audit log does not verify.');
    });
}

/** The verdict, and the key where the log's own word had to be taken for it. */
async function verdictOn(options: VerifyOptions): Promise<{ verdict: LogVerdict; ownWord?: string }> {
  const earlier = options.earlier === undefined ? [] : [(await readBundle(options.earlier)).note];
  if (options.tiles !== undefined) return { verdict: await verdictOnMirror(options.tiles, earlier, options) };
  const log = options.bundle === undefined ? await downloadLog(clientOf(options)) : await readBundle(options.bundle);
  if (options.save !== undefined) await saveBundle(options.save, log);
  const publicKey = options.publicKey ?? log.publicKey;
  if (publicKey === undefined)
    throw new CommandFailed('The saved log does not say its key: name it with --public-key.', 2);
  const verdict =
    unwitnessed(log, options.witness) ??
    (await verifyLog({
      ...log,
      publicKey,
      earlier: [...earlier, ...witnessedHead(log, options.witness)],
      form: formOf(options.canonical),
    }));
  return { verdict, ...(options.publicKey === undefined ? { ownWord: publicKey } : {}) };
}

async function verdictOnMirror(
  place: string,
  earlier: readonly string[],
  { publicKey, save, witness, canonical }: VerifyOptions,
): Promise<LogVerdict> {
  if (publicKey === undefined)
    throw new CommandFailed('A mirrored log does not say its key: name it with --public-key.', 2);
  if (save !== undefined) throw new CommandFailed('A mirrored log is saved by copying its files.', 2);
  const missing = unwitnessed({}, witness);
  if (missing) return missing;
  try {
    return await verifyMirror(place, { publicKey, earlier }, formOf(canonical));
  } catch (thrown) {
    throw new CommandFailed(thrown instanceof Error ? thrown.message : String(thrown)); // from a thread, it has lost its type
  }
}

const formOf = (canonical?: true): LeafForm => (canonical ? 'canonical' : 'bytes');

const sealedOf = ({ sealed }: { readonly sealed: number }): string =>
  sealed === 0 ? '' : ` (of ${sealed} the hash alone is left)`;

/** What is wrong with the log when a witness that must have cosigned it did not. */
function unwitnessed({ witnessed }: Pick<SavedLog, 'witnessed'>, witnesses: readonly string[]): LogVerdict | undefined {
  const missing = witnesses.find((key) => witnessed === undefined || cosignedAt(witnessed, key) === undefined);
  return missing === undefined
    ? undefined
    : { verified: false, problem: `the witness ${missing} has cosigned no head` };
}

const witnessedHead = ({ witnessed }: SavedLog, witnesses: readonly string[]): string[] =>
  witnessed !== undefined && witnesses.length > 0 ? [witnessed] : [];
