import { canonicalJson } from '#libs/documents/canonical';
import { leafHash } from './merkle';
import { CheckpointBody, openCheckpoint } from './signed-note';
import { TileEdge } from './tile-edge';

export interface LogToVerify {
  /** The leaves' exact texts, in the order of the log. */
  readonly leaves: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
  /** The signed head. */
  readonly note: string;
  /** `name+hash+base64`, from a source that is not the log. */
  readonly publicKey: string;
  /** Heads that were kept from earlier times. */
  readonly earlier?: readonly string[];
  /** `canonical` (when left out) also refuses a leaf that is not canonical JSON; `bytes` believes any that is signed. */
  readonly form?: 'canonical' | 'bytes';
}

export type LogVerdict =
  | { readonly verified: true; readonly size: number; readonly root: string }
  | { readonly verified: false; readonly problem: string };

/**
 * Recomputes the whole log from its leaves and holds it against its signed head, and against the earlier heads that were
 * kept. Needs neither network nor trust in the server; finds edits, deletions, insertions, reordering, truncation, forks
 * and forged heads.
 */
export async function verifyLog({ leaves, note, publicKey, earlier = [], form }: LogToVerify): Promise<LogVerdict> {
  const head = openCheckpoint(note, publicKey);
  if (!head) return failed('the head is not signed by the given key');
  const before = new Map<number, Buffer>();
  for (const kept of earlier) {
    const checkpoint = openCheckpoint(kept, publicKey);
    const problem = checkpoint
      ? keptProblem(checkpoint, head, before)
      : 'the earlier head is not signed by the given key';
    if (problem !== undefined) return failed(problem);
    if (checkpoint) before.set(checkpoint.size, checkpoint.root);
  }
  const edge = TileEdge.of(0, []);
  const isAsSeen = (): boolean => before.get(edge.size)?.equals(edge.root()) ?? true;
  if (!isAsSeen()) return failed('an earlier head of no entries has another root than a log of none');
  for await (const leaf of leaves) {
    if (edge.size === head.size) break; // appended since the head was signed
    if (form !== 'bytes' && !isCanonical(leaf)) return failed(`entry ${edge.size} is not canonical JSON`);
    edge.append(leafHash(typeof leaf === 'string' ? Buffer.from(leaf) : leaf));
    if (!isAsSeen()) {
      return failed(`the first ${edge.size} entries are not those that the earlier head was signed over`);
    }
  }
  return judge(edge, head);
}

/** What an earlier head says of the log before any leaf is read. */
function keptProblem(
  kept: CheckpointBody,
  head: CheckpointBody,
  others: ReadonlyMap<number, Buffer>,
): string | undefined {
  if (kept.origin !== head.origin) return 'the earlier head is of another log';
  if (kept.size > head.size) return `the log was cut: it had ${kept.size} entries once and has ${head.size} now`;
  if (others.get(kept.size)?.equals(kept.root) === false) {
    return `the log has forked: two heads of ${kept.size} entries differ`;
  }
  return undefined;
}

function judge(edge: TileEdge, head: CheckpointBody): LogVerdict {
  if (edge.size < head.size) return failed(`${head.size - edge.size} of ${head.size} entries are missing`);
  if (!edge.root().equals(head.root)) {
    return failed('the entries are not those that the head was signed over: one was changed, removed, added or moved');
  }
  return { verified: true, size: head.size, root: head.root.toString('base64') };
}

function isCanonical(leaf: string | Uint8Array): boolean {
  const text = typeof leaf === 'string' ? leaf : Buffer.from(leaf).toString('utf8');
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

const failed = (problem: string): LogVerdict => ({ verified: false, problem });
