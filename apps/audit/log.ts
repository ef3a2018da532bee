import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { EMPTY_ROOT, Frontier, Hash, leafHash, nodeHash, perfectSubtrees } from '#libs/audit-proof/merkle';
import { splitOf } from '#libs/audit-proof/proofs';
import { SigningKey } from './signing-key';

/** One sequencer at a time, whichever process it is in; the lock ends with the transaction. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('audit.log', 0))`;

const HEAD = `SELECT size, root, note FROM audit.checkpoints ORDER BY size DESC LIMIT 1`;

const KNOWN = `SELECT entry_id, index FROM audit.entries WHERE entry_id = ANY($1)`;

const ADD_ENTRIES = `
  INSERT INTO audit.entries (index, entry_id, leaf)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])`;

const ADD_NODES = `
  INSERT INTO audit.nodes (level, index, hash)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])`;

const ADD_HEAD = `INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, $3)`;

const NODES = `
  SELECT n.level, n.index, n.hash
    FROM audit.nodes n
    JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)`;

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

interface Node {
  readonly level: number;
  readonly index: number;
  readonly hash: Hash;
}

/** The log in Postgres. Insert-only: entries, the hashes of completed subtrees, and a signed head for each commit. */
@Injectable()
export class Log {
  constructor(
    private readonly database: DataSource,
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

  /** The hash of the subtree over `[start, end)`, from the kept hashes of its perfect parts. */
  async rangeHash(start: number, end: number): Promise<Hash> {
    const level = Math.log2(end - start);
    if (Number.isInteger(level) && start % (end - start) === 0) {
      const [node] = await this.nodes(this.database.manager, [{ level, index: start / (end - start) }]);
      if (!node) throw new RangeError(`The log has no leaves ${start} to ${end}.`);
      return node.hash;
    }
    const split = start + splitOf(end - start);
    return nodeHash(await this.rangeHash(start, split), await this.rangeHash(split, end));
  }

  private async placesOf(tx: EntityManager, leaves: readonly NewLeaf[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ entry_id: string; index: string }[]>(KNOWN, [leaves.map(({ id }) => id)]);
    return new Map(rows.map(({ entry_id: id, index }) => [id, Number(index)]));
  }

  private async write(tx: EntityManager, leaves: readonly NewLeaf[], places: Map<string, number>): Promise<void> {
    const { size } = await this.head(tx);
    const wanted = perfectSubtrees(size).filter(() => size > 0);
    const edge = await this.nodes(tx, wanted);
    let frontier = Frontier.of(
      size,
      wanted.map((node) => hashOf(edge, node)),
    );
    const added: Node[] = [];
    const completed = new Map(edge.map((node) => [`${node.level}/${node.index}`, node.hash]));
    for (const [at, { id, leaf }] of leaves.entries()) {
      const index = size + at;
      const hash = leafHash(Buffer.from(leaf));
      places.set(id, index);
      frontier = frontier.append(hash);
      added.push(...completedBy(index, hash, completed));
    }
    await tx.query(ADD_ENTRIES, [
      leaves.map((_, at) => size + at),
      leaves.map(({ id }) => id),
      leaves.map(({ leaf }) => leaf),
    ]);
    await tx.query(ADD_NODES, [
      added.map(({ level }) => level),
      added.map(({ index }) => index),
      added.map(({ hash }) => hash),
    ]);
    const root = frontier.root();
    await tx.query(ADD_HEAD, [frontier.size, root, this.key.sign(frontier.size, root)]);
  }

  private async nodes(tx: EntityManager, wanted: readonly Omit<Node, 'hash'>[]): Promise<Node[]> {
    if (wanted.length === 0) return [];
    const rows = await tx.query<{ level: number; index: string; hash: Buffer }[]>(NODES, [
      wanted.map(({ level }) => level),
      wanted.map(({ index }) => index),
    ]);
    return rows.map(({ level, index, hash }) => ({ level, index: Number(index), hash }));
  }
}

/** The subtrees that are whole once leaf `index` is there: its own hash, and each parent whose right child it ends. */
function completedBy(index: number, leaf: Hash, known: Map<string, Hash>): Node[] {
  const nodes: Node[] = [{ level: 0, index, hash: leaf }];
  known.set(`0/${index}`, leaf);
  let hash = leaf;
  for (let level = 0, at = index; at % 2 === 1; level += 1, at = (at - 1) / 2) {
    const left = known.get(`${level}/${at - 1}`);
    if (!left) throw new Error(`The log lacks the hash of subtree ${level}/${at - 1}.`);
    hash = nodeHash(left, hash);
    nodes.push({ level: level + 1, index: (at - 1) / 2, hash });
    known.set(`${level + 1}/${(at - 1) / 2}`, hash);
  }
  return nodes;
}

function hashOf(nodes: readonly Node[], { level, index }: Omit<Node, 'hash'>): Hash {
  const node = nodes.find((one) => one.level === level && one.index === index);
  if (!node) throw new Error(`The log lacks the hash of subtree ${level}/${index}.`);
  return node.hash;
}

const unique = (leaves: readonly NewLeaf[]): NewLeaf[] => [...new Map(leaves.map((leaf) => [leaf.id, leaf])).values()];
