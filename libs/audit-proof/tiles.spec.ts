import { EMPTY_ROOT, Frontier, Hash, leafHash } from './merkle';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs';
import { FullTile, TileEdge } from './tile-edge';
import {
  bundlePath,
  hashAt,
  hashesFromTiles,
  readBundle,
  readPlace,
  tilePath,
  TileRef,
  TileTree,
  writeBundle,
} from './tiles';

const leaf = (at: number): Hash => leafHash(Buffer.from(`leaf ${at}`));

/** Grows a tree and keeps its full tiles, as a log does. */
function grow(size: number) {
  const tiles = new Map<string, FullTile>();
  const edge = TileEdge.of(0, []);
  for (let at = 0; at < size; at += 1) {
    for (const tile of edge.append(leaf(at))) tiles.set(`${tile.level}/${tile.index}`, tile);
  }
  const read = ({ level, index, width }: TileRef): Promise<Buffer> => {
    const full = tiles.get(`${level}/${index}`);
    if (full) return Promise.resolve(full.hashes.subarray(0, width * 32));
    const hash = (at: number): Hash => (level === 0 ? leaf(at) : tiles.get(`${level - 1}/${at}`)!.root);
    return Promise.resolve(Buffer.concat(Array.from({ length: width }, (_, at) => hash(index * 256 + at))));
  };
  return { edge, tiles, read };
}

describe('the tree in tiles', () => {
  it('rule 10: has the root of the tree without tiles, at every size over two levels of them', () => {
    const edge = TileEdge.of(0, []);
    let frontier = Frontier.empty();
    expect(edge.root()).toEqual(EMPTY_ROOT);
    for (let at = 0; at < 66_000; at += 1) {
      edge.append(leaf(at));
      frontier = frontier.append(leaf(at));
      if (at < 1_100 || at % 251 === 0 || at > 65_500) expect(edge.root().equals(frontier.root())).toBe(true);
    }
    expect(edge.size).toBe(66_000);
  });

  it('goes on from the open tiles of any size', () => {
    for (const size of [0, 1, 255, 256, 257, 511, 512, 1_000, 65_535, 65_536, 65_537]) {
      const { tiles, edge } = grow(size);
      const hashes = (level: number, from: number, width: number): Hash[] =>
        Array.from({ length: width }, (_, at) =>
          level === 0 ? leaf(from + at) : tiles.get(`${level - 1}/${from + at}`)!.root,
        );
      const levels = [0, 1, 2].map((level) => {
        const all = Math.floor(size / 256 ** level);
        return hashes(level, all - (all % 256), all % 256);
      });
      const again = TileEdge.of(size, levels);
      expect(again.root().equals(edge.root())).toBe(true);
      again.append(leaf(size));
      edge.append(leaf(size));
      expect(again.root().equals(edge.root())).toBe(true);
    }
    expect(() => TileEdge.of(3, [[leaf(0)]])).toThrow(/not the open tiles/);
  });

  it('gives proofs that hold, across the edges of tiles', async () => {
    const sizes = [1, 2, 255, 256, 257, 300, 511, 513, 65_536, 66_001];
    for (const size of sizes) {
      const { edge, read } = grow(size);
      const readAll = (tiles: readonly TileRef[]) =>
        Promise.all(tiles.map(async (tile) => new TileTree(await read(tile))));
      for (const index of [0, 1, 254, 255, 256, 299, 65_535, 65_536, size - 1].filter((at) => at < size)) {
        const proof = await hashesFromTiles(size, inclusionProof(index, size), readAll);
        expect(verifyInclusion(index, size, leaf(index), proof, edge.root())).toBe(true);
      }
      for (const from of sizes.filter((earlier) => earlier <= size)) {
        const proof = await hashesFromTiles(size, consistencyProof(from, size), readAll);
        expect(verifyConsistency(from, size, grow(from).edge.root(), edge.root(), proof)).toBe(true);
      }
    }
  });

  it('names tiles and bundles as C2SP tlog-tiles does, and reads the names back', () => {
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
    expect(tilePath({ level: 1, index: 1_234_067, width: 256 })).toBe('tile/1/x001/x234/067');
    expect(tilePath({ level: 0, index: 273, width: 112 })).toBe('tile/0/273.p/112');
    expect(bundlePath({ index: 1_000, width: 7 })).toBe('tile/entries/x001/000.p/7');
    for (const index of [0, 7, 999, 1_000, 1_234_567]) {
      for (const width of [1, 200, 256]) {
        expect(readPlace(bundlePath({ index, width }).slice('tile/entries/'.length))).toEqual({ index, width });
      }
    }
  });

  it.each(['', '0', '00', '0000', 'x000/001', '001.p/0', '001.p/257', '001.p/256', '001.p/012', '../001', '001/002'])(
    'knows no tile at "%s"',
    (place) => expect(readPlace(place)).toBeUndefined(),
  );

  it('packs leaves into a bundle and unpacks them; one that is cut is refused', () => {
    const leaves = [Buffer.from(''), Buffer.from('a'), Buffer.alloc(65_535, 7)];
    const bundle = writeBundle(leaves);
    expect(readBundle(bundle)).toEqual(leaves);
    expect(() => writeBundle([Buffer.alloc(65_536)])).toThrow(/at most 65535 bytes/);
    expect(() => readBundle(bundle.subarray(0, -1))).toThrow(/middle of an entry/);
    expect(() => readBundle(bundle.subarray(0, 1))).toThrow(/middle of an entry/);
    expect(hashAt(Buffer.concat([leaf(0), leaf(1)]), 1)).toEqual(leaf(1));
  });
});
