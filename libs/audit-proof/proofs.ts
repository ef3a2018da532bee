import { Hash, HASH_BYTES, nodeHash } from './merkle';

/** The hash of the subtree over the leaves `[start, end)`. */
export type RangeHash = (start: number, end: number) => Promise<Hash>;

/** The audit path of leaf `index` in the tree of `size` leaves, from the leaf upward (RFC 6962 §2.1.1). */
export async function inclusionProof(index: number, size: number, hashOf: RangeHash): Promise<Hash[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`There is no leaf ${index} in a tree of ${size}.`);
  return path(index, 0, size, hashOf);
}

/** Proof that the first `from` leaves of the tree of `to` leaves are the tree of `from` leaves (RFC 6962 §2.1.2). */
export async function consistencyProof(from: number, to: number, hashOf: RangeHash): Promise<Hash[]> {
  if (!(from >= 1 && from <= to)) throw new RangeError(`A tree of ${to} has no beginning of ${from} leaves.`);
  return subproof(from, 0, to, true, hashOf);
}

async function path(index: number, start: number, end: number, hashOf: RangeHash): Promise<Hash[]> {
  if (end - start === 1) return [];
  const split = start + splitOf(end - start);
  return index < split
    ? [...(await path(index, start, split, hashOf)), await hashOf(split, end)]
    : [...(await path(index, split, end, hashOf)), await hashOf(start, split)];
}

async function subproof(from: number, start: number, end: number, whole: boolean, hashOf: RangeHash): Promise<Hash[]> {
  if (from === end) return whole ? [] : [await hashOf(start, end)];
  const split = start + splitOf(end - start);
  return from <= split
    ? [...(await subproof(from, start, split, whole, hashOf)), await hashOf(split, end)]
    : [...(await subproof(from, split, end, false, hashOf)), await hashOf(start, split)];
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
