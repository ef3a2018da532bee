import { canonicalJson } from '#libs/documents/canonical';
import { failed, LogClaim, LogVerdict, LogVerification } from './log-verification';
import { HASH_BYTES } from './merkle';

/** A leaf's exact text; or the hash of one whose bytes were dropped, in base64. */
export type KeptLeaf = string | Uint8Array | { readonly hash: string };

export interface LogToVerify extends LogClaim {
  /** In the order of the log. */
  readonly leaves: AsyncIterable<KeptLeaf> | Iterable<KeptLeaf>;
  /** `canonical` (when left out) also refuses a leaf that is not canonical JSON; `bytes` believes any that is signed. */
  readonly form?: LeafForm;
}

export type LeafForm = 'canonical' | 'bytes';

/**
 * Recomputes the whole log from its leaves and holds it against its signed head, and against the earlier heads that were
 * kept. Finds edits, deletions, insertions, reordering, truncation, forks, forged heads, keys that nobody handed the log
 * over to, and entries that were dropped in silence.
 */
export async function verifyLog({ leaves, form = 'canonical', ...claim }: LogToVerify): Promise<LogVerdict> {
  const verification = LogVerification.of(claim);
  if (typeof verification === 'string') return failed(verification);
  for await (const leaf of leaves) {
    if (verification.isComplete) break; // appended since the head was signed
    const problem = addTo(verification, leaf, form);
    if (problem !== undefined) return failed(problem);
  }
  return verification.verdict();
}

/** Reads one more leaf; gives what is wrong with it. */
export function addTo(verification: LogVerification, leaf: KeptLeaf, form: LeafForm): string | undefined {
  if (typeof leaf === 'string' || leaf instanceof Uint8Array) {
    const bytes = typeof leaf === 'string' ? Buffer.from(leaf) : leaf;
    if (form === 'canonical' && !isCanonical(bytes)) return `entry ${verification.size} is not canonical JSON`;
    return verification.addLeaf(bytes);
  }
  const hash = Buffer.from(String(leaf.hash), 'base64');
  if (hash.length !== HASH_BYTES) return `entry ${verification.size} is neither a text nor a hash`;
  return verification.addSealed(hash);
}

export function isCanonical(leaf: Uint8Array): boolean {
  try {
    const text = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString('utf8');
    return Buffer.from(canonicalJson(JSON.parse(text))).equals(leaf);
  } catch {
    return false;
  }
}
