import { DataSource } from 'typeorm';
import { DatasetRef } from '#libs/contracts/columns';
import { QueryPlan, QueryRows } from '#libs/contracts/query-plan';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import {
  AppendBatch,
  AppendReceipt,
  DatasetProblems,
  DatasetTotals,
  InstallDataset,
  InstalledDataset,
  InstallRollup,
  ListRollups,
  MaterializedRollup,
  MaterializeRollup,
  RollupRef,
  RollupStates,
} from '#libs/contracts/storage.contract';
import { CheckedPlan, checkPlan } from '../checked-plan';
import { qualifiedName } from '../dataset';
import { runsOf } from '../duckdb/dirty-buckets';
import { EventStore } from '../event-store';
import { findPlan } from '../find-plan';
import { answerRow } from './answer';
import { BookedRollup, Books } from './books';
import { ClickHouse, ClickHouseOptions } from './click-house';
import { DatasetWriter } from './dataset-writer';
import { Definitions } from './definitions';
import { materializeRollup } from './materialize';
import { planSql, PlanSource } from './plan-sql';
import { SqlValues } from './sql-values';
import { quoted, rowsTable } from './tables';
import { countsSql, liveRows, liveSql } from './visible';
import { WaitingAppends } from './waiting-appends';

const RUNS_MAX = 16;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const ROLLUPS = `
  SELECT d.project, d.dataset, r.name AS rollup,
         (SELECT count(*) FROM storage.dirty WHERE rollup_id = r.id)::int AS "dirtyBuckets"
  FROM storage.rollups r JOIN storage.datasets d ON d.id = r.dataset_id
  WHERE $1::text IS NULL OR d.project = $1
  ORDER BY d.project, d.dataset, r.name`;

const APPEND_IDS = `SELECT append_no, append_id FROM storage.appends WHERE dataset_id = $1 AND append_no = ANY($2)`;

/** Events in ClickHouse, their books in Postgres: ClickHouse has no transaction that both could share. */
export class ClickHouseEventStore extends EventStore {
  private readonly clickHouse: ClickHouse;
  private readonly books: Books;
  private readonly definitions: Definitions;
  private readonly appends: WaitingAppends;

  constructor(options: ClickHouseOptions, database: DataSource) {
    super();
    this.clickHouse = new ClickHouse(options);
    this.books = new Books(database);
    this.definitions = new Definitions(this.clickHouse, this.books);
    const writer = new DatasetWriter(this.clickHouse, this.books);
    this.appends = new WaitingAppends((batches) => {
      const [first] = batches;
      return this.alone(first!, () => writer.write(first!, batches)); // a group has one
    });
  }

  checkDataset(request: InstallDataset): Promise<DatasetProblems> {
    return this.definitions.checkDataset(request);
  }

  installDataset(request: InstallDataset): Promise<InstalledDataset> {
    return this.alone(request, () => this.definitions.installDataset(request));
  }

  installRollup(request: InstallRollup): Promise<void> {
    return this.alone(request, () => this.definitions.installRollup(request));
  }

  removeRollup(request: RollupRef): Promise<void> {
    return this.alone(request, () => this.definitions.removeRollup(request));
  }

  append(batch: AppendBatch): Promise<AppendReceipt> {
    return this.appends.add(batch);
  }

  async rollups({ project }: ListRollups): Promise<RollupStates> {
    return { rollups: await this.books.database.query(ROLLUPS, [project ?? null]) };
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    return this.alone(request, async () => {
      const snapshot = await this.books.snapshot(request);
      const rollup = this.books.rollup(snapshot, request);
      return materializeRollup(this.clickHouse, this.books, snapshot, rollup, request.maxBuckets);
    });
  }

  async query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    const snapshot = await this.books.snapshot(plan);
    const rollup =
      plan.rollup === undefined ? undefined : this.books.rollup(snapshot, { ...plan, rollup: plan.rollup });
    const checked = checkPlan(plan, snapshot.definition, rollup?.definition);
    const dirty = rollup && (await this.dirtyIn(rollup, checked));
    const source: PlanSource = {
      rows: liveRows(snapshot),
      ...(rollup && dirty ? { rollup: { ...rollup, dirtyBuckets: dirty, dirtyRuns: runsOf(dirty, 1, RUNS_MAX) } } : {}),
    };
    const { sql, values } = planSql(checked, source);
    const rows = await this.clickHouse.rows(sql, values, signal);
    return {
      columns: [...checked.columns],
      rows: rows.slice(0, checked.limit).map((row) => answerRow(row, checked.columns)),
      truncated: rows.length > checked.limit,
      repairedBuckets: dirty?.length ?? 0,
      asOf: new Date().toISOString(),
    };
  }

  async find(request: FindRows, signal?: AbortSignal): Promise<FoundRows> {
    const snapshot = await this.books.snapshot(request);
    const plan = findPlan(snapshot.definition, request);
    const values = new SqlValues();
    const conditions = plan.filters.map(
      ({ column, values: [value] }) => `${quoted(column)} = ${values.compared(value!)}`, // each compares with one
    );
    const sql = `
      SELECT _append, _row, ${plan.columns.map(({ name }) => quoted(name)).join(', ')}
      FROM ${liveRows(snapshot)} WHERE ${conditions.join(' AND ')}
      ORDER BY ${quoted(snapshot.definition.time)} DESC LIMIT ${plan.limit}`;
    const rows = await this.clickHouse.rows(sql, values, signal);
    const numbers = rows.map(([appendNo]) => String(appendNo));
    const known = await this.books.database.query<{ append_no: string; append_id: string }[]>(APPEND_IDS, [
      snapshot.id,
      numbers,
    ]);
    const idOf = new Map(known.map(({ append_no, append_id }) => [append_no, append_id]));
    return {
      columns: [...plan.columns],
      rows: rows.map((row) => answerRow(row.slice(2), plan.columns)),
      origins: rows.map(([appendNo, row]) => ({ appendId: idOf.get(String(appendNo)) ?? '', row: Number(row) })),
    };
  }

  async totals(request: DatasetRef): Promise<DatasetTotals> {
    const snapshot = await this.books.snapshot(request);
    const { stored, expired, erased, replaced } = await this.books.totals(snapshot.id);
    const live = liveSql(snapshot);
    const sql = `SELECT countIf(${live}), countIf(NOT (${live})) FROM ${rowsTable(snapshot.id)} WHERE ${countsSql(snapshot)}`;
    const [row] = await this.clickHouse.rows(sql);
    const [held, deleted] = (row ?? []).map(Number);
    return { stored, held: held ?? 0, expired, erased: erased + (deleted ?? 0), replaced };
  }

  async ready(): Promise<boolean> {
    return this.clickHouse.ping();
  }

  async close(): Promise<void> {
    await this.appends.settled();
    await this.clickHouse.close();
  }

  private alone<T>(ref: DatasetRef, work: () => Promise<T>): Promise<T> {
    return this.books.alone(qualifiedName(ref), work);
  }

  private dirtyIn({ id, definition }: BookedRollup, { fromUs, toUs }: CheckedPlan): Promise<number[]> {
    const widthUs = BigInt(definition.bucketMs) * 1_000n;
    const from = fromUs === undefined ? INT64_MIN : ceiling(fromUs, widthUs);
    return this.books.dirtyBuckets(id, from, toUs === undefined ? INT64_MAX : ceiling(toUs, widthUs));
  }
}

function ceiling(value: bigint, width: bigint): bigint {
  const below = ((value % width) + width) % width;
  return (value - below) / width + (below === 0n ? 0n : 1n);
}
