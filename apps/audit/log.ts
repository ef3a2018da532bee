import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { EMPTY_ROOT, Hash, leafHash } from '#libs/audit-proof/merkle';
import { RangeHash } from '#libs/audit-proof/proofs';
import { hashesFromTiles } from '#libs/audit-proof/tiles';
import { SigningKey } from './signing-key';
import { Tiles } from './tiles';

/** One sequencer at a time, whichever process it is in; the lock ends with the transaction. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('audit.log', 0))`;

const HEAD = `SELECT size, root, note FROM audit.checkpoints ORDER BY size DESC LIMIT 1`;

const KNOWN = `SELECT entry_id, index FROM audit.entries WHERE entry_id = ANY($1)`;

const ADD_ENTRIES = `
  INSERT INTO audit.entries (index, entry_id, leaf)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])`;

const ADD_HEAD = `INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, $3)`;

const PAGE = `SELECT index, leaf FROM audit.entries WHERE index >= $1 ORDER BY index LIMIT $2`;

export interface NewLeaf {
  readonly id: string;
  readonly leaf: string;
}

export interface Head {
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
}

/** The log in Postgres. Insert-only: entries, the tiles that they fill, and a signed head for each commit. */
@Injectable()
export class Log {
  constructor(
    private readonly database: DataSource,
    private readonly tiles: Tiles,
    private readonly key: SigningKey,
  ) {}

  /** Adds what is not there yet, in one transaction with the head over it; gives each leaf's place. */
  append(leaves: readonly NewLeaf[]): Promise<number[]> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      const places = await this.placesOf(tx, leaves);
      const fresh = unique(leaves.filter(({ id }) => !places.has(id)));
      if (fresh.length > 0) await this.write(tx, fresh, places);
      return leaves.map(({ id }) => places.get(id)!); // each was there or has just been written
    });
  }

  async head(tx: EntityManager = this.database.manager): Promise<Head> {
    const [row] = await tx.query<{ size: string; root: Buffer; note: string }[]>(HEAD);
    if (row) return { size: Number(row.size), root: row.root, note: row.note };
    return { size: 0, root: EMPTY_ROOT, note: this.key.sign(0, EMPTY_ROOT) };
  }

  async page(from: number, limit: number): Promise<{ index: number; leaf: string }[]> {
    const rows = await this.database.query<{ index: string; leaf: string }[]>(PAGE, [from, limit]);
    return rows.map(({ index, leaf }) => ({ index: Number(index), leaf }));
  }

  /** The hashes that proofs in a tree of `size` leaves are made of. */
  hashes(size: number): RangeHash {
    return hashesFromTiles(size, (tile) => this.tiles.read(tile));
  }

  private async placesOf(tx: EntityManager, leaves: readonly NewLeaf[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ entry_id: string; index: string }[]>(KNOWN, [leaves.map(({ id }) => id)]);
    return new Map(rows.map(({ entry_id: id, index }) => [id, Number(index)]));
  }

  private async write(tx: EntityManager, leaves: readonly NewLeaf[], places: Map<string, number>): Promise<void> {
    const { size } = await this.head(tx);
    const edge = await this.tiles.edge(tx, size);
    const full = leaves.flatMap(({ id, leaf }, at) => {
      places.set(id, size + at);
      return edge.append(leafHash(Buffer.from(leaf)));
    });
    await tx.query(ADD_ENTRIES, [
      leaves.map((_, at) => size + at),
      leaves.map(({ id }) => id),
      leaves.map(({ leaf }) => leaf),
    ]);
    await this.tiles.add(tx, full);
    const root = edge.root();
    await tx.query(ADD_HEAD, [edge.size, root, this.key.sign(edge.size, root)]);
  }
}

const unique = (leaves: readonly NewLeaf[]): NewLeaf[] => [...new Map(leaves.map((leaf) => [leaf.id, leaf])).values()];
