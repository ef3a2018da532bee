import { Hash, HASH_BYTES, nodeHash, nodeHashInto } from './merkle';
import { LeafRange } from './proofs';

/** A tile holds so many levels of the tree (C2SP tlog-tiles). */
const TILE_HEIGHT = 8;
/** The hashes of a full tile, and the entries of a full bundle. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/**
 * Hashes `index * 256` and those after it, on tile level `level`: each covers 256^level leaves. A tile of fewer than
 * 256 hashes is the right edge of a tree that is not yet wider.
 */
export interface TileRef {
  readonly level: number;
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** Gives tiles in the order in which they are asked for. */
export type ReadTiles = (tiles: readonly TileRef[]) => Promise<readonly TileTree[]>;

/** A tile's hashes, and the roots of the perfect subtrees over them: each level is hashed once, when it is asked for. */
export class TileTree {
  private readonly levels: Buffer[];

  constructor(readonly hashes: Buffer) {
    this.levels = [hashes];
  }

  /** The root over the hashes `[index * 2^height, (index + 1) * 2^height)`. */
  root(height: number, index: number): Hash {
    while (this.levels.length <= height) this.levels.push(pairsOf(this.levels.at(-1)!)); // there is always one
    return hashAt(this.levels[height]!, index);
  }
}

function pairsOf(hashes: Buffer): Buffer {
  const pairs = Buffer.allocUnsafe(Math.floor(hashes.length / HASH_BYTES / 2) * HASH_BYTES);
  for (let at = 0; at < pairs.length; at += HASH_BYTES) nodeHashInto(pairs, at, hashes, 2 * at);
  return pairs;
}

/** Root over the hashes of a tile's part: a power of two of them. */
export function rootOver(hashes: Buffer): Hash {
  if (hashes.length === 0) throw new RangeError('There is no root over no hashes.');
  let level = hashes;
  while (level.length > 2 * HASH_BYTES) level = pairsOf(level);
  return level.length === HASH_BYTES ? level : nodeHash(hashAt(level, 0), hashAt(level, 1));
}

/** The hashes over `ranges` of a tree of `size` leaves, from its tiles: all of them are read at once. */
export async function hashesFromTiles(
  size: number,
  ranges: readonly LeafRange[],
  readTiles: ReadTiles,
): Promise<Hash[]> {
  const refs = new Map<string, TileRef>();
  const parts = ranges.map((range) => perfectParts(range).map((part) => placeOfPart(part, size)));
  for (const { name, tile } of parts.flat()) refs.set(name, tile);
  const trees = await readTiles([...refs.values()]);
  const byName = new Map([...refs.keys()].map((name, at) => [name, trees[at]!])); // as many as were asked for
  return parts.map((places) =>
    places
      .map(({ name, height, at }) => byName.get(name)!.root(height, at))
      .reduceRight((right, left) => nodeHash(left, right)),
  );
}

/** A perfect subtree: 2^height leaves, from `start` on. */
interface PerfectPart {
  readonly start: number;
  readonly height: number;
}

/** The perfect subtrees that tile a range which a proof is made of, the largest first: its root folds them from the right. */
function perfectParts({ start, end }: LeafRange): PerfectPart[] {
  const parts: PerfectPart[] = [];
  for (let from = start; from < end;) {
    let height = 0;
    while (2 ** (height + 1) <= end - from) height += 1;
    parts.push({ start: from, height });
    from += 2 ** height;
  }
  return parts;
}

/** In which tile the root of a perfect subtree is found, and where over its hashes. */
function placeOfPart({ start, height }: PerfectPart, size: number) {
  const level = Math.floor(height / TILE_HEIGHT);
  const first = start / TILE_WIDTH ** level; // exact, since the subtree is aligned
  const index = Math.floor(first / TILE_WIDTH);
  const within = height % TILE_HEIGHT;
  return {
    name: `${level}/${index}`,
    tile: { level, index, width: widthOf(level, index, size) },
    height: within,
    at: (first - index * TILE_WIDTH) / 2 ** within,
  };
}

/** How many hashes a tile has in a tree of `size` leaves; 0 for a tile beyond its edge. */
export function widthOf(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** Where a tile lies: `tile/0/x001/067.p/12` (C2SP tlog-tiles). */
export const tilePath = ({ level, index, width }: TileRef): string => `tile/${level}/${placeOf(index, width)}`;

/** Where a bundle of entries lies: `tile/entries/x001/067`. */
export const bundlePath = ({ index, width }: Omit<TileRef, 'level'>): string => `tile/entries/${placeOf(index, width)}`;

/** Reads what {@link tilePath} and {@link bundlePath} write, less `tile/` and the level; undefined for any other text. */
export function readPlace(place: string): Omit<TileRef, 'level'> | undefined {
  const [, digits, width] = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(place) ?? [];
  if (digits === undefined) return undefined;
  const index = Number(digits.replaceAll(/[x/]/g, ''));
  const ref = { index, width: width === undefined ? TILE_WIDTH : Number(width) };
  return ref.width <= TILE_WIDTH && Number.isSafeInteger(index) && placeOf(index, ref.width) === place
    ? ref
    : undefined;
}

function placeOf(index: number, width: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? place : `${place}.p/${width}`;
}

/** The longest leaf that a bundle can hold: its length is written in two bytes. */
const LEAF_MAX_BYTES = 65_535;

/** Leaves as a bundle: each behind its length, big-endian in two bytes. Throws RangeError for one that is too long. */
export function writeBundle(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      if (leaf.byteLength > LEAF_MAX_BYTES) throw new RangeError(`A leaf has at most ${LEAF_MAX_BYTES} bytes.`);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(leaf.byteLength);
      return [length, leaf];
    }),
  );
}

/** The leaves of a bundle. Throws RangeError when it ends in the middle of one. */
export function readBundle(bundle: Buffer): Buffer[] {
  const leaves: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + (at + 2 <= bundle.length ? bundle.readUInt16BE(at) : bundle.length);
    if (end > bundle.length) throw new RangeError('The bundle ends in the middle of an entry.');
    leaves.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return leaves;
}

export const hashAt = (hashes: Buffer, at: number): Hash => hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
