import { AppendBatch, AppendReceipt } from '#libs/contracts/storage.contract';
import { ChartlyError, Unavailable } from '#libs/errors/errors';
import { qualifiedName } from '../dataset';
import { AppendOutcome } from './dataset-writer';

/** Rows and appends that one commit takes at most; more wait for the next. */
const GROUP_ROWS_MAX = 100_000;
const GROUP_APPENDS_MAX = 200;
/** Rows that may wait; who brings more is asked to come again. */
const WAITING_ROWS_MAX = 1_000_000;

interface Waiting {
  readonly batch: AppendBatch;
  readonly resolve: (receipt: AppendReceipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends to a dataset that come while another is written share the next commit; each is answered after it. */
export class WaitingAppends {
  private readonly queues = new Map<string, Waiting[]>();
  private readonly working = new Map<string, Promise<void>>();
  private waitingRows = 0;

  constructor(private readonly write: (batches: readonly AppendBatch[]) => Promise<AppendOutcome[]>) {}

  /** Throws Unavailable `storage.busy` while too many rows wait. */
  add(batch: AppendBatch): Promise<AppendReceipt> {
    if (this.waitingRows > WAITING_ROWS_MAX) {
      return Promise.reject(
        new Unavailable('storage.busy', `${this.waitingRows} rows wait to be stored. Try again shortly.`, {
          retryAfterMs: 1_000,
        }),
      );
    }
    const name = qualifiedName(batch);
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(name) ?? [];
      queue.push({ batch, resolve, reject });
      this.queues.set(name, queue);
      this.waitingRows += batch.rows.length;
      if (!this.working.has(name)) this.working.set(name, this.work(name, queue));
    });
  }

  /** Ends when nothing waits. */
  async settled(): Promise<void> {
    while (this.working.size > 0) await Promise.all(this.working.values());
  }

  private async work(name: string, queue: Waiting[]): Promise<void> {
    await Promise.resolve(); // those of the same turn come along
    while (queue.length > 0) {
      const group = queue.splice(0, groupSize(queue));
      await this.writeGroup(group);
      for (const { batch } of group) this.waitingRows -= batch.rows.length;
    }
    this.queues.delete(name);
    this.working.delete(name);
  }

  /** One that cannot be taken must not fail the others: each is tried alone. */
  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.write(group.map(({ batch }) => batch));
      group.forEach(({ resolve, reject }, at) => {
        const outcome = outcomes[at]!; // one each
        if (outcome instanceof ChartlyError) reject(outcome);
        else resolve(outcome);
      });
    } catch (thrown) {
      if (group.length === 1) return group[0]!.reject(thrown);
      for (const waiting of group) await this.writeGroup([waiting]);
    }
  }
}

function groupSize(queue: readonly Waiting[]): number {
  let rows = 0;
  let count = 0;
  for (const { batch } of queue.slice(0, GROUP_APPENDS_MAX)) {
    if (count > 0 && (batch.replaces || rows + batch.rows.length > GROUP_ROWS_MAX)) break;
    rows += batch.rows.length;
    count += 1;
    if (batch.replaces) break; // what others brought is judged before or after the rows go, not in between
  }
  return count;
}
