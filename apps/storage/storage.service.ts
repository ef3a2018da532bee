import { Injectable } from '@nestjs/common';
import { BackupState, BackupStates } from '#libs/contracts/backup';
import { DatasetRef } from '#libs/contracts/columns';
import { DatasetDescription } from '#libs/contracts/dataset-rows';
import { Done } from '#libs/contracts/pipeline-ref';
import { QueryPlan, QueryRows, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { ArchiveRef, ArchiveRows, ArchiveWork, ArchiveWorks, RestoreArchive } from '#libs/contracts/archives';
import { ImportReceipt, ImportRows } from '#libs/contracts/imports';
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
  StorageContract,
  VerifiedRollup,
} from '#libs/contracts/storage.contract';
import { currentCall } from '#libs/transport/call-context';
import { ArchiveRemovals } from './archive/archive-removals';
import { Archives } from './archive/archives';
import { AppendNews } from './append-news';
import { Backups } from './backup/backups';
import { Erasures } from './erasures';
import { EventStore } from './event-store';
import { Imports } from './imports/imports';
import { StoreMetrics } from './store-metrics';

@Injectable()
export class StorageService implements StorageContract {
  constructor(
    private readonly events: EventStore,
    private readonly news: AppendNews,
    private readonly metrics: StoreMetrics,
    private readonly erasures: Erasures,
    private readonly backupsTaken: Backups,
    private readonly imports: Imports,
    private readonly archivesKept: Archives,
    private readonly archiveRemovals: ArchiveRemovals,
  ) {}

  checkDataset(request: InstallDataset): Promise<DatasetProblems> {
    return this.events.checkDataset(request);
  }

  installDataset(request: InstallDataset): Promise<InstalledDataset> {
    return this.events.installDataset(request);
  }

  describe(request: DatasetRef): Promise<DatasetDescription> {
    return this.events.describe(request);
  }

  async installRollup(request: InstallRollup): Promise<Done> {
    await this.events.installRollup(request);
    return {};
  }

  async removeRollup(request: RollupRef): Promise<Done> {
    await this.events.removeRollup(request);
    return {};
  }

  async append(batch: AppendBatch): Promise<AppendReceipt> {
    const receipt = await this.metrics.meter('append', () => this.events.append(batch));
    this.metrics.appended(receipt);
    if (receipt.stored > 0) this.news.tell(batch);
    return receipt;
  }

  rollups(request: ListRollups): Promise<RollupStates> {
    return this.events.rollups(request);
  }

  materialize(request: MaterializeRollup): Promise<MaterializedRollup> {
    return this.metrics.meter('materialize', () => this.events.materialize(request));
  }

  verifyRollup(request: RollupRef): Promise<VerifiedRollup> {
    return this.events.verifyRollup(request, currentCall().signal);
  }

  tables(request: ProjectOnly): Promise<TableVersions> {
    return this.events.tables(request);
  }

  sql(request: RunSql): Promise<SqlRows> {
    return this.events.sql(request, currentCall().signal);
  }

  query(plan: QueryPlan): Promise<QueryRows> {
    return this.metrics.meter('query', () => this.events.query(plan, currentCall().signal));
  }

  stream(plan: RowsPlan): AsyncIterable<RowsPart> {
    return this.events.stream(plan, currentCall().signal);
  }

  streamSql(request: CheckedSql): AsyncIterable<RowsPart> {
    return this.events.streamSql(request, currentCall().signal);
  }

  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.erasures.erase(request);
  }

  find(request: FindRows): Promise<FoundRows> {
    return this.metrics.meter('find', () => this.events.find(request, currentCall().signal));
  }

  importRows(request: ImportRows): Promise<ImportReceipt> {
    return this.imports.run(request, (batch) => this.append(batch));
  }

  archive(request: ArchiveRows): Promise<ArchiveWork> {
    return this.archivesKept.archive(request);
  }

  archives(request: DatasetRef): Promise<ArchiveWorks> {
    return this.archivesKept.list(request);
  }

  restoreArchive(request: RestoreArchive): Promise<ArchiveWork> {
    return this.archivesKept.restore(request, (batch) => this.append(batch));
  }

  removeArchive(request: ArchiveRef): Promise<ArchiveWork> {
    return this.archiveRemovals.remove(request);
  }

  backup(): Promise<BackupState> {
    return this.backupsTaken.begin();
  }

  backups(): Promise<BackupStates> {
    return this.backupsTaken.list();
  }

  totals(request: DatasetRef): Promise<DatasetTotals> {
    return this.metrics.meter('totals', () => this.events.totals(request));
  }
}
