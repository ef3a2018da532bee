import { DuckDBConnection } from '@duckdb/node-api';
import { AppendReceipt } from '#libs/contracts/storage.contract';
import { Unavailable } from '#libs/errors/errors';
import { AppendGroup, WaitingAppend } from './append-group';
import { Catalog, KeptDataset, touch } from './catalog';
import { AfterCommit } from './dirt';
import { Mutex } from './mutex';
import { inTransaction } from './transaction';

/** Rows and appends that one transaction takes at most; more wait for the next. */
const GROUP_ROWS_MAX = 100_000;
const GROUP_APPENDS_MAX = 200;
/** Rows that may wait; who brings more is asked to come again. */
const WAITING_ROWS_MAX = 2_000_000;
/** Datasets whose newest rows are remembered; about 17 MB each at most. */
const REMEMBERED_ROWS_MAX = 8;
/** Datasets whose ids of appends are: they are smaller, and there may be many to read anew. 2 bytes an id. */
const REMEMBERED_APPENDS_MAX = 32;

interface Waiting extends WaitingAppend {
  readonly dataset: KeptDataset;
  readonly resolve: (receipt: AppendReceipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends that come together share a commit; each is answered only after it. */
export class Appends {
  private waiting: Waiting[] = [];
  private waitingRows = 0;
  private working = false;
  /** The least recently written first. */
  private readonly remembered = new Set<KeptDataset>();

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly writing: Mutex,
    private readonly catalog: Catalog,
  ) {}

  /** Throws Unavailable `storage.busy` while too many rows wait. */
  add(dataset: KeptDataset, append: WaitingAppend): Promise<AppendReceipt> {
    if (this.waitingRows > WAITING_ROWS_MAX) {
      return Promise.reject(
        new Unavailable('storage.busy', `${this.waitingRows} rows wait to be stored. Try again shortly.`, {
          retryAfterMs: 1_000,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...append, dataset, resolve, reject });
      this.waitingRows += append.rows.length;
      if (!this.working) void this.work();
    });
  }

  /** Ends when nothing waits. */
  async settled(): Promise<void> {
    while (this.working) await this.writing.run(() => Promise.resolve());
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.waiting.length > 0) {
      await this.writing.run(async () => {
        const group = this.nextGroup();
        try {
          await this.commit(group);
        } catch (thrown) {
          await this.commitEach(group, thrown);
        }
        this.forgetOldest();
      });
    }
    this.working = false;
  }

  private nextGroup(): Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < this.waiting.length && count < GROUP_APPENDS_MAX) {
      const { batch, rows: more } = this.waiting[count]!;
      if (count > 0 && (rows + more.length > GROUP_ROWS_MAX || batch.replaces)) break;
      rows += more.length;
      count += 1;
      if (batch.replaces) break; // what others brought is judged before or after the rows go, not in between
    }
    const group = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    this.waitingRows -= rows;
    return group;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const done: { waiting: Waiting; receipt: AppendReceipt }[] = [];
    const after: AfterCommit[] = [];
    const datasets = byDataset(group);
    const writing = inTransaction(this.connection, async () => {
      for (const [dataset, appends] of datasets) {
        this.remembered.delete(dataset);
        this.remembered.add(dataset);
        const written = await new AppendGroup(this.connection, dataset, () => this.catalog.nextAppend()).write(appends);
        appends.forEach((waiting, at) => done.push({ waiting, receipt: written.receipts[at]! })); // one each
        after.push(...written.after);
      }
    });
    await writing.catch((thrown: unknown) => {
      // Read while rows were taken out, they would lack those that the rollback brought back.
      for (const dataset of datasets.keys()) dataset.identities = undefined;
      throw thrown;
    });
    for (const note of after) note();
    for (const dataset of new Set(done.map(({ waiting }) => waiting.dataset))) touch(dataset);
    for (const { waiting, receipt } of done) waiting.resolve(receipt);
  }

  /** One that the engine cannot take must not fail the others: each is tried alone. */
  private async commitEach(group: readonly Waiting[], thrown: unknown): Promise<void> {
    if (group.length === 1) return group[0]!.reject(thrown);
    for (const waiting of group) await this.commit([waiting]).catch((error: unknown) => waiting.reject(error));
  }

  private forgetOldest(): void {
    for (const [at, dataset] of [...this.remembered].reverse().entries()) {
      if (at >= REMEMBERED_ROWS_MAX) dataset.identities = undefined;
      if (at < REMEMBERED_APPENDS_MAX) continue;
      dataset.appends = undefined;
      this.remembered.delete(dataset);
    }
  }
}

function byDataset(group: readonly Waiting[]): Map<KeptDataset, Waiting[]> {
  const groups = new Map<KeptDataset, Waiting[]>();
  for (const waiting of group) {
    const appends = groups.get(waiting.dataset);
    if (appends) appends.push(waiting);
    else groups.set(waiting.dataset, [waiting]);
  }
  return groups;
}
