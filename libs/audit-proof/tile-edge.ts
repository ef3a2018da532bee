import { Frontier, Hash, nodeHash } from './merkle';
import { rootOver, TILE_WIDTH } from './tiles';

/** A tile that has all its hashes and never changes again. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
  /** The root over its hashes: a hash of the tile above it. */
  readonly root: Hash;
}

/** The hashes of the tiles that are not full yet, by level: all that appending needs. */
export class TileEdge {
  private constructor(
    private leaves: number,
    private readonly levels: Hash[][],
  ) {}

  /** The edge of a tree of `size` leaves whose tile on level n is `levels[n]`, each shorter than a full tile. */
  static of(size: number, levels: readonly (readonly Hash[])[]): TileEdge {
    const counted = levels.reduce((sum, hashes, level) => sum + hashes.length * TILE_WIDTH ** level, 0);
    if (counted !== size % TILE_WIDTH ** levels.length || levels.some(({ length }) => length >= TILE_WIDTH)) {
      throw new RangeError(`These are not the open tiles of a tree of ${size} leaves.`);
    }
    return new TileEdge(
      size,
      levels.map((hashes) => [...hashes]),
    );
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds a leaf and gives the tiles that it fills, the lowest first. */
  append(leaf: Hash): FullTile[] {
    this.leaves += 1;
    return this.push(0, leaf);
  }

  /** Adds 256 leaves by the root over their hashes. Throws RangeError in the middle of a tile. */
  appendTile(root: Hash): FullTile[] {
    if (this.leaves % TILE_WIDTH !== 0) throw new RangeError(`At ${this.leaves} leaves no tile begins.`);
    this.leaves += TILE_WIDTH;
    this.levels[0] ??= [];
    return this.push(1, root);
  }

  private push(lowest: number, added: Hash): FullTile[] {
    const full: FullTile[] = [];
    let hash = added;
    for (let level = lowest; ; level += 1) {
      const hashes = (this.levels[level] ??= []);
      hashes.push(hash);
      if (hashes.length < TILE_WIDTH) return full;
      const bytes = Buffer.concat(hashes);
      hash = rootOver(bytes);
      full.push({ level, index: this.leaves / TILE_WIDTH ** (level + 1) - 1, hashes: bytes, root: hash });
      this.levels[level] = [];
    }
  }

  /** The tree's root (RFC 6962 §2.1). */
  root(): Hash {
    const roots = this.levels.toReversed().flatMap(perfectRoots);
    return Frontier.of(this.leaves, roots).root();
  }
}

/** The roots of the perfect subtrees over `hashes`, the largest first. */
function perfectRoots(hashes: readonly Hash[]): Hash[] {
  const roots: Hash[] = [];
  let from = 0;
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if ((hashes.length & width) === 0) continue;
    roots.push(merge(hashes.slice(from, from + width)));
    from += width;
  }
  return roots;
}

function merge(hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0]!; // a power of two of them
  const half = hashes.length / 2;
  return nodeHash(merge(hashes.slice(0, half)), merge(hashes.slice(half)));
}
