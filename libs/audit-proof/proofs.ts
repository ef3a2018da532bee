import { Hash, HASH_BYTES, nodeHash } from './merkle';

/** The leaves `[start, end)`, and the subtree over them. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The audit path of leaf `index` in the tree of `size` leaves, from the leaf upward: the hashes over these (RFC 6962 §2.1.1). */
export function inclusionProof(index: number, size: number): LeafRange[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`There is no leaf ${index} in a tree of ${size}.`);
  const ranges: LeafRange[] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const split = start + splitOf(end - start);
    const isLeft = index < split;
    ranges.push(isLeft ? { start: split, end } : { start, end: split });
    if (isLeft) end = split;
    else start = split;
  }
  return ranges.reverse();
}

/**
 * Proof that the first `from` leaves of the tree of `to` leaves are the tree of `from` leaves: the hashes over these
 * (RFC 6962 §2.1.2).
 */
export function consistencyProof(from: number, to: number): LeafRange[] {
  if (!(from >= 1 && from <= to)) throw new RangeError(`A tree of ${to} has no beginning of ${from} leaves.`);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = to;
  while (end !== from) {
    const split = start + splitOf(end - start);
    const isLeft = from <= split;
    ranges.push(isLeft ? { start: split, end } : { start, end: split });
    if (isLeft) end = split;
    else start = split;
  }
  return [...(start === 0 ? [] : [{ start, end }]), ...ranges.reverse()];
}

/** The largest power of two below `n`. */
export function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

const isHash = ({ length }: Hash): boolean => length === HASH_BYTES;

/** Whether `proof` shows that `leaf` is at `index` in the tree of `size` leaves with this root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(index: number, size: number, leaf: Hash, proof: readonly Hash[], root: Hash): boolean {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return false;
  if (![leaf, ...proof].every(isHash)) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hash.equals(root);
}

/** Whether `proof` shows that the tree of `from` leaves is the beginning of that of `to` leaves (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  from: number,
  to: number,
  fromRoot: Hash,
  toRoot: Hash,
  proof: readonly Hash[],
): boolean {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 1 && from <= to)) return false;
  if (!proof.every(isHash)) return false;
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot);
  const hashes = Number.isInteger(Math.log2(from)) ? [fromRoot, ...proof] : [...proof];
  const [first, ...rest] = hashes;
  if (!first || proof.length === 0) return false;
  let node = from - 1;
  let last = to - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  let older = first;
  let newer = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      newer = nodeHash(newer, hash);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && older.equals(fromRoot) && newer.equals(toRoot);
}
