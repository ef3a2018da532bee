import { Hash, HASH_BYTES, nodeHash } from './merkle';
import { RangeHash, splitOf } from './proofs';

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

/** Gives a tile's hashes, one after the other: 32 bytes each. */
export type ReadTile = (tile: TileRef) => Promise<Buffer>;

/** Root over the hashes of a tile's part: a power of two of them. */
export function rootOver(hashes: Buffer): Hash {
  let level = Array.from({ length: hashes.length / HASH_BYTES }, (_, at) => hashAt(hashes, at));
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) => nodeHash(level[2 * at]!, level[2 * at + 1]!)); // in range
  }
  const [root] = level;
  if (!root) throw new RangeError('There is no root over no hashes.');
  return root;
}

/** The hashes of any range that the proofs of a tree of `size` leaves need, from its tiles. */
export function hashesFromTiles(size: number, readTile: ReadTile): RangeHash {
  const hashOf = async (start: number, end: number): Promise<Hash> => {
    const leaves = end - start;
    const height = Math.log2(leaves);
    if (!Number.isInteger(height) || start % leaves !== 0) {
      const split = start + splitOf(leaves);
      const [left, right] = await Promise.all([hashOf(start, split), hashOf(split, end)]);
      return nodeHash(left, right);
    }
    const level = Math.floor(height / TILE_HEIGHT);
    const first = start / TILE_WIDTH ** level; // exact, since the range is aligned
    const index = Math.floor(first / TILE_WIDTH);
    const hashes = await readTile({ level, index, width: widthOf(level, index, size) });
    const at = first - index * TILE_WIDTH;
    const count = 2 ** (height % TILE_HEIGHT);
    return rootOver(hashes.subarray(at * HASH_BYTES, (at + count) * HASH_BYTES));
  };
  return hashOf;
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
