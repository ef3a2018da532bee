import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { STORE_MODES, StoreMode } from '#libs/documents/store';
import { BackupState, BackupStates, NoQuestion } from './backup';
import { ColumnBatch, ColumnDef, DatasetRef } from './columns';
import { Contract } from './contract';
import { DatasetDescription } from './dataset-rows';
import { IsCount, IsName, IsShortText } from './fields';
import { Done } from './pipeline-ref';
import { Cell, PlanMeasure, QueryPlan, QueryRows, RowsPart, RowsPlan } from './query-plan';
import { RollupBucketFields } from './rollup-bucket';
import { CheckedSql, ProjectOnly, RunSql, SqlRows, TableVersions } from './sql';
import { ArchiveRef, ArchiveRows, ArchiveWork, ArchiveWorks, RestoreArchive } from './archives';
import { ImportReceipt, ImportRows } from './imports';
import { EraseRows, ErasureReceipt } from './erasure';
import { FindRows, FoundRows } from './stored-rows';

/** What a dataset must be able to hold. Applying it again with more columns adds them; it never takes one away. */
export class InstallDataset extends DatasetRef {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => ColumnDef)
  columns: ColumnDef[];
  /** The timestamp column of the event's time; never null. */
  @IsShortText(63) time: string;
  /** With the time, what tells one event from another; never null. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(16) key: string[];
  /** `append` (the default) keeps every distinct event, `merge` of each key the row of the newest version. */
  @IsOptional() @IsIn(STORE_MODES) mode?: StoreMode;
  /** With `merge`: the int, double or timestamp column that says which row is newer; never null. */
  @IsOptional() @IsShortText(63) versionColumn?: string;
  /** With `merge`: the bool column that is true in a row that deletes its key. */
  @IsOptional() @IsShortText(63) deletedColumn?: string;
  /** With `append`: a key is stored once, whatever its time. */
  @IsOptional() @IsIn(['key']) dedupe?: 'key';
  /** How long a row is kept, counted from its time; for ever when left out. Unit: milliseconds. */
  @IsOptional() @IsInt() @Min(1_000) retainMs?: number;
}

export class InstalledDataset {
  /** Grows by one with each change of the physical columns. */
  @IsCount() schemaVersion: number;
  @IsArray() added: string[];
}

/** Why a dataset cannot become what was asked, in sentences; empty when it can. */
export class DatasetProblems {
  @IsArray() @IsString({ each: true }) problems: string[];
}

/** Rows to add at most once: `appendId` names the attempt, and the same id again returns the first receipt. */
export class AppendBatch extends DatasetRef {
  @IsShortText(200) appendId: string;
  /** The lease epoch of the batch: metered and logged, since the id alone already makes the append exactly-once. */
  @IsCount() epoch: number;
  @ValidateNested() @Type(() => ColumnBatch) rows: ColumnBatch;
  /**
   * Ids of earlier appends whose rows these take the place of, in the same transaction: a replay. Such an append that
   * never came is kept out from now on.
   */
  @IsOptional() @IsArray() @ArrayMaxSize(1_000) @IsShortText(200, { each: true }) replaces?: string[];
}

/** `stored + merged + stale + duplicate` is the number of rows that came. */
export class AppendReceipt {
  @IsShortText(200) appendId: string;
  /** Rows that are there beside what was there before. */
  @IsCount() stored: number;
  /** Rows that took the place of an older version of their key. */
  @IsCount() merged: number;
  /** Rows that came later than a newer version of their key, or older than the dataset keeps. */
  @IsCount() stale: number;
  @IsCount() duplicate: number;
  /** Rows of the appends that this one replaced; they are there no more. */
  @IsCount() replaced: number;
}

export class RollupRef extends DatasetRef {
  @IsName() rollup: string;
}

/** A derived dataset: one row a bucket and group, kept up by {@link StorageContract.materialize}. */
export class InstallRollup extends RollupBucketFields implements RollupRef {
  @IsName() project: string;
  @IsName() dataset: string;
  @IsName() rollup: string;
  @IsArray() @ArrayMaxSize(16) by: string[];
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => PlanMeasure)
  measures: PlanMeasure[];
}

export class ListRollups {
  @IsOptional() @IsName() project?: string;
  /** Count the buckets that are up to date too. */
  @IsOptional() @IsBoolean() progress?: boolean;
}

export class RollupState extends RollupRef {
  /** Buckets whose rows changed since they were last computed. */
  @IsCount() dirtyBuckets: number;
  /** Buckets that are up to date; told when `progress` was asked for. */
  @IsOptional() @IsCount() cleanBuckets?: number;
}

export class RollupStates {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RollupState) rollups: RollupState[];
}

export class MaterializeRollup extends RollupRef {
  /** At most so many dirty buckets, the newest first. */
  @IsInt() @Min(1) maxBuckets: number;
}

export class MaterializedRollup {
  @IsCount() refreshed: number;
  @IsCount() remaining: number;
}

/** A group of a rollup that is not what raw rows say. */
export class RollupMismatch {
  /** The bucket's start, as RFC 3339 UTC. */
  @IsShortText(40) bucket: string;
  /** The rollup's group columns. */
  @IsArray() group: readonly Cell[];
  /** Its measures as they are kept, and as raw rows give them; none where one side has no such group. */
  @IsOptional() @IsArray() kept?: readonly Cell[];
  @IsOptional() @IsArray() expected?: readonly Cell[];
}

export class VerifiedRollup {
  /** Buckets and groups that were up to date, recomputed and compared. */
  @IsCount() buckets: number;
  @IsCount() groups: number;
  /** Buckets that were not compared, since they are to be computed anew. */
  @IsCount() dirtyBuckets: number;
  @IsCount() mismatches: number;
  /** The first of them. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => RollupMismatch) examples: RollupMismatch[];
}

/** The dataset line of the ledger, counted in one snapshot: `stored = held + expired + erased + replaced`. */
export class DatasetTotals {
  /** Rows that receipts of this dataset promised. */
  @IsCount() stored: number;
  /** Rows that the engine really holds now, counted and not remembered. */
  @IsCount() held: number;
  /** Rows older than the dataset keeps. */
  @IsCount() expired: number;
  /** Rows of deleted keys and of subjects that were erased. */
  @IsCount() erased: number;
  /** Rows that a replay put others in the place of. */
  @IsCount() replaced: number;
  /** Of the stored rows, those that imports brought and no pipeline; left out where there are none. */
  @IsOptional() @IsCount() imported?: number;
}

/** Durable rows by dataset: exactly-once append, derived datasets, typed reads. Owns no meaning, calls nobody. */
@Contract('storage', {
  checkDataset: { takes: InstallDataset, gives: DatasetProblems, idempotent: true, timeoutMs: 5_000 },
  installDataset: { takes: InstallDataset, gives: InstalledDataset, idempotent: true, timeoutMs: 15_000 },
  describe: { takes: DatasetRef, gives: DatasetDescription, idempotent: true, timeoutMs: 5_000 },
  installRollup: { takes: InstallRollup, gives: Done, idempotent: true, timeoutMs: 15_000 },
  removeRollup: { takes: RollupRef, gives: Done, idempotent: true, timeoutMs: 15_000 },
  append: { takes: AppendBatch, gives: AppendReceipt, idempotent: true, timeoutMs: 15_000 },
  rollups: { takes: ListRollups, gives: RollupStates, idempotent: true, timeoutMs: 5_000 },
  materialize: { takes: MaterializeRollup, gives: MaterializedRollup, idempotent: true, timeoutMs: 60_000 },
  verifyRollup: { takes: RollupRef, gives: VerifiedRollup, idempotent: true, timeoutMs: 60_000 },
  tables: { takes: ProjectOnly, gives: TableVersions, idempotent: true, timeoutMs: 5_000 },
  sql: { takes: RunSql, gives: SqlRows, idempotent: true, timeoutMs: 35_000 },
  query: { takes: QueryPlan, gives: QueryRows, idempotent: true, timeoutMs: 30_000 },
  stream: { takes: RowsPlan, streams: RowsPart, idempotent: true, timeoutMs: 120_000 },
  streamSql: { takes: CheckedSql, streams: RowsPart, idempotent: true, timeoutMs: 120_000 },
  backup: { takes: NoQuestion, gives: BackupState, idempotent: false, timeoutMs: 15_000 },
  backups: { takes: NoQuestion, gives: BackupStates, idempotent: true, timeoutMs: 5_000 },
  erase: { takes: EraseRows, gives: ErasureReceipt, idempotent: true, timeoutMs: 60_000 },
  importRows: { takes: ImportRows, gives: ImportReceipt, idempotent: true, timeoutMs: 60_000 },
  archive: { takes: ArchiveRows, gives: ArchiveWork, idempotent: false, timeoutMs: 10_000 },
  archives: { takes: DatasetRef, gives: ArchiveWorks, idempotent: true, timeoutMs: 5_000 },
  restoreArchive: { takes: RestoreArchive, gives: ArchiveWork, idempotent: false, timeoutMs: 10_000 },
  removeArchive: { takes: ArchiveRef, gives: ArchiveWork, idempotent: true, timeoutMs: 10_000 },
  find: { takes: FindRows, gives: FoundRows, idempotent: true, timeoutMs: 5_000 },
  totals: { takes: DatasetRef, gives: DatasetTotals, idempotent: true, timeoutMs: 15_000 },
})
export abstract class StorageContract {
  /** What {@link installDataset} would refuse; changes nothing. */
  abstract checkDataset(request: InstallDataset): Promise<DatasetProblems>;
  /**
   * Makes the dataset able to hold these columns. Additive only: a new column must be nullable when rows are there, and
   * an int may become a double. Throws Conflict `dataset.incompatible` when a column would change its type otherwise,
   * its nullability to stricter, or what tells events apart would change: that takes a new dataset.
   */
  abstract installDataset(request: InstallDataset): Promise<InstalledDataset>;
  /** Throws NotFound `dataset.unknown`. */
  abstract describe(request: DatasetRef): Promise<DatasetDescription>;
  /** Defines a rollup; a changed definition starts anew with every bucket dirty. */
  abstract installRollup(request: InstallRollup): Promise<Done>;
  abstract removeRollup(request: RollupRef): Promise<Done>;
  /**
   * Appends rows in one transaction with their receipt and dirty buckets. A row that is there already counts as
   * duplicate; in a merge, one of an older version as stale. Throws Unprocessable `append.malformed` for rows that do
   * not fit the dataset, Conflict `append.replaced` when another append has taken this one's place before it came.
   */
  abstract append(batch: AppendBatch): Promise<AppendReceipt>;
  abstract rollups(request: ListRollups): Promise<RollupStates>;
  /** Recomputes dirty buckets from raw rows, in one transaction with the clearing of their dirt. */
  abstract materialize(request: MaterializeRollup): Promise<MaterializedRollup>;
  /**
   * Recomputes a rollup's clean buckets from raw rows and compares: counts, texts and times exactly, doubles within 1e-12
   * of their size. Buckets before the first raw row, whose rows may have expired, are left alone.
   */
  abstract verifyRollup(request: RollupRef): Promise<VerifiedRollup>;
  /** What statements may read: the project's datasets and rollups. */
  abstract tables(request: ProjectOnly): Promise<TableVersions>;
  /**
   * Runs a statement that analytics has parsed and checked. Throws Unprocessable `sql.invalid` in the engine's words,
   * `sql.memory` when it takes too much, `sql.unsupported` for what this engine could not say alike; DeadlineExceeded
   * `query.cancelled` when its time is over.
   */
  abstract sql(request: RunSql): Promise<SqlRows>;
  /** Runs a typed plan. A rollup's dirty buckets are answered from raw rows, so the answer is always exact. */
  abstract query(plan: QueryPlan): Promise<QueryRows>;
  /**
   * All rows of a plan, of one moment and however many, as many at a time as memory is kept for: at least one part, which
   * tells the columns. Plain rows come as they lie where no order is asked. Throws DeadlineExceeded `export.stalled` when
   * nobody takes a part for a minute, `export.too_slow` when parts are taken at less than 64 KiB/s over a minute while
   * others wait, Unavailable `query.busy` while too many streams are open.
   */
  abstract stream(plan: RowsPlan): AsyncIterable<RowsPart>;
  /** All rows of a statement, as {@link stream} gives those of a plan; throws as {@link sql} does too. */
  abstract streamSql(request: CheckedSql): AsyncIterable<RowsPart>;
  /**
   * Deletes rows for good, rollups included, and leaves one audit entry. Rows beyond retention are in sealed rollups
   * alone and stay there as sums.
   */
  abstract erase(request: EraseRows): Promise<ErasureReceipt>;
  /**
   * Stores the rows of a file, all or none, at most once by the import's id; leaves one audit entry. Throws BadRequest
   * `import.malformed` for a body that cannot be read, PayloadTooLarge `import.too_large` for Parquet of too many rows,
   * Unprocessable `import.invalid` that names the rows which do not fit, Conflict `import.reused` when the id stands for
   * another body.
   */
  abstract importRows(request: ImportRows): Promise<ImportReceipt>;
  /** Begins to copy rows to the object store, as they are at one moment; takes none of them out. */
  abstract archive(request: ArchiveRows): Promise<ArchiveWork>;
  abstract archives(request: DatasetRef): Promise<ArchiveWorks>;
  /**
   * Begins to store what is in an archive and not in the dataset; the rows count as imported. Throws NotFound
   * `archive.unknown`.
   */
  abstract restoreArchive(request: RestoreArchive): Promise<ArchiveWork>;
  /**
   * Begins to delete an archive, one audit entry with it; again it changes nothing more. Throws NotFound
   * `archive.unknown`, Conflict `archive.in_use` while it is written or a restore reads it.
   */
  abstract removeArchive(request: ArchiveRef): Promise<ArchiveWork>;
  /** Rows by their key, with the appends that stored them. */
  abstract find(request: FindRows): Promise<FoundRows>;
  /** Begins a backup of the embedded engines. Throws Unprocessable `backup.external`, Conflict `backup.running`. */
  abstract backup(request: NoQuestion): Promise<BackupState>;
  abstract backups(request: NoQuestion): Promise<BackupStates>;
  abstract totals(request: DatasetRef): Promise<DatasetTotals>;
}
