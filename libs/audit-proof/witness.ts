import { Hash, HASH_BYTES } from './merkle';
import { verifyConsistency } from './proofs';
import { CheckpointBody, openCheckpoint, originOf } from './signed-note';

/** What a log sends to a witness (C2SP tlog-witness, `add-checkpoint`). */
export interface WitnessRequest {
  /** The size that the log believes the witness to have seen. */
  readonly oldSize: number;
  /** That the tree of `oldSize` is the beginning of that of the checkpoint. */
  readonly proof: readonly Hash[];
  readonly note: string;
}

/** What a witness remembers of a log. */
export interface SeenCheckpoint {
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

export type WitnessVerdict =
  | { readonly kind: 'accepted'; readonly checkpoint: CheckpointBody }
  /** The log has to prove from `size` instead. */
  | { readonly kind: 'conflict'; readonly size: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 | 422; readonly reason: string };

const PROOF_MAX = 63;

export const writeWitnessRequest = ({ oldSize, proof, note }: WitnessRequest): string =>
  `old ${oldSize}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`;

/** Reads what {@link writeWitnessRequest} writes; undefined for any other text. */
export function readWitnessRequest(text: string): WitnessRequest | undefined {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const [, oldSize] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const isWhole = proof.every((hash, at) => hash.length === HASH_BYTES && hash.toString('base64') === lines[at]);
  if (end < 0 || oldSize === undefined || !isWhole || proof.length > PROOF_MAX) return undefined;
  return { oldSize: Number(oldSize), proof, note: text.slice(end + 2) };
}

/**
 * Whether a witness that has seen `seen` of a log, and knows logs by their origin's keys, may cosign. It may not when the
 * log went back, or forked: then no proof from what it has seen exists.
 */
export function judgeCheckpoint(
  { oldSize, proof, note }: WitnessRequest,
  keysOf: (origin: string) => readonly string[],
  seenOf: (origin: string) => SeenCheckpoint | undefined,
): WitnessVerdict {
  const origin = originOf(note);
  const keys = keysOf(origin);
  if (keys.length === 0) return refused(404, `"${origin}" is no log that this witness knows`);
  const checkpoint = keys.map((key) => openCheckpoint(note, key)).find((opened) => opened?.origin === origin);
  if (!checkpoint) return refused(403, `the checkpoint is not signed by a key of "${origin}"`);
  if (oldSize > checkpoint.size) return refused(400, `${oldSize} is larger than the checkpoint's ${checkpoint.size}`);
  const seen = seenOf(origin);
  const size = seen?.size ?? 0;
  if (oldSize !== size) return { kind: 'conflict', size, reason: `this witness has seen ${size} entries` };
  if (seen && size === checkpoint.size && seen.root !== checkpoint.root.toString('base64')) {
    return { kind: 'conflict', size, reason: `this witness has seen another log of ${size} entries` };
  }
  if (!continues(checkpoint, seen, proof)) {
    return refused(422, `the proof does not show that the ${size} entries seen are the beginning of the log`);
  }
  return { kind: 'accepted', checkpoint };
}

function continues({ size, root }: CheckpointBody, seen: SeenCheckpoint | undefined, proof: readonly Hash[]): boolean {
  if (!seen || seen.size === 0) return proof.length === 0;
  return verifyConsistency(seen.size, size, Buffer.from(seen.root, 'base64'), root, proof);
}

const refused = (status: 400 | 403 | 404 | 422, reason: string): WitnessVerdict => ({
  kind: 'refused',
  status,
  reason,
});
