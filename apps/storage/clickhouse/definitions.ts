import { EntityManager } from 'typeorm';
import { bucketOf } from '#libs/calendar/bucket';
import {
  DatasetProblems,
  InstallDataset,
  InstalledDataset,
  InstallRollup,
  RollupRef,
} from '#libs/contracts/storage.contract';
import { bucketsOfSpans } from '../dirty-buckets';
import { evolve, problemsOf } from '../dataset';
import { rollupOf, sameRollup } from '../rollup';
import { spanOf, spansSql } from './bucket-sql';
import { BookedRollup, Books, markDirty, Snapshot } from './books';
import { ClickHouse } from './click-house';
import {
  addColumn,
  buildsTable,
  createBuilds,
  createRollup,
  createRows,
  createSuperseded,
  dropTable,
  rollupTable,
  rowsTable,
  widenColumn,
} from './tables';
import { liveRows } from './visible';

const INSERT_DATASET = `
  INSERT INTO storage.datasets (project, dataset, definition) VALUES ($1, $2, $3)
  ON CONFLICT (project, dataset) DO UPDATE SET definition = EXCLUDED.definition RETURNING id`;
const INSERT_ROLLUP = `INSERT INTO storage.rollups (dataset_id, name, definition) VALUES ($1, $2, $3) RETURNING id`;
const DELETE_ROLLUP = `DELETE FROM storage.rollups WHERE id = $1`;

/** Changes what datasets and rollups there are. Call each change alone for its dataset. */
export class Definitions {
  constructor(
    private readonly clickHouse: ClickHouse,
    private readonly books: Books,
  ) {}

  async checkDataset(request: InstallDataset): Promise<DatasetProblems> {
    const kept = await this.books.find(request);
    return problemsOf(kept?.definition, request, kept !== undefined && (await this.hasRows(kept)));
  }

  async installDataset(request: InstallDataset): Promise<InstalledDataset> {
    const kept = await this.books.find(request);
    const { dataset, added, widened } = evolve(
      kept?.definition,
      request,
      kept !== undefined && (await this.hasRows(kept)),
    );
    const installed = { schemaVersion: dataset.schemaVersion, added: added.map(({ name }) => name) };
    if (dataset === kept?.definition) return installed;
    await this.books.database.transaction(async (tx) => {
      const values = [dataset.project, dataset.dataset, JSON.stringify(dataset)];
      const [row] = await tx.query<{ id: number }[]>(INSERT_DATASET, values);
      const { id } = row!; // inserted or there
      if (!kept) {
        await this.clickHouse.command(createRows(id, dataset, this.clickHouse));
        await this.clickHouse.command(createSuperseded(id, this.clickHouse));
        return;
      }
      for (const column of added) await this.clickHouse.command(addColumn(id, dataset, column));
      for (const column of widened) await this.clickHouse.command(widenColumn(id, dataset, column));
      const names = new Set(widened.map(({ name }) => name));
      for (const rollup of kept.rollups.values()) {
        const { by, measures } = rollup.definition;
        const uses = by.some((name) => names.has(name)) || measures.some(({ column }) => names.has(column ?? ''));
        if (!uses) continue;
        await this.drop(rollup, tx);
        await this.begin({ ...kept, definition: dataset }, rollup.definition, tx);
      }
    });
    return installed;
  }

  async installRollup(request: InstallRollup): Promise<void> {
    const snapshot = await this.books.snapshot(request);
    const definition = rollupOf(snapshot.definition, request);
    const before = snapshot.rollups.get(request.rollup);
    if (before && sameRollup(before.definition, definition)) return;
    await this.books.database.transaction(async (tx) => {
      if (before) await this.drop(before, tx);
      await this.begin(snapshot, definition, tx);
    });
  }

  async removeRollup(request: RollupRef): Promise<void> {
    const snapshot = await this.books.find(request);
    const rollup = snapshot?.rollups.get(request.rollup);
    if (rollup) await this.books.database.transaction((tx) => this.drop(rollup, tx));
  }

  /** Makes the rollup's tables, with every bucket dirty that has rows. */
  private async begin(snapshot: Snapshot, definition: BookedRollup['definition'], tx: EntityManager): Promise<void> {
    const values = [snapshot.id, definition.name, JSON.stringify(definition)];
    const [row] = await tx.query<{ id: number }[]>(INSERT_ROLLUP, values);
    const { id } = row!; // inserted
    await this.clickHouse.command(createRollup(id, snapshot.definition, definition, this.clickHouse));
    await this.clickHouse.command(createBuilds(id, this.clickHouse));
    const bucket = bucketOf(definition);
    const spans = await this.clickHouse.rows(spansSql(bucket, snapshot.definition.time, liveRows(snapshot)));
    await markDirty(tx, new Map([[id, bucketsOfSpans(bucket, spans.map(spanOf))]]));
  }

  /** The books forget it first: a table that stays behind after a crash is in nobody's way, since ids are not used again. */
  private async drop({ id }: BookedRollup, tx: EntityManager): Promise<void> {
    await tx.query(DELETE_ROLLUP, [id]);
    await this.clickHouse.command(dropTable(rollupTable(id), this.clickHouse));
    await this.clickHouse.command(dropTable(buildsTable(id), this.clickHouse));
  }

  private async hasRows({ id }: Snapshot): Promise<boolean> {
    return (await this.clickHouse.rows(`SELECT 1 FROM ${rowsTable(id)} LIMIT 1`)).length > 0;
  }
}
