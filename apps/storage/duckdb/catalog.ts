import { DuckDBConnection } from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { DatasetRef } from '#libs/contracts/columns';
import { RollupRef } from '#libs/contracts/storage.contract';
import { NotFound } from '#libs/errors/errors';
import { Dataset, qualifiedName } from '../dataset';
import { IdentityMemory } from '../identity-memory';
import { Rollup } from '../rollup';
import {
  DATASETS,
  datasetTable,
  DIRTY,
  RECEIPTS,
  ROLLUPS,
  rollupTable,
  TableName,
  tombstoneTable,
} from './identifiers';
import { rowsOf } from './transaction';

/** A dataset with what the process knows about it beside its definition. */
export interface KeptDataset {
  readonly id: number;
  definition: Dataset;
  readonly table: TableName;
  /** Where the deleted keys are; undefined when no row can delete one. */
  readonly tombstones?: TableName;
  readonly rollups: Map<string, KeptRollup>;
  /** Rows before it are kept no more; in microseconds since 1970 UTC. */
  keptFromUs?: bigint;
  /** Another text after each transaction that changed rows, columns or what a rollup is; {@link touch} makes it so. */
  version: string;
  /** The first and last time held, as of a version; in microseconds since 1970 UTC. */
  bounds?: { readonly version: string; readonly bounds?: { readonly first: bigint; readonly last: bigint } };
  /** Made at the first append; dropped when memory is needed elsewhere. */
  identities?: IdentityMemory;
  /** Which appends have a receipt; made and dropped alike, but later. */
  appends?: IdentityMemory;
}

export interface KeptRollup {
  readonly id: number;
  readonly definition: Rollup;
  readonly table: TableName;
  /**
   * Numbers of the buckets with committed dirt that no materialization has taken up: an append into one of them has
   * nothing more to write.
   */
  readonly dirty: Set<number>;
}

/** Says that a committed transaction changed the dataset, so that answers kept for its version are no more to be given. */
export function touch(dataset: KeptDataset): void {
  dataset.version = newVersion();
}

/** Unlike any other, of this process or another. */
const newVersion = (): string => randomUUID();

/** The definitions of all datasets and rollups, read once: this process alone changes them. */
export class Catalog {
  private readonly datasets = new Map<string, KeptDataset>();
  private lastId = 0;
  private lastAppend = 0;

  static async load(connection: DuckDBConnection): Promise<Catalog> {
    const catalog = new Catalog();
    const byId = new Map<number, KeptDataset>();
    const datasets = await rowsOf(connection, `SELECT id, definition, kept_from FROM ${DATASETS.sql}`);
    for (const [id, definition, keptFrom] of datasets) {
      const kept = catalog.newDataset(JSON.parse(String(definition)) as Dataset, Number(id)); // written by Definitions
      if (typeof keptFrom === 'bigint') kept.keptFromUs = keptFrom;
      byId.set(kept.id, kept);
      catalog.keep(kept);
    }
    const rollups = new Map<number, KeptRollup>();
    const sql = `SELECT id, dataset_id, definition FROM ${ROLLUPS.sql}`;
    for (const [id, datasetId, definition] of await rowsOf(connection, sql)) {
      const dataset = byId.get(Number(datasetId));
      if (!dataset) continue;
      const rollup = catalog.newRollup(dataset, JSON.parse(String(definition)) as Rollup, Number(id)); // written by this file
      rollups.set(rollup.id, rollup);
      dataset.rollups.set(rollup.definition.name, rollup);
    }
    for (const [id, bucket] of await rowsOf(connection, `SELECT DISTINCT rollup_id, bucket FROM ${DIRTY.sql}`)) {
      rollups.get(Number(id))?.dirty.add(Number(bucket));
    }
    const [last] = await rowsOf(connection, `SELECT coalesce(max(append_no), 0) FROM ${RECEIPTS.sql}`);
    catalog.lastAppend = Number(last?.[0] ?? 0);
    return catalog;
  }

  /** The number of the next append: what its rows carry instead of its long id. */
  nextAppend(): number {
    this.lastAppend += 1;
    return this.lastAppend;
  }

  find(ref: DatasetRef): KeptDataset | undefined {
    return this.datasets.get(qualifiedName(ref));
  }

  /** Throws NotFound `dataset.unknown`. */
  dataset(ref: DatasetRef): KeptDataset {
    const kept = this.find(ref);
    if (!kept) {
      throw new NotFound('dataset.unknown', `There is no dataset "${ref.dataset}" in project "${ref.project}".`);
    }
    return kept;
  }

  /** Throws NotFound `dataset.unknown`, `rollup.unknown`. */
  rollup(ref: RollupRef): { dataset: KeptDataset; rollup: KeptRollup } {
    const dataset = this.dataset(ref);
    const rollup = dataset.rollups.get(ref.rollup);
    if (!rollup) throw new NotFound('rollup.unknown', `Dataset "${ref.dataset}" has no rollup "${ref.rollup}".`);
    return { dataset, rollup };
  }

  all(): Iterable<KeptDataset> {
    return this.datasets.values();
  }

  newDataset(definition: Dataset, id = this.lastId + 1): KeptDataset {
    this.lastId = Math.max(this.lastId, id);
    const { identity } = definition;
    const deletes = identity.by === 'version' && identity.deleted !== undefined;
    const tombstones = deletes ? { tombstones: tombstoneTable(definition) } : {};
    return {
      id,
      definition,
      table: datasetTable(definition),
      ...tombstones,
      rollups: new Map(),
      version: newVersion(),
    };
  }

  newRollup(dataset: KeptDataset, definition: Rollup, id = this.lastId + 1): KeptRollup {
    this.lastId = Math.max(this.lastId, id);
    return { id, definition, table: rollupTable(dataset.definition, definition.name, id), dirty: new Set() };
  }

  /** From now on the dataset is known; call it when the change is committed. */
  keep(dataset: KeptDataset): void {
    this.datasets.set(qualifiedName(dataset.definition), dataset);
  }
}
