import { DuckDBConnection } from '@duckdb/node-api';
import { AppendReceipt } from '#libs/contracts/storage.contract';
import { AfterCommit, AppendGroup, WaitingAppend } from './append-group';
import { KeptDataset } from './catalog';
import { Mutex } from './mutex';
import { inTransaction } from './transaction';

/** Rows that one transaction takes at most; more wait for the next. */
const GROUP_ROWS_MAX = 200_000;
const GROUP_APPENDS_MAX = 500;

interface Waiting extends WaitingAppend {
  readonly dataset: KeptDataset;
  readonly resolve: (receipt: AppendReceipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends that come together share a commit; each is answered only after it. */
export class Appends {
  private waiting: Waiting[] = [];
  private working = false;

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly writing: Mutex,
  ) {}

  add(dataset: KeptDataset, append: WaitingAppend): Promise<AppendReceipt> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...append, dataset, resolve, reject });
      if (!this.working) void this.work();
    });
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
      });
    }
    this.working = false;
  }

  private nextGroup(): Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < this.waiting.length && count < GROUP_APPENDS_MAX) {
      rows += this.waiting[count]!.rows.length;
      if (count > 0 && rows > GROUP_ROWS_MAX) break;
      count += 1;
    }
    const group = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return group;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const done: { waiting: Waiting; receipt: AppendReceipt }[] = [];
    const after: AfterCommit[] = [];
    await inTransaction(this.connection, async () => {
      for (const [dataset, appends] of byDataset(group)) {
        const written = await new AppendGroup(this.connection, dataset).write(appends);
        appends.forEach((waiting, at) => done.push({ waiting, receipt: written.receipts[at]! })); // one each
        after.push(...written.after);
      }
    });
    for (const note of after) note();
    for (const { waiting, receipt } of done) waiting.resolve(receipt);
  }

  /** One that the engine cannot take must not fail the others: each is tried alone. */
  private async commitEach(group: readonly Waiting[], thrown: unknown): Promise<void> {
    if (group.length === 1) return group[0]!.reject(thrown);
    for (const waiting of group) await this.commit([waiting]).catch((error: unknown) => waiting.reject(error));
  }
}

function byDataset(group: readonly Waiting[]): Map<KeptDataset, Waiting[]> {
  const groups = new Map<KeptDataset, Waiting[]>();
  for (const waiting of group) groups.set(waiting.dataset, [...(groups.get(waiting.dataset) ?? []), waiting]);
  return groups;
}
