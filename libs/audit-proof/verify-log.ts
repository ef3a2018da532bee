import { canonicalJson } from '#libs/documents/canonical';
import { EMPTY_ROOT, Frontier, leafHash } from './merkle';
import { CheckpointBody, openCheckpoint } from './signed-note';

export interface LogToVerify {
  /** The leaves' exact texts, in the order of the log. */
  readonly leaves: AsyncIterable<string> | Iterable<string>;
  /** The signed head. */
  readonly note: string;
  /** `name+hash+base64`, from a source that is not the log. */
  readonly publicKey: string;
  /** A head that was kept from an earlier time. */
  readonly earlier?: string;
}

export type LogVerdict =
  | { readonly verified: true; readonly size: number; readonly root: string }
  | { readonly verified: false; readonly problem: string };

/**
 * Recomputes the whole log from its leaves and holds it against its signed head, and against an earlier head when one
 * was kept. Needs neither network nor trust in the server; finds edits, deletions, insertions, reordering, truncation,
 * forks and forged heads.
 */
export async function verifyLog({ leaves, note, publicKey, earlier }: LogToVerify): Promise<LogVerdict> {
  const head = openCheckpoint(note, publicKey);
  if (!head) return failed('the head is not signed by the given key');
  const before = earlier === undefined ? undefined : openCheckpoint(earlier, publicKey);
  if (earlier !== undefined && !before) return failed('the earlier head is not signed by the given key');
  if (before && before.origin !== head.origin) return failed('the earlier head is of another log');
  if (before && before.size > head.size) {
    return failed(`the log was cut: it had ${before.size} entries once and has ${head.size} now`);
  }
  let frontier = Frontier.empty();
  let rootBefore = before?.size === 0 ? EMPTY_ROOT : undefined;
  for await (const leaf of leaves) {
    if (frontier.size === head.size) break; // appended since the head was signed
    if (!isCanonical(leaf)) return failed(`entry ${frontier.size} is not canonical JSON`);
    frontier = frontier.append(leafHash(Buffer.from(leaf)));
    if (frontier.size === before?.size) rootBefore = frontier.root();
  }
  return judge(frontier, head, before, rootBefore);
}

function judge(
  frontier: Frontier,
  head: CheckpointBody,
  before: CheckpointBody | undefined,
  rootBefore: Buffer | undefined,
): LogVerdict {
  if (frontier.size < head.size) return failed(`${head.size - frontier.size} of ${head.size} entries are missing`);
  if (before && !rootBefore?.equals(before.root)) {
    return failed(`the first ${before.size} entries are not those that the earlier head was signed over`);
  }
  if (!frontier.root().equals(head.root)) {
    return failed('the entries are not those that the head was signed over: one was changed, removed, added or moved');
  }
  return { verified: true, size: head.size, root: head.root.toString('base64') };
}

function isCanonical(leaf: string): boolean {
  try {
    return canonicalJson(JSON.parse(leaf)) === leaf;
  } catch {
    return false;
  }
}

const failed = (problem: string): LogVerdict => ({ verified: false, problem });
