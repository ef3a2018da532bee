import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Hash, HASH_BYTES, leafHash } from '#libs/audit-proof/merkle';
import { FullTile, TileEdge } from '#libs/audit-proof/tile-edge';
import { hashAt, TILE_WIDTH, TileRef, TileTree, widthOf } from '#libs/audit-proof/tiles';
import { KeptTiles } from './kept-tiles';

const FULL = `
  SELECT t.level, t.index, t.hashes
    FROM audit.tiles t
    JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)`;

const ROOTS = `
  SELECT string_agg(root, ''::bytea ORDER BY index) AS roots
    FROM audit.tiles
   WHERE level = $1 AND index >= $2 AND index < $3`;

const LEAVES = `SELECT leaf FROM audit.entries WHERE index >= $1 AND index < $2 ORDER BY index`;

const ADD = `
  INSERT INTO audit.tiles (level, index, hashes, root)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bytea[])`;

/** The hashes of the log's tree. Full tiles lie in a table and never change; the others are made when asked for. */
@Injectable()
export class Tiles {
  private readonly kept = new KeptTiles();
  private last?: TileEdge;

  constructor(private readonly database: DataSource) {}

  /** A tile that the log has reached. Throws RangeError for one beyond its edge. */
  async read(tile: TileRef, tx: EntityManager = this.database.manager): Promise<TileTree> {
    const [tree] = await this.readAll([tile], tx);
    return tree!; // one was asked for
  }

  /** As {@link read}, in the order in which they are asked for: full ones with one statement. */
  async readAll(tiles: readonly TileRef[], tx: EntityManager = this.database.manager): Promise<TileTree[]> {
    const known = tiles.map((tile) => this.kept.get(tile));
    const missing = tiles.filter((_, at) => known[at] === undefined);
    const full = await this.full(
      tx,
      missing.filter(({ width }) => width === TILE_WIDTH),
    );
    const read: TileTree[] = [];
    for (const [at, tile] of tiles.entries()) read.push(known[at] ?? (await this.treeOf(tx, tile, full)));
    return read;
  }

  private async treeOf(tx: EntityManager, tile: TileRef, full: ReadonlyMap<string, Buffer>): Promise<TileTree> {
    const { level, index, width } = tile;
    const hashes = width === TILE_WIDTH ? full.get(placeOf(tile)) : await this.open(tx, level, index, width);
    if (hashes?.length !== width * HASH_BYTES)
      throw new RangeError(`The log has not reached tile ${level}/${index}/${width}.`);
    const tree = new TileTree(hashes);
    this.kept.add(tile, tree);
    return tree;
  }

  /**
   * What appending to the log under this head goes on from. It is the edge that was appended to last, when the head says
   * that nobody else has appended since and that what was appended has been committed.
   */
  async edge(tx: EntityManager, head: { readonly size: number; readonly root: Hash }): Promise<TileEdge> {
    const { last } = this;
    this.last = undefined; // whoever gets it changes it
    const isOfHead = last?.size === head.size && last.root().equals(head.root);
    const edge = isOfHead ? last : await this.readEdge(tx, head.size);
    this.last = edge;
    return edge;
  }

  private async readEdge(tx: EntityManager, size: number): Promise<TileEdge> {
    const levels: Hash[][] = [];
    for (let level = 0; TILE_WIDTH ** level <= size; level += 1) {
      const index = Math.floor(size / TILE_WIDTH ** (level + 1));
      const width = widthOf(level, index, size);
      const hashes = width === 0 ? Buffer.alloc(0) : (await this.read({ level, index, width }, tx)).hashes;
      levels.push(Array.from({ length: width }, (_, at) => hashAt(hashes, at)));
    }
    return TileEdge.of(size, levels);
  }

  async add(tx: EntityManager, tiles: readonly FullTile[]): Promise<void> {
    if (tiles.length === 0) return;
    await tx.query(ADD, [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ hashes }) => hashes),
      tiles.map(({ root }) => root),
    ]);
  }

  private async full(tx: EntityManager, tiles: readonly Omit<TileRef, 'width'>[]): Promise<Map<string, Buffer>> {
    if (tiles.length === 0) return new Map();
    const rows = await tx.query<{ level: number; index: string; hashes: Buffer }[]>(FULL, [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
    ]);
    return new Map(rows.map(({ level, index, hashes }) => [placeOf({ level, index: Number(index) }), hashes]));
  }

  private async open(tx: EntityManager, level: number, index: number, width: number): Promise<Buffer> {
    const from = index * TILE_WIDTH;
    if (level === 0) {
      const rows = await tx.query<{ leaf: string }[]>(LEAVES, [from, from + width]);
      if (rows.length < width) return this.beginningOf(tx, index, width); // sealed since
      return Buffer.concat(rows.map(({ leaf }) => leafHash(Buffer.from(leaf))));
    }
    const [row] = await tx.query<{ roots: Buffer | null }[]>(ROOTS, [level - 1, from, from + width]);
    return row?.roots ?? Buffer.alloc(0);
  }

  /** The first hashes of a tile of leaves that is full by now. */
  private async beginningOf(tx: EntityManager, index: number, width: number): Promise<Buffer> {
    const full = await this.full(tx, [{ level: 0, index }]);
    return (full.get(placeOf({ level: 0, index })) ?? Buffer.alloc(0)).subarray(0, width * HASH_BYTES);
  }
}

const placeOf = ({ level, index }: Omit<TileRef, 'width'>): string => `${level}/${index}`;
