import { TileRef, TileTree } from '#libs/audit-proof/tiles';

/** Tiles of leaves are many and seldom read twice. Up to 16 KiB each. */
const LEAF_TILES_MAX = 256;
/** Those above are in every proof: enough for all of a log of a hundred million entries. */
const UPPER_TILES_MAX = 2_048;

/** Tiles that were read lately, with what was hashed over them. */
export class KeptTiles {
  private readonly leaves = new Map<string, TileTree>();
  private readonly upper = new Map<string, TileTree>();

  get(tile: TileRef): TileTree | undefined {
    const kept = this.of(tile);
    const name = nameOf(tile);
    const known = kept.get(name);
    if (known) {
      kept.delete(name); // it is the one that was read last now
      kept.set(name, known);
    }
    return known;
  }

  add(tile: TileRef, tree: TileTree): void {
    const kept = this.of(tile);
    kept.set(nameOf(tile), tree);
    const max = tile.level === 0 ? LEAF_TILES_MAX : UPPER_TILES_MAX;
    if (kept.size > max) kept.delete(kept.keys().next().value!); // it holds more than that
  }

  private of({ level }: TileRef): Map<string, TileTree> {
    return level === 0 ? this.leaves : this.upper;
  }
}

const nameOf = ({ level, index, width }: TileRef): string => `${level}/${index}/${width}`;
