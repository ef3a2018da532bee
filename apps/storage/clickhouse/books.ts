import { DataSource, EntityManager } from 'typeorm';
import { IMPORT_PREFIX } from '#libs/contracts/append-id';
import { DatasetRef } from '#libs/contracts/columns';
import { AppendReceipt, DatasetTotals, RollupRef } from '#libs/contracts/storage.contract';
import { digestOf } from '#libs/documents/canonical';
import { Conflict, NotFound, Unavailable } from '#libs/errors/errors';
import { Dataset } from '../dataset';
import { Rollup } from '../rollup';
import { DatasetLocks } from './dataset-locks';

export interface BookedRollup {
  readonly id: number;
  readonly definition: Rollup;
  /** The last build that is complete; a reader takes of each bucket the newest up to it. */
  readonly lastBuild: bigint;
}

/** A dataset as one snapshot of the books has it: which rows of ClickHouse count. */
export interface Snapshot {
  readonly id: number;
  readonly definition: Dataset;
  /** Rows of later appends are not there yet. */
  readonly lastAppend: bigint;
  /** Appends whose rows do not count: unfinished, dead or replaced. */
  readonly hidden: readonly bigint[];
  /** Rows before it are kept no more. */
  readonly keptFromUs?: bigint;
  /** Appends that never counted: what they took the place of counts still. */
  readonly undone: readonly bigint[];
  /** Another text whenever rows came, went or changed their form, or a rollup became another. */
  readonly version: string;
  readonly rollups: ReadonlyMap<string, BookedRollup>;
}

export interface OpenAppend {
  readonly appendNo: bigint;
  readonly appendId: string;
  readonly came: number;
  readonly replaces: readonly string[];
}

export interface EndedAppend {
  readonly appendNo: bigint;
  readonly receipt: AppendReceipt;
}

const SNAPSHOT = `
  SELECT d.id, d.definition, d.last_append, d.kept_from_us,
         (SELECT count(*) FROM storage.removals WHERE dataset_id = d.id) AS removals,
         coalesce((SELECT json_agg(append_no::text) FROM storage.appends
                    WHERE dataset_id = d.id AND state <> 'stored' AND NOT purged), '[]') AS hidden,
         coalesce((SELECT json_agg(append_no::text) FROM storage.appends
                    WHERE dataset_id = d.id AND state IN ('open', 'dead') AND NOT purged), '[]') AS undone,
         coalesce((SELECT json_agg(json_build_object('id', id, 'definition', definition, 'lastBuild', last_build::text))
                     FROM storage.rollups WHERE dataset_id = d.id), '[]') AS rollups
  FROM storage.datasets d WHERE d.project = $1 AND d.dataset = $2`;

const RECEIPTS = `
  SELECT append_id, state, stored, merged, stale, duplicate, replaced
  FROM storage.appends WHERE dataset_id = $1 AND append_id = ANY($2) AND state <> 'dead'`;

const OPEN_INTENTS = `
  SELECT append_no, append_id, came, replaces FROM storage.appends
  WHERE dataset_id = $1 AND state = 'open' ORDER BY append_no`;

const NUMBER = `UPDATE storage.datasets SET last_append = last_append + $2 WHERE id = $1 RETURNING last_append`;

const INTEND = `
  INSERT INTO storage.appends (dataset_id, append_no, append_id, state, came, replaces, epoch)
  VALUES ($1, $2, $3, 'open', $4, $5, $6)`;

const STORE = `
  UPDATE storage.appends
     SET state = 'stored', stored = $3, merged = $4, stale = $5, duplicate = $6, replaced = $7, ended_at = clock_timestamp()
   WHERE dataset_id = $1 AND append_no = $2 AND state = 'open' RETURNING 1`;

const BURY = `
  UPDATE storage.appends SET state = 'dead', ended_at = clock_timestamp()
   WHERE dataset_id = $1 AND append_no = ANY($2) AND state = 'open'`;

const REPLACE = `
  UPDATE storage.appends SET state = 'replaced', ended_at = clock_timestamp()
   WHERE dataset_id = $1 AND append_id = ANY($2) AND state = 'stored'`;

const FENCE = `
  INSERT INTO storage.appends (dataset_id, append_no, append_id, state, came, epoch, purged)
  VALUES ($1, $2, $3, 'fenced', 0, 0, true)`;

const CAME = `SELECT append_id FROM storage.appends WHERE dataset_id = $1 AND append_id = ANY($2) AND state <> 'dead'`;

const STORED_NUMBERS = `
  SELECT append_no FROM storage.appends WHERE dataset_id = $1 AND append_id = ANY($2) AND state = 'stored'`;

const DIRTY = `INSERT INTO storage.dirty (rollup_id, bucket) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING`;

const REMOVED = `INSERT INTO storage.removals (dataset_id, kind, removed, cause) VALUES ($1, $2, $3, $4)`;

const KEPT_FROM = `UPDATE storage.datasets SET kept_from_us = $2 WHERE id = $1`;

const ERASE = `
  INSERT INTO storage.removals (dataset_id, kind, removed, cause, up_to) VALUES ($1, 'erased', $2, $3, $4)`;

const ERASED = `
  SELECT removed, up_to FROM storage.removals WHERE dataset_id = $1 AND kind = 'erased' AND cause = $2`;

const TOTALS = `
  SELECT (SELECT coalesce(sum(stored), 0) FROM storage.appends WHERE dataset_id = $1) AS stored,
         (SELECT coalesce(sum(stored), 0) FROM storage.appends
           WHERE dataset_id = $1 AND starts_with(append_id, '${IMPORT_PREFIX}')) AS imported,
         (SELECT coalesce(sum(removed), 0) FROM storage.removals WHERE dataset_id = $1 AND kind = 'expired') AS expired,
         (SELECT coalesce(sum(removed), 0) FROM storage.removals WHERE dataset_id = $1 AND kind = 'erased') AS erased,
         (SELECT coalesce(sum(removed), 0) FROM storage.removals WHERE dataset_id = $1 AND kind = 'replaced') AS replaced`;

const DIRTY_IN = `
  SELECT bucket FROM storage.dirty WHERE rollup_id = $1 AND bucket >= $2::numeric AND bucket < $3::numeric ORDER BY bucket`;

const PURGEABLE = `
  SELECT append_no FROM storage.appends
  WHERE dataset_id = $1 AND state IN ('dead', 'replaced') AND NOT purged AND ended_at < clock_timestamp() - $2::interval`;

const DEAD = `
  SELECT append_no FROM storage.appends WHERE dataset_id = $1 AND append_no = ANY($2) AND state = 'dead'`;

const PURGED = `UPDATE storage.appends SET purged = true WHERE dataset_id = $1 AND append_no = ANY($2)`;

interface SnapshotRow {
  readonly id: number;
  readonly definition: Dataset;
  readonly last_append: string;
  readonly removals: string;
  readonly kept_from_us: string | null;
  readonly hidden: string[];
  readonly undone: string[];
  readonly rollups: { id: number; definition: Rollup; lastBuild: string }[];
}

interface AppendRow {
  readonly append_id: string;
  readonly state: string;
  readonly stored: string;
  readonly merged: string;
  readonly stale: string;
  readonly duplicate: string;
  readonly replaced: string;
}

/**
 * What counts, kept in Postgres beside rows that ClickHouse cannot write in one transaction: an append is an intent
 * until its receipt, its dirty buckets and what it replaced commit together.
 */
export class Books {
  private readonly locks: DatasetLocks;

  constructor(readonly database: DataSource) {
    this.locks = new DatasetLocks(database);
  }

  /** Throws NotFound `dataset.unknown`. */
  async snapshot(ref: DatasetRef, tx: EntityManager = this.database.manager): Promise<Snapshot> {
    const found = await this.find(ref, tx);
    if (!found) {
      throw new NotFound('dataset.unknown', `There is no dataset "${ref.dataset}" in project "${ref.project}".`);
    }
    return found;
  }

  /** Every dataset of a project, as the books have them. */
  async tables(project: string, tx?: EntityManager): Promise<Snapshot[]> {
    const own = (await this.all(tx)).filter((ref) => ref.project === project);
    const snapshots: Snapshot[] = [];
    for (const ref of own) snapshots.push(await this.snapshot(ref, tx));
    return snapshots;
  }

  async find(
    { project, dataset }: DatasetRef,
    tx: EntityManager = this.database.manager,
  ): Promise<Snapshot | undefined> {
    const [row] = await tx.query<SnapshotRow[]>(SNAPSHOT, [project, dataset]);
    if (!row) return undefined;
    return {
      id: row.id,
      definition: row.definition,
      lastAppend: BigInt(row.last_append),
      hidden: row.hidden.map(BigInt),
      undone: row.undone.map(BigInt),
      ...(row.kept_from_us === null ? {} : { keptFromUs: BigInt(row.kept_from_us) }),
      version: digestOf([
        row.id,
        row.definition.schemaVersion,
        row.last_append,
        row.hidden,
        row.removals,
        row.kept_from_us,
        row.rollups.map(({ id }) => id).sort((one, other) => one - other),
      ]),
      rollups: new Map(
        row.rollups.map(({ id, definition, lastBuild }) => [
          definition.name,
          { id, definition, lastBuild: BigInt(lastBuild) },
        ]),
      ),
    };
  }

  /** Throws NotFound `rollup.unknown`. */
  rollup(snapshot: Snapshot, ref: RollupRef): BookedRollup {
    const rollup = snapshot.rollups.get(ref.rollup);
    if (!rollup) throw new NotFound('rollup.unknown', `Dataset "${ref.dataset}" has no rollup "${ref.rollup}".`);
    return rollup;
  }

  /** Lets one writer at a time have a dataset. */
  alone<T>(dataset: string, work: () => Promise<T>): Promise<T> {
    return this.locks.alone(dataset, work);
  }

  /** What several questions to the books say of one moment. */
  atOnce<T>(ask: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction('REPEATABLE READ', ask);
  }

  /** Throws Conflict `append.replaced` for one that was replaced before it came. */
  async receipts(id: number, appendIds: readonly string[]): Promise<Map<string, AppendReceipt>> {
    const rows = await this.database.query<AppendRow[]>(RECEIPTS, [id, appendIds]);
    const fenced = rows.find(({ state }) => state === 'fenced');
    if (fenced) {
      throw new Conflict(
        'append.replaced',
        `Append "${fenced.append_id}" was replaced by another before it came; nothing of it was stored.`,
      );
    }
    return new Map(
      rows
        .filter(({ state }) => state !== 'open')
        .map((row) => [
          row.append_id,
          {
            appendId: row.append_id,
            stored: Number(row.stored),
            merged: Number(row.merged),
            stale: Number(row.stale),
            duplicate: Number(row.duplicate),
            replaced: Number(row.replaced),
          },
        ]),
    );
  }

  async openIntents(id: number): Promise<OpenAppend[]> {
    const rows = await this.database.query<
      { append_no: string; append_id: string; came: string; replaces: string[] }[]
    >(OPEN_INTENTS, [id]);
    return rows.map(({ append_no, append_id, came, replaces }) => ({
      appendNo: BigInt(append_no),
      appendId: append_id,
      came: Number(came),
      replaces,
    }));
  }

  /** Writes down what is about to be inserted, and gives each its number. */
  intend(
    id: number,
    appends: readonly { appendId: string; epoch: number; came: number; replaces: readonly string[] }[],
  ): Promise<OpenAppend[]> {
    return this.database.transaction(async (tx) => {
      const [[row]] = await tx.query<[{ last_append: string }[], number]>(NUMBER, [id, appends.length]);
      const first = BigInt(row!.last_append) - BigInt(appends.length); // the dataset is there
      const open: OpenAppend[] = [];
      for (const [at, { appendId, epoch, came, replaces }] of appends.entries()) {
        const appendNo = first + BigInt(at) + 1n;
        await tx.query(INTEND, [id, appendNo.toString(), appendId, came, replaces, epoch]);
        open.push({ appendNo, appendId, came, replaces });
      }
      return open;
    });
  }

  /** Numbers of the stored appends among these ids. */
  async storedNumbers(id: number, appendIds: readonly string[]): Promise<bigint[]> {
    if (appendIds.length === 0) return [];
    const rows = await this.database.query<{ append_no: string }[]>(STORED_NUMBERS, [id, appendIds]);
    return rows.map(({ append_no }) => BigInt(append_no));
  }

  /** From now on the appends count, and what they replaced does not. Throws Unavailable when another writer took over. */
  async commit(
    id: number,
    appends: readonly EndedAppend[],
    replaces: readonly string[],
    dirt: ReadonlyMap<number, ReadonlySet<number>>,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      for (const { appendNo, receipt } of appends) {
        const { stored, merged, stale, duplicate, replaced } = receipt;
        const counts = [stored, merged, stale, duplicate, replaced];
        const [done] = await tx.query<[unknown[], number]>(STORE, [id, appendNo.toString(), ...counts]);
        if (done.length === 0) {
          throw new Unavailable('storage.fenced', 'Another process took this append over. Try again.', {
            retryAfterMs: 100,
          });
        }
        if (replaced > 0) await tx.query(REMOVED, [id, 'replaced', replaced, receipt.appendId]);
      }
      if (replaces.length > 0) {
        await tx.query(REPLACE, [id, replaces]);
        await fenceOff(tx, id, replaces);
      }
      await markDirty(tx, dirt);
    });
  }

  /** The appends never counted and never will. */
  async bury(id: number, appendNos: readonly bigint[]): Promise<void> {
    await this.database.query(BURY, [id, appendNos.map(String)]);
  }

  async totals(id: number): Promise<Omit<DatasetTotals, 'held'>> {
    type Line = 'stored' | 'imported' | 'expired' | 'erased' | 'replaced';
    const [row] = await this.database.query<Record<Line, string>[]>(TOTALS, [id]);
    const { stored, imported, expired, erased, replaced } = row!; // one row
    return {
      stored: Number(stored),
      expired: Number(expired),
      erased: Number(erased),
      replaced: Number(replaced),
      ...(Number(imported) > 0 ? { imported: Number(imported) } : {}),
    };
  }

  /** From now on rows before `from` count no more; `expired` of them did. */
  async expire(id: number, from: bigint, expired: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(KEPT_FROM, [id, from.toString()]);
      if (expired > 0) await tx.query(REMOVED, [id, 'expired', expired, from.toString()]);
    });
  }

  /** What an erasure took out, of appends up to which; undefined for one that has not come yet. */
  async erased(id: number, eraseId: string): Promise<{ readonly erased: number; readonly upTo: bigint } | undefined> {
    const [row] = await this.database.query<{ removed: string; up_to: string }[]>(ERASED, [id, eraseId]);
    return row && { erased: Number(row.removed), upTo: BigInt(row.up_to) };
  }

  async noteErasure(
    { id, lastAppend }: Snapshot,
    eraseId: string,
    erased: number,
    dirt: ReadonlyMap<number, ReadonlySet<number>>,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(ERASE, [id, erased, eraseId, lastAppend.toString()]);
      await markDirty(tx, dirt);
    });
  }

  /** Every dataset there is. */
  all(tx: EntityManager = this.database.manager): Promise<DatasetRef[]> {
    return tx.query('SELECT project, dataset FROM storage.datasets ORDER BY id');
  }

  async dirtyBuckets(
    rollupId: number,
    from: bigint,
    to: bigint,
    tx: EntityManager = this.database.manager,
  ): Promise<number[]> {
    const rows = await tx.query<{ bucket: string }[]>(DIRTY_IN, [rollupId, from.toString(), to.toString()]);
    return rows.map(({ bucket }) => Number(bucket));
  }

  async purgeable(id: number, olderThan: string): Promise<bigint[]> {
    const rows = await this.database.query<{ append_no: string }[]>(PURGEABLE, [id, olderThan]);
    return rows.map(({ append_no }) => BigInt(append_no));
  }

  async deadAmong(id: number, appendNos: readonly bigint[]): Promise<bigint[]> {
    const rows = await this.database.query<{ append_no: string }[]>(DEAD, [id, appendNos.map(String)]);
    return rows.map(({ append_no }) => BigInt(append_no));
  }

  async purged(id: number, appendNos: readonly bigint[]): Promise<void> {
    await this.database.query(PURGED, [id, appendNos.map(String)]);
  }
}

/** Keeps out those that never came. */
async function fenceOff(tx: EntityManager, id: number, appendIds: readonly string[]): Promise<void> {
  const came = await tx.query<{ append_id: string }[]>(CAME, [id, appendIds]);
  const missing = [...new Set(appendIds)].filter((one) => !came.some(({ append_id }) => append_id === one));
  for (const one of missing) {
    const [[row]] = await tx.query<[{ last_append: string }[], number]>(NUMBER, [id, 1]);
    await tx.query(FENCE, [id, row!.last_append, one]); // the dataset is there
  }
}

export async function markDirty(tx: EntityManager, dirt: ReadonlyMap<number, ReadonlySet<number>>): Promise<void> {
  for (const [rollupId, buckets] of dirt) {
    if (buckets.size > 0) await tx.query(DIRTY, [rollupId, [...buckets]]);
  }
}
