import { BeforeApplicationShutdown, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { readCheckpoint } from '#libs/audit-proof/signed-note';
import { bundlePath, TILE_WIDTH, tilePath, TileRef, widthOf, writeBundle } from '#libs/audit-proof/tiles';
import { ChartlyError, Conflict } from '#libs/errors/errors';
import { ObjectStore } from '#libs/objects/object-store';
import { Periodic } from '#libs/queue/periodic';
import { Handovers } from './handovers';
import { Tiles } from './tiles';

/** One process mirrors at a time. */
const TURN = `SELECT pg_try_advisory_xact_lock(hashtextextended('audit.mirror', 0)) AS mine`;

/** The largest head that is not too far beyond, so that a long way is gone in steps that each end with a checkpoint. */
const NEXT_HEAD = `
  SELECT c.size, coalesce(h.note, c.note) AS note
    FROM audit.checkpoints c
    LEFT JOIN audit.handovers h USING (size)
   WHERE c.size > $1
     AND c.size <= greatest($1 + $2, (SELECT min(size) FROM audit.checkpoints WHERE size > $1))
   ORDER BY c.size DESC
   LIMIT 1`;

const ROOT = `SELECT root FROM audit.checkpoints WHERE size = $1`;

const LEAVES = `SELECT leaf FROM audit.entries WHERE index >= $1 AND index < $2 ORDER BY index`;

/** Where the mirror lies in the object store. */
export const MIRROR_ROOT = 'audit';
const CHECKPOINT = `${MIRROR_ROOT}/checkpoint`;
const HANDOVERS = `${MIRROR_ROOT}/handovers.json`;
const CHECKPOINT_MAX_BYTES = 64 * 1024;
const EVERY_MS = 1_000;
/** Entries in one step: 64 bundles. */
const STEP = 64 * TILE_WIDTH;

/**
 * Keeps the log as static files in the object store (C2SP tlog-tiles): `audit/checkpoint`, tiles of hashes and bundles
 * of entries. Whoever can read them verifies the log without any server of ours. The checkpoint comes last, so that all
 * that it promises is there. Files of another log are left as they are: they may be the only proof that this one was put
 * back to an earlier state.
 */
@Injectable()
export class Mirror implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly turns = new Periodic('AuditMirror', EVERY_MS, () => this.catchUp());
  private stopping = false;

  constructor(
    private readonly database: DataSource,
    private readonly tiles: Tiles,
    private readonly objects: ObjectStore,
    private readonly handovers: Handovers,
  ) {}

  onApplicationBootstrap(): void {
    this.turns.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.turns.stop();
  }

  /**
   * Mirrors what was appended since; gives the size that is mirrored then. Throws Conflict `audit.mirror_forked` when what
   * is mirrored is not the beginning of this log.
   */
  async catchUp(): Promise<number> {
    for (;;) {
      const { size, more } = await this.database.transaction((tx) => this.step(tx));
      if (!more || this.stopping) return size;
    }
  }

  private async step(tx: EntityManager): Promise<{ size: number; more: boolean }> {
    const [turn] = await tx.query<{ mine: boolean }[]>(TURN);
    const from = await this.mirrored(tx);
    if (!turn?.mine) return { size: from, more: false };
    const [head] = await tx.query<{ size: string; note: string }[]>(NEXT_HEAD, [from, STEP]);
    if (!head) return { size: from, more: false };
    const to = Number(head.size);
    await this.mirrorEntries(tx, from, to);
    for (let level = 0; TILE_WIDTH ** level <= to; level += 1) await this.mirrorLevel(tx, level, from, to);
    await this.mirrorHandovers(tx, from, to);
    await this.objects.put(CHECKPOINT, Buffer.from(head.note));
    return { size: to, more: true };
  }

  /** The size of the checkpoint in the store: 0 when there is none. */
  private async mirrored(tx: EntityManager): Promise<number> {
    const note = await this.readNote();
    if (note === undefined) return 0;
    const mirrored = readCheckpoint(note);
    const [row] = await tx.query<{ root: Buffer }[]>(ROOT, [mirrored?.size ?? 0]);
    if (mirrored && row?.root.equals(mirrored.root)) return mirrored.size;
    throw new Conflict(
      'audit.mirror_forked',
      `The ${mirrored?.size ?? 'unreadable number of'} entries mirrored under "${MIRROR_ROOT}/" in the object store are not the beginning of this log: a backup was put back, or the files are another log's. Nothing is mirrored or sealed until that folder is moved elsewhere; keep it, it proves what was logged.`,
    );
  }

  private async readNote(): Promise<string | undefined> {
    try {
      return (await this.objects.read(CHECKPOINT, { maxBytes: CHECKPOINT_MAX_BYTES })).toString('utf8');
    } catch (thrown) {
      if (thrown instanceof ChartlyError && thrown.code === 'object.unknown') return undefined;
      throw thrown;
    }
  }

  private async mirrorHandovers(tx: EntityManager, from: number, to: number): Promise<void> {
    const handovers = await this.handovers.upTo(to, tx);
    if (!handovers.some(({ size }) => size > from)) return;
    await this.objects.put(HANDOVERS, Buffer.from(JSON.stringify(handovers.map(({ note, leaf }) => ({ note, leaf })))));
  }

  private async mirrorEntries(tx: EntityManager, from: number, to: number): Promise<void> {
    for (const { index, width } of tilesBetween(0, from, to)) {
      const first = index * TILE_WIDTH;
      const rows = await tx.query<{ leaf: string }[]>(LEAVES, [first, first + width]);
      if (rows.length === 0 && width === TILE_WIDTH) continue; // sealed before this mirror was begun: its tile of hashes stands in
      const bundle = writeBundle(rows.map(({ leaf }) => Buffer.from(leaf)));
      await this.keep(bundlePath({ index, width }), bundle, width);
    }
  }

  private async mirrorLevel(tx: EntityManager, level: number, from: number, to: number): Promise<void> {
    for (const tile of tilesBetween(level, from, to)) {
      await this.keep(tilePath(tile), (await this.tiles.read(tile, tx)).hashes, tile.width);
    }
  }

  /** A full tile takes the place of the partial ones that grew to it. */
  private async keep(path: string, bytes: Buffer, width: number): Promise<void> {
    await this.objects.put(`${MIRROR_ROOT}/${path}`, bytes);
    if (width < TILE_WIDTH) return;
    for await (const { key } of this.objects.all(`${MIRROR_ROOT}/${path}.p/`)) await this.objects.delete(key);
  }
}

/** The tiles of a level that differ between a log of `from` entries and one of `to`. */
function tilesBetween(level: number, from: number, to: number): TileRef[] {
  const tiles: TileRef[] = [];
  for (let index = Math.floor(from / TILE_WIDTH ** (level + 1)); ; index += 1) {
    const width = widthOf(level, index, to);
    if (width === 0) return tiles;
    if (width > widthOf(level, index, from)) tiles.push({ level, index, width });
  }
}
