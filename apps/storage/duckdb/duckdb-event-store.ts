import { DatasetRef } from '#libs/contracts/columns';
import { DatasetDescription } from '#libs/contracts/dataset-rows';
import { QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { CheckedSql, ProjectOnly, RunSql, SqlRows, TableVersions } from '#libs/contracts/sql';
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
  VerifiedRollup,
} from '#libs/contracts/storage.contract';
import { Unavailable } from '#libs/errors/errors';
import { descriptionOf } from '../dataset';
import { EventStore } from '../event-store';
import { OpenStreams, roughBytes } from '../open-streams';
import { DiskRoom } from './disk-room';
import { asChartlyError, isFatal, isFull } from './duckdb-errors';
import { DuckDbOptions } from './duckdb-file';
import { DuckDbSession } from './duckdb-session';

/** Events in one DuckDB file. After an error that leaves the engine unusable the file is opened anew. */
export class DuckDbEventStore extends EventStore {
  private closed = false;
  private readonly room: DiskRoom;
  private readonly streams = new OpenStreams();

  private constructor(
    private readonly options: DuckDbOptions,
    private session: Promise<DuckDbSession>,
  ) {
    super();
    this.room = new DiskRoom(options.folder, options.diskReserve ?? 0);
  }

  /** Throws Unavailable `storage.held` while another process has the file. */
  static async open(options: DuckDbOptions): Promise<DuckDbEventStore> {
    return new DuckDbEventStore(options, Promise.resolve(await DuckDbSession.open(options)));
  }

  checkDataset(request: InstallDataset): Promise<DatasetProblems> {
    return this.with('checking a dataset', (session) => session.define((to) => to.checkDataset(request)));
  }

  installDataset(request: InstallDataset): Promise<InstalledDataset> {
    return this.adding('installing a dataset', (session) => session.define((to) => to.installDataset(request)));
  }

  describe(request: DatasetRef): Promise<DatasetDescription> {
    return this.reading('describing a dataset', (session) => descriptionOf(session.definition(request)));
  }

  installRollup(request: InstallRollup): Promise<void> {
    return this.adding('installing a rollup', (session) => session.define((to) => to.installRollup(request)));
  }

  removeRollup(request: RollupRef): Promise<void> {
    return this.with('removing a rollup', (session) => session.define((to) => to.removeRollup(request)));
  }

  append(batch: AppendBatch): Promise<AppendReceipt> {
    return this.adding('an append', (session) => session.append(batch));
  }

  rollups(request: ListRollups): Promise<RollupStates> {
    return this.reading('listing rollups', (session) => session.rollups(request));
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    return this.adding('keeping a rollup', (session) => session.materialize(request));
  }

  verifyRollup(request: RollupRef, signal?: AbortSignal): Promise<VerifiedRollup> {
    return this.reading('verifying a rollup', (session) => session.verifyRollup(request, signal));
  }

  tables(request: ProjectOnly): Promise<TableVersions> {
    return this.reading('listing tables', (session) => session.tables(request));
  }

  sql(request: RunSql, signal?: AbortSignal): Promise<SqlRows> {
    return this.reading('a statement', (session) => session.sql(request, signal));
  }

  query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows> {
    return this.reading('a query', (session) => session.query(plan, signal));
  }

  stream(plan: RowsPlan, signal?: AbortSignal): AsyncIterable<RowsPart> {
    return this.streaming((session) => session.stream(plan, signal));
  }

  streamSql(request: CheckedSql, signal?: AbortSignal): AsyncIterable<RowsPart> {
    return this.streaming((session) => session.streamSql(request, signal));
  }

  expire(nowUs: bigint): Promise<number> {
    return this.with('taking out old rows', (session) => session.expire(nowUs));
  }

  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.with('erasing rows', (session) => session.erase(request));
  }

  vacuum(): Promise<void> {
    return this.with('making room', (session) => session.vacuum());
  }

  find(request: FindRows, signal?: AbortSignal): Promise<FoundRows> {
    return this.reading('finding rows', (session) => session.find(request, signal));
  }

  /** Lets nothing be written while `work` runs, which may copy the files then. */
  hold(work: (copyTo: (folder: string) => Promise<void>) => Promise<void>): Promise<void> {
    return this.with('a backup', (session) => session.hold((copy) => work(copy)));
  }

  totals(request: DatasetRef): Promise<DatasetTotals> {
    return this.reading('counting', (session) => session.totals(request));
  }

  async ready(): Promise<boolean> {
    return !this.closed && (await this.with('looking', (session) => session.ready()));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.streams.close();
    const session = await this.session.catch(() => undefined);
    await session?.close();
  }

  /** Work that takes more room. */
  private adding<T>(what: string, work: (session: DuckDbSession) => Promise<T>): Promise<T> {
    return this.with(what, (session) => {
      this.room.require();
      return work(session);
    });
  }

  /** Work that changes nothing: one whose file was opened anew under it begins again. */
  private async reading<T>(what: string, work: (session: DuckDbSession) => T | Promise<T>): Promise<T> {
    const began = this.session;
    try {
      return await this.with(what, work);
    } catch (thrown) {
      if (this.closed || this.session === began || !(thrown instanceof Unavailable)) throw thrown;
      return this.with(what, work);
    }
  }

  private streaming(open: (session: DuckDbSession) => AsyncIterable<RowsPart>): AsyncGenerator<RowsPart> {
    const what = 'an export';
    const parts = async function* (store: DuckDbEventStore): AsyncGenerator<RowsPart> {
      const { opened, session } = await store.opened(what);
      try {
        yield* open(session);
      } catch (thrown) {
        throw store.failed(thrown, what, opened);
      }
    };
    return this.streams.of(parts(this), roughBytes);
  }

  private async with<T>(what: string, work: (session: DuckDbSession) => T | Promise<T>): Promise<T> {
    const { opened, session } = await this.opened(what);
    try {
      return await work(session);
    } catch (thrown) {
      throw this.failed(thrown, what, opened);
    }
  }

  private async opened(what: string): Promise<{ opened: Promise<DuckDbSession>; session: DuckDbSession }> {
    if (this.closed) throw new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');
    const opened = this.session;
    const session = await opened.catch((thrown: unknown) => {
      this.reopen(opened);
      throw asChartlyError(thrown, what);
    });
    return { opened, session };
  }

  private failed(thrown: unknown, what: string, opened: Promise<DuckDbSession>): unknown {
    if (isFull(thrown)) this.room.noteFull();
    if (isFatal(thrown)) this.reopen(opened);
    return asChartlyError(thrown, what);
  }

  /** What was committed is in the file and its log; what was remembered beside it is read anew. */
  private reopen(broken: Promise<DuckDbSession>): void {
    if (this.closed || this.session !== broken) return;
    this.session = broken
      .then((session) => session.close())
      .catch(() => undefined)
      .then(() => DuckDbSession.open(this.options));
    this.session.catch(() => undefined); // told by who asks next
  }
}
