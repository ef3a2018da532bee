import { DuckDBConnection } from '@duckdb/node-api';
import {
  DatasetProblems,
  InstallDataset,
  InstalledDataset,
  InstallRollup,
  RollupRef,
} from '#libs/contracts/storage.contract';
import { bucketOf } from '#libs/calendar/bucket';
import { ColumnDef } from '#libs/contracts/columns';
import { columnNamed, Dataset, evolve, Evolution, problemsOf } from '../dataset';
import { BUCKET, Rollup, rollupOf, sameRollup } from '../rollup';
import { bucketsOfRows } from './buckets-of-rows';
import { Catalog, KeptDataset, KeptRollup, touch } from './catalog';
import { duckType, measureSqlType } from './column-types';
import { markDirty } from './dirt';
import { APPEND, DATASETS, DIRTY, quoted, ROLLUPS, ROW } from './identifiers';
import { inTransaction, rowsOf } from './transaction';

const INSERT_DATASET = `INSERT INTO ${DATASETS.sql} (id, project, dataset, definition) VALUES ($1, $2, $3, $4)`;
const UPDATE_DATASET = `UPDATE ${DATASETS.sql} SET definition = $2 WHERE id = $1`;
const INSERT_ROLLUP = `INSERT INTO ${ROLLUPS.sql} VALUES ($1, $2, $3, $4)`;
const DELETE_ROLLUP = `DELETE FROM ${ROLLUPS.sql} WHERE id = $1`;
const DELETE_DIRT = `DELETE FROM ${DIRTY.sql} WHERE rollup_id = $1`;

/** Changes what datasets and rollups there are. Each change is one transaction; the caller lets no append run beside it. */
export class Definitions {
  constructor(
    private readonly connection: DuckDBConnection,
    private readonly catalog: Catalog,
  ) {}

  async checkDataset(request: InstallDataset): Promise<DatasetProblems> {
    const kept = this.catalog.find(request);
    return problemsOf(kept?.definition, request, kept !== undefined && (await this.hasRows(kept)));
  }

  async installDataset(request: InstallDataset): Promise<InstalledDataset> {
    const kept = this.catalog.find(request);
    const evolution = evolve(kept?.definition, request, kept !== undefined && (await this.hasRows(kept)));
    const { dataset, added } = evolution;
    if (!kept) await this.createDataset(dataset);
    else if (dataset !== kept.definition) await this.alterDataset(kept, evolution);
    return { schemaVersion: dataset.schemaVersion, added: added.map(({ name }) => name) };
  }

  async installRollup(request: InstallRollup): Promise<void> {
    const dataset = this.catalog.dataset(request);
    const definition = rollupOf(dataset.definition, request);
    const before = dataset.rollups.get(request.rollup);
    if (before && sameRollup(before.definition, definition)) return;
    const rollup = this.catalog.newRollup(dataset, definition);
    await inTransaction(this.connection, async () => {
      if (before) await this.drop(before);
      await this.createRollup(dataset, rollup);
    });
    await this.begin(dataset, rollup);
    touch(dataset);
  }

  async removeRollup(request: RollupRef): Promise<void> {
    const dataset = this.catalog.find(request);
    const rollup = dataset?.rollups.get(request.rollup);
    if (!dataset || !rollup) return;
    await inTransaction(this.connection, () => this.drop(rollup));
    dataset.rollups.delete(request.rollup);
  }

  private async createDataset(dataset: Dataset): Promise<void> {
    const kept = this.catalog.newDataset(dataset);
    await inTransaction(this.connection, async () => {
      await this.connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(kept.table.schema)}`);
      const origin = [`${APPEND} BIGINT`, `${ROW} BIGINT`];
      await this.connection.run(
        `CREATE TABLE ${kept.table.sql} (${[...origin, ...dataset.columns.map(columnSql)].join(', ')})`,
      );
      if (kept.tombstones) {
        const columns = [...origin, ...tombstoneColumns(dataset).map(columnSql)];
        await this.connection.run(`CREATE TABLE ${kept.tombstones.sql} (${columns.join(', ')})`);
      }
      await this.connection.run(INSERT_DATASET, [kept.id, dataset.project, dataset.dataset, JSON.stringify(dataset)]);
    });
    this.catalog.keep(kept);
  }

  private async alterDataset(kept: KeptDataset, { dataset, added, widened }: Evolution): Promise<void> {
    const restarted: KeptRollup[] = [];
    await inTransaction(this.connection, async () => {
      for (const { name, type } of widened) {
        const alter = `ALTER TABLE ${kept.table.sql} ALTER COLUMN ${quoted(name)} TYPE ${duckType(type).toString()}`;
        await this.connection.run(alter);
      }
      for (const column of added)
        await this.connection.run(`ALTER TABLE ${kept.table.sql} ADD COLUMN ${columnSql(column)}`);
      await this.connection.run(UPDATE_DATASET, [kept.id, JSON.stringify(dataset)]);
      const widenedNames = new Set(widened.map(({ name }) => name));
      for (const rollup of kept.rollups.values()) {
        if (!usesAnyOf(rollup.definition, widenedNames)) continue;
        const anew = this.catalog.newRollup({ ...kept, definition: dataset }, rollup.definition);
        await this.drop(rollup);
        await this.createRollup({ ...kept, definition: dataset }, anew);
        restarted.push(anew);
      }
    });
    kept.definition = dataset;
    touch(kept);
    for (const rollup of restarted) await this.begin(kept, rollup);
  }

  /** From now on the committed rollup is known, with the dirt it began with. */
  private async begin(dataset: KeptDataset, rollup: KeptRollup): Promise<void> {
    const sql = `SELECT DISTINCT bucket FROM ${DIRTY.sql} WHERE rollup_id = $1`;
    for (const [bucket] of await rowsOf(this.connection, sql, [rollup.id])) rollup.dirty.add(Number(bucket));
    dataset.rollups.set(rollup.definition.name, rollup);
  }

  private async createRollup(dataset: KeptDataset, rollup: KeptRollup): Promise<void> {
    const { id, table, definition } = rollup;
    const groups = definition.by
      .map((name) => columnNamed(dataset.definition, name))
      .filter((column) => column !== undefined);
    const measures = definition.measures.map(
      (measure) => `${quoted(measure.name)} ${measureSqlType(dataset.definition, measure)}`,
    );
    const columns = [`${quoted(BUCKET)} TIMESTAMP`, ...groups.map(columnSql), ...measures];
    await this.connection.run(`CREATE TABLE ${table.sql} (${columns.join(', ')})`);
    await this.connection.run(INSERT_ROLLUP, [id, dataset.id, definition.name, JSON.stringify(definition)]);
    await markDirty(this.connection, rollup, await bucketsOfRows(this.connection, dataset, bucketOf(definition)));
  }

  private async drop({ id, table }: KeptRollup): Promise<void> {
    await this.connection.run(`DROP TABLE ${table.sql}`);
    await this.connection.run(DELETE_ROLLUP, [id]);
    await this.connection.run(DELETE_DIRT, [id]);
  }

  private async hasRows({ table }: KeptDataset): Promise<boolean> {
    return (await rowsOf(this.connection, `SELECT 1 FROM ${table.sql} LIMIT 1`)).length > 0;
  }
}

/** What of a deleted key stays: its time, its version and itself. */
export function tombstoneColumns({ columns, key, time, identity }: Dataset): ColumnDef[] {
  const names = new Set([time, ...key, ...(identity.by === 'version' ? [identity.version] : [])]);
  return columns.filter(({ name }) => names.has(name));
}

const usesAnyOf = ({ by, measures }: Rollup, names: ReadonlySet<string>): boolean =>
  by.some((name) => names.has(name)) || measures.some(({ column }) => column !== undefined && names.has(column));

/** Nulls are refused before rows come here, so the engine does not look for them once more. */
const columnSql = ({ name, type }: ColumnDef): string => `${quoted(name)} ${duckType(type).toString()}`;
