import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Hash, HASH_BYTES, leafHash } from '#libs/audit-proof/merkle';
import { FullTile, TileEdge } from '#libs/audit-proof/tile-edge';
import { hashAt, TILE_WIDTH, TileRef, widthOf } from '#libs/audit-proof/tiles';

const TILE = `SELECT hashes FROM audit.tiles WHERE level = $1 AND index = $2`;

const ROOTS = `
  SELECT string_agg(root, ''::bytea ORDER BY index) AS roots
    FROM audit.tiles
   WHERE level = $1 AND index >= $2 AND index < $3`;

const LEAVES = `SELECT leaf FROM audit.entries WHERE index >= $1 AND index < $2 ORDER BY index`;

const ADD = `
  INSERT INTO audit.tiles (level, index, hashes, root)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bytea[])`;

/** 8 KiB each. */
const KEPT_MAX = 1_024;

/** The hashes of the log's tree. Full tiles lie in a table and never change; the others are made when asked for. */
@Injectable()
export class Tiles {
  private readonly kept = new Map<string, Buffer>();
  private last?: TileEdge;

  constructor(private readonly database: DataSource) {}

  /** The hashes of a tile that the log has reached. Throws RangeError for one beyond its edge. */
  async read({ level, index, width }: TileRef, tx: EntityManager = this.database.manager): Promise<Buffer> {
    const name = `${level}/${index}/${width}`;
    const known = this.kept.get(name);
    if (known) return known;
    const hashes = width === TILE_WIDTH ? await this.full(tx, level, index) : await this.open(tx, level, index, width);
    if (hashes.length !== width * HASH_BYTES) throw new RangeError(`The log has not reached tile ${name}.`);
    if (this.kept.size >= KEPT_MAX) this.kept.delete(this.kept.keys().next().value!); // it holds that many
    this.kept.set(name, hashes);
    return hashes;
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
      const hashes = width === 0 ? Buffer.alloc(0) : await this.read({ level, index, width }, tx);
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

  private async full(tx: EntityManager, level: number, index: number): Promise<Buffer> {
    const [row] = await tx.query<{ hashes: Buffer }[]>(TILE, [level, index]);
    return row?.hashes ?? Buffer.alloc(0);
  }

  private async open(tx: EntityManager, level: number, index: number, width: number): Promise<Buffer> {
    const from = index * TILE_WIDTH;
    if (level === 0) {
      const rows = await tx.query<{ leaf: string }[]>(LEAVES, [from, from + width]);
      if (rows.length < width) return (await this.full(tx, level, index)).subarray(0, width * HASH_BYTES); // sealed since
      return Buffer.concat(rows.map(({ leaf }) => leafHash(Buffer.from(leaf))));
    }
    const [row] = await tx.query<{ roots: Buffer | null }[]>(ROOTS, [level - 1, from, from + width]);
    return row?.roots ?? Buffer.alloc(0);
  }
}
