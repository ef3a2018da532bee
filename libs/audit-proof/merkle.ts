import { createHash } from 'node:crypto';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;
export const HASH_BYTES = 32;

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** Root of the tree of no leaves: SHA-256 of the empty string (RFC 6962 §2.1). */
export const EMPTY_ROOT: Hash = createHash('sha256').digest();

/** Hash of a leaf's bytes: SHA-256(0x00 || leaf). */
export const leafHash = (leaf: Uint8Array): Hash => createHash('sha256').update(LEAF).update(leaf).digest();

/** Hash of a node over its children: SHA-256(0x01 || left || right). */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(NODE).update(left).update(right).digest();

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
