import { AppendReceipt, DatasetTotals } from '#libs/contracts/storage.contract';

/** A row of the reference: times are hours, so that a rollup by the hour has one bucket a time. */
export interface ReferenceRow {
  readonly id: string;
  readonly hour: number;
  readonly version: number;
  readonly deleted: boolean;
  readonly value: number;
}

export type ReferenceMode = 'time' | 'key' | 'version';

interface Slot {
  readonly row: ReferenceRow;
  readonly appendId: string;
}

/** What a dataset is, said as plainly as it can be: rows by their identity, one at a time. */
export class ReferenceDataset {
  private readonly slots = new Map<string, Slot>();
  private readonly receipts = new Map<string, AppendReceipt>();
  private replaced = 0;

  constructor(private readonly mode: ReferenceMode) {}

  append(appendId: string, rows: readonly ReferenceRow[], replaces: readonly string[] = []): AppendReceipt {
    const known = this.receipts.get(appendId);
    if (known) return known;
    const receipt = { appendId, stored: 0, merged: 0, stale: 0, duplicate: 0, replaced: this.takeOut(replaces) };
    for (const row of rows) receipt[this.place(appendId, row)] += 1;
    this.receipts.set(appendId, receipt);
    return receipt;
  }

  live(): ReferenceRow[] {
    return [...this.slots.values()].map(({ row }) => row).filter((row) => !this.isDeleted(row));
  }

  totals(): DatasetTotals {
    const stored = [...this.receipts.values()].reduce((sum, receipt) => sum + receipt.stored, 0);
    const held = this.live().length;
    return { stored, held, expired: 0, erased: this.slots.size - held, replaced: this.replaced };
  }

  private place(appendId: string, row: ReferenceRow): 'stored' | 'merged' | 'stale' | 'duplicate' {
    const identity = this.mode === 'time' ? `${row.id}/${row.hour}` : row.id;
    const there = this.slots.get(identity);
    if (there && this.mode !== 'version') return 'duplicate';
    if (there && row.version === there.row.version) return 'duplicate';
    if (there && row.version < there.row.version) return 'stale';
    this.slots.set(identity, { row, appendId });
    return there ? 'merged' : 'stored';
  }

  private takeOut(appendIds: readonly string[]): number {
    const gone = [...this.slots].filter(([, { appendId }]) => appendIds.includes(appendId));
    for (const [identity] of gone) this.slots.delete(identity);
    this.replaced += gone.length;
    return gone.length;
  }

  private isDeleted(row: ReferenceRow): boolean {
    return this.mode === 'version' && row.deleted;
  }
}
