import { DataSource } from 'typeorm';
import { DatasetRef } from '#libs/contracts/columns';
import { DatasetDescription } from '#libs/contracts/dataset-rows';
import { QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { CheckedSql, ProjectOnly, RunSql, SqlRows, TableVersions } from '#libs/contracts/sql';
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
  RollupState,
  RollupStates,
  VerifiedRollup,
} from '#libs/contracts/storage.contract';
import { descriptionOf, qualifiedName } from '../dataset';
import { EventStore } from '../event-store';
import { OpenStreams, roughBytes } from '../open-streams';
import { Books } from './books';
import { ClickHouse, ClickHouseOptions } from './click-house';
import { DatasetWriter } from './dataset-writer';
import { Definitions } from './definitions';
import { materializeRollup } from './materialize';
import { Questions } from './questions';
import { Removals } from './removals';
import { Statements } from './sql/statements';
import { rowsTable } from './tables';
import { countsSql, liveSql } from './visible';
import { countCleanBuckets, verifyRollup } from './verify-rollup';
import { WaitingAppends } from './waiting-appends';

const ROLLUPS = `
  SELECT d.project, d.dataset, r.name AS rollup,
         (SELECT count(*) FROM storage.dirty WHERE rollup_id = r.id)::int AS "dirtyBuckets"
  FROM storage.rollups r JOIN storage.datasets d ON d.id = r.dataset_id
  WHERE $1::text IS NULL OR d.project = $1
  ORDER BY d.project, d.dataset, r.name`;

interface ClickHouseStoreOptions extends ClickHouseOptions {
  /** The same database as a user that may only read, for the statements of users; the same user when left out. */
  readonly queryUrl?: string;
  /** What a statement may take in the server; 512 MiB when left out. Unit: bytes. */
  readonly sqlMemory?: number;
}

const SQL_MEMORY = 512 * 2 ** 20;

/** Events in ClickHouse, their books in Postgres: ClickHouse has no transaction that both could share. */
export class ClickHouseEventStore extends EventStore {
  private readonly clickHouse: ClickHouse;
  private readonly books: Books;
  private readonly definitions: Definitions;
  private readonly questions: Questions;
  private readonly asking: ClickHouse;
  private readonly statements: Statements;
  private readonly removals: Removals;
  private readonly appends: WaitingAppends;
  private readonly streams = new OpenStreams();

  constructor(options: ClickHouseStoreOptions, database: DataSource) {
    super();
    this.clickHouse = new ClickHouse(options);
    this.books = new Books(database);
    this.definitions = new Definitions(this.clickHouse, this.books);
    this.questions = new Questions(this.clickHouse, this.books);
    this.asking = new ClickHouse({ ...options, url: options.queryUrl ?? options.url });
    this.statements = new Statements(this.asking, this.books, options.sqlMemory ?? SQL_MEMORY);
    this.removals = new Removals(this.clickHouse, this.books);
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

  async describe(request: DatasetRef): Promise<DatasetDescription> {
    return descriptionOf((await this.books.snapshot(request)).definition);
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

  async rollups({ project, progress }: ListRollups): Promise<RollupStates> {
    const rollups = await this.books.database.query<RollupState[]>(ROLLUPS, [project ?? null]);
    if (!progress) return { rollups };
    return { rollups: await Promise.all(rollups.map((state) => this.withProgress(state))) };
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    return this.alone(request, async () => {
      const snapshot = await this.books.snapshot(request);
      const rollup = this.books.rollup(snapshot, request);
      return materializeRollup(this.clickHouse, this.books, snapshot, rollup, request.maxBuckets);
    });
  }

  verifyRollup(request: RollupRef, signal?: AbortSignal): Promise<VerifiedRollup> {
    return verifyRollup(this.clickHouse, this.books, request, signal);
  }

  async tables({ project }: ProjectOnly): Promise<TableVersions> {
    const tables = (await this.books.tables(project)).flatMap(({ definition, rollups, version }) =>
      [definition.dataset, ...rollups.keys()].map((name): [string, string] => [name, version]),
    );
    return { tables: [...new Map(tables)].map(([name, version]) => ({ name, version })) };
  }

  sql(request: RunSql, signal?: AbortSignal): Promise<SqlRows> {
    return this.statements.run(request, signal);
  }

  streamSql(request: CheckedSql, signal?: AbortSignal): AsyncIterable<RowsPart> {
    return this.streams.of(this.statements.stream(request, signal), roughBytes);
  }

  stream(plan: RowsPlan, signal?: AbortSignal): AsyncIterable<RowsPart> {
    return this.streams.of(this.questions.stream(plan, signal), roughBytes);
  }

  query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    return this.questions.query(plan, signal);
  }

  expire(nowUs: bigint): Promise<number> {
    return this.removals.expire(nowUs);
  }

  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.removals.erase(request);
  }

  vacuum(): Promise<void> {
    return this.removals.vacuum();
  }

  find(request: FindRows, signal?: AbortSignal): Promise<FoundRows> {
    return this.questions.find(request, signal);
  }

  async totals(request: DatasetRef): Promise<DatasetTotals> {
    const snapshot = await this.books.snapshot(request);
    const { erased, ...totals } = await this.books.totals(snapshot.id);
    const live = liveSql(snapshot);
    const sql = `SELECT countIf(${live}), countIf(NOT (${live})) FROM ${rowsTable(snapshot.id)} WHERE ${countsSql(snapshot)}`;
    const [row] = await this.clickHouse.rows(sql);
    const [held, deleted] = (row ?? []).map(Number);
    return { ...totals, held: held ?? 0, erased: erased + (deleted ?? 0) };
  }

  async ready(): Promise<boolean> {
    return this.clickHouse.ping();
  }

  async close(): Promise<void> {
    await this.streams.close();
    await this.appends.settled();
    await this.statements.close();
    await Promise.all([this.asking.close(), this.clickHouse.close()]);
  }

  private async withProgress(state: RollupState): Promise<RollupState> {
    return { ...state, cleanBuckets: await countCleanBuckets(this.clickHouse, this.books, state) };
  }

  private alone<T>(ref: DatasetRef, work: () => Promise<T>): Promise<T> {
    return this.books.alone(qualifiedName(ref), work);
  }
}
