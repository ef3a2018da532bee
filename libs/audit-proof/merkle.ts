import { hash } from 'node:crypto';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;
export const HASH_BYTES = 32;

const LEAF = 0;
const NODE = 1;

const sha256 = (bytes: string | Uint8Array): Hash => hash('sha256', bytes, 'buffer');

/** Root of the tree of no leaves: SHA-256 of the empty string (RFC 6962 §2.1). */
export const EMPTY_ROOT: Hash = sha256('');

/** What is hashed next stands here: a call over one piece is far quicker than a stream of three. */
const leafInput = Buffer.alloc(1 + 64 * 1024, LEAF);
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** Hash of a leaf's bytes: SHA-256(0x00 || leaf). */
export function leafHash(leaf: Uint8Array): Hash {
  if (leaf.byteLength >= leafInput.byteLength) return sha256(Buffer.concat([Buffer.of(LEAF), leaf]));
  leafInput.set(leaf, 1);
  return sha256(leafInput.subarray(0, 1 + leaf.byteLength));
}

/** Hash of a node over its children: SHA-256(0x01 || left || right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  if (left.byteLength !== HASH_BYTES || right.byteLength !== HASH_BYTES) {
    return sha256(Buffer.concat([Buffer.of(NODE), left, right])); // what a forged proof may hold
  }
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/*
 * Many hashes at once are written to where they belong: a hash that is handed over as a text of single bytes costs half the
 * time of a buffer, and leaves far less behind to be collected.
 */

/** Writes the hash of a leaf's bytes to `at`. */
export function leafHashInto(into: Buffer, at: number, leaf: Uint8Array): void {
  if (leaf.byteLength >= leafInput.byteLength) return void leafHash(leaf).copy(into, at);
  leafInput.set(leaf, 1);
  into.write(hash('sha256', leafInput.subarray(0, 1 + leaf.byteLength), 'binary'), at, HASH_BYTES, 'latin1');
}

/** Writes the hash of a node to `at`, over the two children that lie one behind the other at `from`. They may be overwritten. */
export function nodeHashInto(into: Buffer, at: number, children: Buffer, from: number): void {
  children.copy(nodeInput, 1, from, from + 2 * HASH_BYTES);
  into.write(hash('sha256', nodeInput, 'binary'), at, HASH_BYTES, 'latin1');
}

/**
 * The right edge of a tree: the roots of its perfect subtrees, the largest first. It is all that appending needs, and
 * has as many hashes as the size has one bits.
 */
export class Frontier {
  private constructor(
    readonly size: number,
    private readonly roots: readonly Hash[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** The frontier of a tree whose perfect subtrees have these roots, the largest first. */
  static of(size: number, roots: readonly Hash[]): Frontier {
    if (roots.length !== ones(size))
      throw new RangeError(`A tree of ${size} leaves has ${ones(size)} perfect subtrees.`);
    return new Frontier(size, roots);
  }

  append(leaf: Hash): Frontier {
    const roots = [...this.roots];
    let hash = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2)) hash = nodeHash(roots.pop()!, hash);
    return new Frontier(this.size + 1, [...roots, hash]);
  }

  /** The tree's root (RFC 6962 §2.1). */
  root(): Hash {
    const [last, ...others] = [...this.roots].reverse();
    if (!last) return EMPTY_ROOT;
    return others.reduce((right, left) => nodeHash(left, right), last);
  }
}

/** The sizes of the perfect subtrees of a tree, the largest first: they tile it from the left. */
export function perfectSubtrees(size: number): { readonly level: number; readonly index: number }[] {
  const subtrees: { level: number; index: number }[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(Math.max(1, size))); level >= 0; level -= 1) {
    const width = 2 ** level;
    if (size - start < width) continue;
    subtrees.push({ level, index: start / width });
    start += width;
  }
  return subtrees;
}

const ones = (size: number): number => perfectSubtrees(size).length * (size > 0 ? 1 : 0);
