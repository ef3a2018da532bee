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

/**
 * Where events live: typed datasets with exactly-once append, derived rollups and typed reads. The one port that an
 * event engine implements; `event-store.conformance.ts` says what each must do, alike to the last count.
 *
 * Every method answers only after what it promises is durable. Errors are those of the storage contract; an engine that
 * is full, held by another process or restarting throws a retryable Unavailable and has changed nothing.
 */
export abstract class EventStore {
  abstract checkDataset(request: InstallDataset): Promise<DatasetProblems>;
  abstract installDataset(request: InstallDataset): Promise<InstalledDataset>;
  abstract describe(request: DatasetRef): Promise<DatasetDescription>;
  abstract installRollup(request: InstallRollup): Promise<void>;
  abstract removeRollup(request: RollupRef): Promise<void>;
  /**
   * Exactly once by `appendId`. Rows are held against what is stored, against each other and against the appends that
   * wait beside this one, in the order in which they came: of the same event the first wins, in a merge the newest
   * version. With `replaces` the rows of those appends go in the same transaction.
   */
  abstract append(batch: AppendBatch): Promise<AppendReceipt>;
  abstract rollups(request: ListRollups): Promise<RollupStates>;
  abstract materialize(request: MaterializeRollup): Promise<MaterializedRollup>;
  abstract verifyRollup(request: RollupRef, signal?: AbortSignal): Promise<VerifiedRollup>;
  abstract tables(request: ProjectOnly): Promise<TableVersions>;
  /** Runs a checked statement on what it may read, with its limits of rows, time and memory. */
  abstract sql(request: RunSql, signal?: AbortSignal): Promise<SqlRows>;
  /** Stops the engine's work when `signal` aborts, and throws DeadlineExceeded `query.cancelled`. */
  abstract query(plan: QueryPlan, signal?: AbortSignal): Promise<QueryRows>;
  /** Holds a snapshot until its last part is taken; see {@link OpenStreams} for when it is ended before. */
  abstract stream(plan: RowsPlan, signal?: AbortSignal): AsyncIterable<RowsPart>;
  abstract streamSql(request: CheckedSql, signal?: AbortSignal): AsyncIterable<RowsPart>;
  /** Takes out the rows that are older than their datasets keep. Gives how many; rollups keep what they say of them. */
  abstract expire(nowUs: bigint): Promise<number>;
  /** Once by `eraseId`. Throws Unprocessable `query.invalid` for filters that do not fit. */
  abstract erase(request: EraseRows): Promise<ErasureReceipt>;
  /** Gives back the room of what is gone. */
  abstract vacuum(): Promise<void>;
  abstract find(request: FindRows, signal?: AbortSignal): Promise<FoundRows>;
  abstract totals(request: DatasetRef): Promise<DatasetTotals>;
  /** True while the engine answers. */
  abstract ready(): Promise<boolean>;
  /** Finishes what was begun, makes the files small and lets go of them. Idempotent. */
  abstract close(): Promise<void>;
}
