import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { EMPTY_ROOT, Hash, leafHash } from '#libs/audit-proof/merkle';
import { LeafRange } from '#libs/audit-proof/proofs';
import { hashAt, hashesFromTiles, TILE_WIDTH, TileRef, widthOf } from '#libs/audit-proof/tiles';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { GroupCommit } from '#libs/database/group-commit';
import { canonicalJson } from '#libs/documents/canonical';
import { Facets } from './facets';
import { PersonalData } from './personal-data';
import { Handovers } from './handovers';
import { LogKeys } from './log-keys';
import { Tiles } from './tiles';
import { withhold, WithheldEntry } from './withheld';

/** One sequencer at a time, whichever process it is in; the lock ends with the transaction. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('audit.log', 0))`;

/** At a handover the note is signed by both keys. */
const HEAD = `
  SELECT c.size, c.root, coalesce(h.note, c.note) AS note,
         (SELECT key FROM audit.handovers ORDER BY size DESC LIMIT 1) AS key
    FROM audit.checkpoints c
    LEFT JOIN audit.handovers h USING (size)
   ORDER BY c.size DESC
   LIMIT 1`;

/** Sealed ones, too: what an outbox sends again comes as late as it may. */
const KNOWN = `
  SELECT entry_id, index FROM audit.entries WHERE entry_id = ANY($1)
  UNION ALL
  SELECT entry_id, index FROM audit.sealed_entries WHERE entry_id = ANY($1)`;

const LEAF = `SELECT leaf FROM audit.entries WHERE index = $1`;

const ADD_ENTRIES = `
  INSERT INTO audit.entries (index, entry_id, leaf)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])`;

const ADD_HEAD = `INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, $3)`;

/** What one commit takes; a request has fewer. Unit: entries. */
const COMMIT_MAX = 2_000;

export interface Head {
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
  /** That signs the next head. */
  readonly key: string;
}

interface NewLeaf {
  readonly entry: AuditEntry;
  readonly leaf: Buffer;
  readonly withheld: WithheldEntry;
}

/**
 * The log in Postgres. Insert-only: entries, the tiles that they fill, and a signed head for each commit; beside them
 * what entries are found by, and sealed what they withhold.
 */
@Injectable()
export class Log {
  /** One at a time, as {@link LOCK} lets no two write: what arrives meanwhile shares the next commit and its one signature. */
  private readonly commits = new GroupCommit<readonly AuditEntry[], number[]>((requests) => this.appendAll(requests), {
    items: COMMIT_MAX,
    bytes: COMMIT_MAX,
    sizeOf: ({ length }) => length,
    flights: 1,
  });

  /** A log never shrinks. */
  private known = 0;

  constructor(
    private readonly database: DataSource,
    private readonly tiles: Tiles,
    private readonly facets: Facets,
    private readonly personalData: PersonalData,
    private readonly handovers: Handovers,
    private readonly keys: LogKeys,
  ) {}

  /** Adds what is not there yet, durably and under a new head; gives each entry's place. */
  append(entries: readonly AuditEntry[]): Promise<number[]> {
    return this.commits.submit(entries);
  }

  /** As {@link append}, in one transaction with `change`, which may refuse by throwing. */
  async appendWith(change: (tx: EntityManager) => Promise<void>, entry: AuditEntry): Promise<void> {
    await this.exclusively(async (tx, append) => {
      await change(tx);
      await append(entry);
    });
  }

  /** Does `work` in a transaction during which nobody else appends; `append` gives the place of its entry. */
  exclusively<T>(work: (tx: EntityManager, append: (entry: AuditEntry) => Promise<number>) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      return work(tx, async (entry) => (await this.write(tx, [entry])).get(entry.id)!); // `write` gives it its place
    });
  }

  /**
   * Within {@link exclusively}, goes over to another key: an entry names it, the key before signs the head over that entry, and so does the new one.
   * Gives the entry's place and the key.
   */
  async rotate(
    tx: EntityManager,
    append: (entry: AuditEntry) => Promise<number>,
    entryOf: (key: string) => AuditEntry,
  ): Promise<{ index: number; key: string }> {
    const { key: current } = await this.head(tx);
    const key = await this.keys.next(current);
    const index = await append(entryOf(key));
    const { size, note } = await this.head(tx);
    const [row] = await tx.query<{ leaf: string }[]>(LEAF, [index]);
    await this.handovers.add(tx, { size, key, leaf: row!.leaf, note: this.keys.signToo(note, key) }); // it was just written
    return { index, key };
  }

  private appendAll(requests: readonly (readonly AuditEntry[])[]): Promise<number[][]> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      const places = await this.write(tx, requests.flat());
      return requests.map((entries) => entries.map(({ id }) => places.get(id)!)); // `write` gives each its place
    });
  }

  async head(tx: EntityManager = this.database.manager): Promise<Head> {
    const [row] = await tx.query<{ size: string; root: Buffer; note: string; key: string | null }[]>(HEAD);
    const key = row?.key ?? this.keys.first;
    if (row) return { size: Number(row.size), root: row.root, note: row.note, key };
    return { size: 0, root: EMPTY_ROOT, note: this.keys.sign(0, EMPTY_ROOT, key), key };
  }

  /** How many entries the log has; where it is known to have `enough`, maybe less than it has by now. */
  async reached(enough: number): Promise<number> {
    if (this.known < enough) this.known = (await this.head()).size;
    return this.known;
  }

  /** The hashes of the leaves `[from, to)` of a log that has so many. */
  async leafHashes(from: number, to: number): Promise<Hash[]> {
    const hashes: Hash[] = [];
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
      const first = index * TILE_WIDTH;
      const width = widthOf(0, index, to);
      const { hashes: tile } = await this.tiles.read({ level: 0, index, width });
      for (let at = Math.max(0, from - first); at < width; at += 1) hashes.push(hashAt(tile, at));
    }
    return hashes;
  }

  /** The hashes of a tile that the log has reached. */
  async tileHashes(tile: TileRef): Promise<Hash[]> {
    const { hashes } = await this.tiles.read(tile);
    return Array.from({ length: tile.width }, (_, at) => hashAt(hashes, at));
  }

  /** The hashes that a proof in the tree of `size` leaves is made of. */
  hashes(size: number, ranges: readonly LeafRange[]): Promise<Hash[]> {
    return hashesFromTiles(size, ranges, (tiles) => this.tiles.readAll(tiles));
  }

  private async placesOf(tx: EntityManager, entries: readonly AuditEntry[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ entry_id: string; index: string }[]>(KNOWN, [entries.map(({ id }) => id)]);
    return new Map(rows.map(({ entry_id: id, index }) => [id, Number(index)]));
  }

  private async write(tx: EntityManager, entries: readonly AuditEntry[]): Promise<Map<string, number>> {
    const places = await this.placesOf(tx, entries);
    const fresh = unique(entries.filter(({ id }) => !places.has(id)));
    if (fresh.length > 0) await this.add(tx, fresh.map(toLeaf), places);
    return places;
  }

  private async add(tx: EntityManager, leaves: readonly NewLeaf[], places: Map<string, number>): Promise<void> {
    const head = await this.head(tx);
    const edge = await this.tiles.edge(tx, head);
    const placed = leaves.map((leaf, at) => ({ ...leaf, index: head.size + at }));
    for (const { index, entry } of placed) places.set(entry.id, index);
    const full = placed.flatMap(({ leaf }) => edge.append(leafHash(leaf)));
    await tx.query(ADD_ENTRIES, [
      placed.map(({ index }) => index),
      placed.map(({ entry }) => entry.id),
      placed.map(({ leaf }) => leaf.toString()),
    ]);
    await this.tiles.add(tx, full);
    await this.facets.add(tx, placed);
    await this.personalData.add(
      tx,
      placed.flatMap(({ index, withheld: { subject, personal } }) =>
        personal.map((field) => ({ index, subject, ...field })),
      ),
    );
    const root = edge.root();
    await tx.query(ADD_HEAD, [edge.size, root, this.keys.sign(edge.size, root, head.key)]);
  }
}

function toLeaf(entry: AuditEntry): NewLeaf {
  const withheld = withhold(entry);
  return { entry, withheld, leaf: Buffer.from(canonicalJson(withheld.leaf)) };
}

const unique = (entries: readonly AuditEntry[]): AuditEntry[] => [
  ...new Map(entries.map((entry) => [entry.id, entry])).values(),
];
