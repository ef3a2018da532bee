import { DuckDBConnection } from '@duckdb/node-api';
import { aboutUs, bucketOf } from '#libs/calendar/bucket';
import { DatasetRef } from '#libs/contracts/columns';
import { QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { CheckedSql, ProjectOnly, RunSql, SqlRows, TableVersions } from '#libs/contracts/sql';
import {
  AppendBatch,
  AppendReceipt,
  DatasetTotals,
  ListRollups,
  MaterializedRollup,
  MaterializeRollup,
  RollupRef,
  RollupStates,
  VerifiedRollup,
} from '#libs/contracts/storage.contract';
import { eachByItself } from '#libs/queue/each-by-itself';
import { Dataset } from '../dataset';
import { checkRows } from '../row-check';
import { Appends } from './appends';
import { Catalog } from './catalog';
import { Definitions } from './definitions';
import { DuckDbFile, DuckDbOptions } from './duckdb-file';
import { eraseRows } from './erase-rows';
import { expireRows } from './expire-rows';
import { findRows } from './find-rows';
import { materializeRollup } from './materialize';
import { Mutex } from './mutex';
import { answerPlan, isOneStatement, streamPlan } from './questions';
import { Readers } from './readers';
import { totalsOf } from './totals';
import { runSql, streamSql } from './run-sql';
import { StatementMemory } from './statement-memory';
import { rowsOf } from './transaction';
import { cleanBuckets, verifyRollup } from './verify-rollup';

const READERS = 3;
/** Connections of their own for what is taken slowly, so that no question waits for a slow taker. */
const STREAMERS = 2;
const SQL_MEMORY = 512 * 2 ** 20;

/** The open file with everything remembered of it: one writer whose appends share commits, a few readers on snapshots. */
export class DuckDbSession {
  private readonly appends: Appends;
  private readonly definitions: Definitions;

  private constructor(
    private readonly file: DuckDbFile,
    private readonly writer: DuckDBConnection,
    private readonly catalog: Catalog,
    private readonly readers: Readers,
    private readonly streamers: Readers,
    private readonly memory: StatementMemory,
    private readonly writing = new Mutex(),
  ) {
    this.appends = new Appends(writer, writing, catalog);
    this.definitions = new Definitions(writer, catalog);
  }

  static async open(options: DuckDbOptions): Promise<DuckDbSession> {
    const file = await DuckDbFile.open(options);
    const { writer } = file;
    const connect = async (count: number): Promise<Readers> => {
      const connections: DuckDBConnection[] = [];
      for (let at = 0; at < count; at += 1) connections.push(await file.connect());
      return new Readers(connections);
    };
    const readers = await connect(options.readers ?? READERS);
    const streamers = await connect(STREAMERS);
    const memory = new StatementMemory(await file.connect(), options.sqlMemory ?? SQL_MEMORY);
    return new DuckDbSession(file, writer, await Catalog.load(writer), readers, streamers, memory);
  }

  define<T>(change: (definitions: Definitions) => Promise<T>): Promise<T> {
    return this.writing.run(() => change(this.definitions));
  }

  definition(ref: DatasetRef): Dataset {
    return this.catalog.dataset(ref).definition;
  }

  append(batch: AppendBatch): Promise<AppendReceipt> {
    const dataset = this.catalog.dataset(batch);
    const { schemaVersion } = dataset.definition;
    return this.appends.add(dataset, { batch, rows: checkRows(dataset.definition, batch.rows), schemaVersion });
  }

  /** The finest first, so that what is kept of them can serve the coarser ones. */
  async rollups({ project, progress }: ListRollups): Promise<RollupStates> {
    const datasets = [...this.catalog.all()].filter(({ definition }) => !project || definition.project === project);
    const kept = datasets
      .flatMap((dataset) => [...dataset.rollups.values()].map((rollup) => ({ dataset, rollup })))
      .sort((one, other) =>
        Number(aboutUs(bucketOf(one.rollup.definition)) - aboutUs(bucketOf(other.rollup.definition))),
      );
    const states = kept.map(async ({ dataset: { definition }, rollup }) => ({
      project: definition.project,
      dataset: definition.dataset,
      rollup: rollup.definition.name,
      dirtyBuckets: rollup.dirty.size,
      ...(progress ? { cleanBuckets: await this.readers.read((connection) => cleanBuckets(connection, rollup)) } : {}),
    }));
    return { rollups: await Promise.all(states) };
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    return this.writing.run(() => {
      const { dataset, rollup } = this.catalog.rollup(request);
      return materializeRollup(this.writer, dataset, rollup, request.maxBuckets);
    });
  }

  tables({ project }: ProjectOnly): TableVersions {
    const own = [...this.catalog.all()].filter(({ definition }) => definition.project === project);
    const tables = own.flatMap(({ definition, rollups, version }) =>
      [definition.dataset, ...rollups.keys()].map((name): [string, string] => [name, version]),
    );
    return { tables: [...new Map(tables)].map(([name, version]) => ({ name, version })) };
  }

  sql(request: RunSql, signal?: AbortSignal): Promise<SqlRows> {
    const late = AbortSignal.timeout(request.timeoutMs);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    const reader = { project: request.project, signal: either };
    return this.readers.read(
      (connection) => this.memory.within(connection, () => runSql(connection, this.catalog, request)),
      reader,
    );
  }

  verifyRollup(request: RollupRef, signal?: AbortSignal): Promise<VerifiedRollup> {
    const { dataset, rollup } = this.catalog.rollup(request);
    return this.readers.read((connection) => verifyRollup(connection, dataset, rollup), {
      project: request.project,
      signal,
    });
  }

  async expire(nowUs: bigint): Promise<number> {
    let expired = 0;
    await eachByItself(this.catalog.all(), async (dataset) => {
      expired += await this.writing.run(() => expireRows(this.writer, dataset, nowUs));
    });
    return expired;
  }

  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.writing.run(() => eraseRows(this.writer, this.catalog.dataset(request), request));
  }

  /** Folds the log into the file; groups of rows that are gone give their room back. */
  vacuum(): Promise<void> {
    return this.writing.run(async () => {
      await this.writer.run('CHECKPOINT');
    });
  }

  query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    const dataset = this.catalog.dataset(plan);
    const { version } = dataset;
    const single = isOneStatement(dataset, plan);
    const asked = single ? { ...plan, raw: true } : plan; // also where a rollup comes while it waits
    return this.readers.read((connection) => answerPlan(connection, this.catalog, asked, version), {
      project: plan.project,
      signal,
      single,
    });
  }

  stream(plan: RowsPlan, signal?: AbortSignal): AsyncGenerator<RowsPart> {
    const reader = { project: plan.project, signal };
    return this.streamers.stream((connection) => streamPlan(connection, this.catalog, plan), reader);
  }

  streamSql(request: CheckedSql, signal?: AbortSignal): AsyncGenerator<RowsPart> {
    const reader = { project: request.project, signal };
    return this.streamers.stream(
      (connection) => this.memory.stream(connection, () => streamSql(connection, this.catalog, request)),
      reader,
    );
  }

  find(request: FindRows, signal?: AbortSignal): Promise<FoundRows> {
    return this.readers.read((connection) => findRows(connection, this.catalog.dataset(request), request), {
      project: request.project,
      signal,
    });
  }

  hold(work: (copyTo: (folder: string) => Promise<void>) => Promise<void>): Promise<void> {
    return this.writing.run(async () => {
      await this.writer.run('CHECKPOINT').catch(() => undefined); // held back by a reader: then the log is copied too
      await work((folder) => this.file.copyTo(folder));
    });
  }

  totals(ref: DatasetRef): Promise<DatasetTotals> {
    const dataset = this.catalog.dataset(ref);
    return this.readers.read((connection) => totalsOf(connection, dataset));
  }

  async ready(): Promise<boolean> {
    return (await this.readers.read((connection) => rowsOf(connection, 'SELECT 1'))).length === 1;
  }

  /** Ends what is under way, then lets go of the file. */
  async close(): Promise<void> {
    await this.appends.settled();
    await this.writing.run(async () => {
      await Promise.all([this.readers.close(), this.streamers.close()]);
      await this.file.close();
    });
  }
}
