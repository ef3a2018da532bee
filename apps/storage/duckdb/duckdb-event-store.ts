import { DuckDBConnection } from '@duckdb/node-api';
import { DatasetRef } from '#libs/contracts/columns';
import { QueryPlan, QueryRows } from '#libs/contracts/query-plan';
import {
  AppendBatch,
  AppendReceipt,
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
import { checkPlan } from '../checked-plan';
import { EventStore } from '../event-store';
import { checkRows } from '../row-check';
import { answerRow } from './answer';
import { Appends } from './appends';
import { Catalog, KeptRollup } from './catalog';
import { Definitions } from './definitions';
import { Run, runsOf } from './dirty-buckets';
import { asChartlyError } from './duckdb-errors';
import { DuckDbFile, DuckDbOptions } from './duckdb-file';
import { DIRTY, quoted, RECEIPTS } from './identifiers';
import { materializeRollup } from './materialize';
import { Mutex } from './mutex';
import { planSql } from './plan-sql';
import { Readers } from './readers';
import { rowsOf } from './transaction';

const READERS = 4;
const RUNS_MAX = 16;

/** Events in one DuckDB file: one writer whose appends share commits, a few readers on snapshots. */
export class DuckDbEventStore extends EventStore {
  private readonly appends: Appends;
  private readonly definitions: Definitions;
  private closed = false;

  private constructor(
    private readonly file: DuckDbFile,
    private readonly writer: DuckDBConnection,
    private readonly catalog: Catalog,
    private readonly readers: Readers,
    private readonly writing = new Mutex(),
  ) {
    super();
    this.appends = new Appends(writer, writing);
    this.definitions = new Definitions(writer, catalog);
  }

  /** Throws Unavailable `storage.held` while another process has the file. */
  static async open(options: DuckDbOptions): Promise<DuckDbEventStore> {
    const file = await DuckDbFile.open(options);
    const writer = await file.connect();
    const readers: DuckDBConnection[] = [];
    for (let at = 0; at < (options.readers ?? READERS); at += 1) readers.push(await file.connect());
    return new DuckDbEventStore(file, writer, await Catalog.load(writer), new Readers(readers));
  }

  installDataset(request: InstallDataset): Promise<InstalledDataset> {
    return this.write('installing a dataset', () => this.definitions.installDataset(request));
  }

  installRollup(request: InstallRollup): Promise<void> {
    return this.write('installing a rollup', () => this.definitions.installRollup(request));
  }

  removeRollup(request: RollupRef): Promise<void> {
    return this.write('removing a rollup', () => this.definitions.removeRollup(request));
  }

  async append(batch: AppendBatch): Promise<AppendReceipt> {
    const dataset = this.catalog.dataset(batch);
    const rows = checkRows(dataset.definition, batch.rows);
    return doing('an append', () => this.appends.add(dataset, { batch, rows }));
  }

  rollups({ project }: ListRollups): Promise<RollupStates> {
    const datasets = [...this.catalog.all()].filter(({ definition }) => !project || definition.project === project);
    return Promise.resolve({
      rollups: datasets.flatMap(({ definition, rollups }) =>
        [...rollups.values()].map((rollup) => ({
          project: definition.project,
          dataset: definition.dataset,
          rollup: rollup.definition.name,
          dirtyBuckets: rollup.dirty.size,
        })),
      ),
    });
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    const { dataset, rollup } = this.catalog.rollup(request);
    return this.write('keeping a rollup', () => materializeRollup(this.writer, dataset, rollup, request.maxBuckets));
  }

  async query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    const dataset = this.catalog.dataset(plan);
    const rollup = plan.rollup === undefined ? undefined : this.catalog.rollup({ ...plan, rollup: plan.rollup }).rollup;
    const checked = checkPlan(plan, dataset.definition, rollup?.definition);
    const read = async (connection: DuckDBConnection): Promise<QueryRows> => {
      const dirty = rollup ? await dirtyIn(connection, rollup) : { count: 0, runs: [] };
      const source = rollup ? { id: rollup.id, table: rollup.table, dirtyRuns: dirty.runs } : undefined;
      const [sql, values] = planSql(checked, { table: dataset.table, rollup: source });
      const rows = await rowsOf(connection, sql, values);
      return {
        columns: [...checked.columns],
        rows: rows.slice(0, checked.limit).map((row) => answerRow(row, checked.columns)),
        truncated: rows.length > checked.limit,
        repairedBuckets: dirty.count,
        asOf: new Date().toISOString(),
      };
    };
    return doing('a query', () => this.readers.read(read, signal));
  }

  totals(ref: DatasetRef): Promise<DatasetTotals> {
    const { id, table } = this.catalog.dataset(ref);
    const sql = `
      SELECT (SELECT coalesce(sum(stored), 0)::BIGINT FROM ${RECEIPTS.sql} WHERE dataset_id = $1),
             (SELECT count(*) FROM ${table.sql})`;
    return doing('counting', () =>
      this.readers.read(async (connection) => {
        const [row] = await rowsOf(connection, sql, [id]);
        return { stored: Number(row?.[0]), held: Number(row?.[1]), expired: 0, erased: 0, replaced: 0 };
      }),
    );
  }

  async ready(): Promise<boolean> {
    if (this.closed) return false;
    const [row] = await this.readers.read((connection) => rowsOf(connection, 'SELECT 1'));
    return row !== undefined;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing.run(() => this.file.close());
  }

  private write<T>(what: string, work: () => Promise<T>): Promise<T> {
    return doing(what, () => this.writing.run(work));
  }
}

/** The rollup's dirt as this snapshot has it. */
async function dirtyIn(connection: DuckDBConnection, { id }: KeptRollup): Promise<{ count: number; runs: Run[] }> {
  const sql = `SELECT DISTINCT ${quoted('bucket')} FROM ${DIRTY.sql} WHERE rollup_id = $1 ORDER BY 1`;
  const buckets = (await rowsOf(connection, sql, [id])).map(([bucket]) => Number(bucket));
  return { count: buckets.length, runs: runsOf(buckets, 1, RUNS_MAX) };
}

async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asChartlyError(thrown, what);
  }
}
