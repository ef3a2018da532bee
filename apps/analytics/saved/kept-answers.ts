import { QueryReply } from '#libs/contracts/analytics.contract';
import { Cell } from '#libs/contracts/query-plan';
import { SqlRows } from '#libs/contracts/sql';

export type Answered = Pick<QueryReply | SqlRows, 'columns' | 'rows' | 'truncated' | 'asOf' | 'dataVersion'>;

const KEPT_MAX_BYTES = 32 * 2 ** 20;
/** One answer takes at most such a part of the room: a few large ones must not push out all others. */
const SHARE = 1 / 8;
const BYTES_A_CELL = 16;
const BYTES_A_CHARACTER = 2;

/** Answers by their tag, within a bound of memory; what was longest not asked for goes first. */
export class KeptAnswers {
  private readonly kept = new Map<string, { readonly answer: Answered; readonly bytes: number }>();
  private bytes = 0;

  constructor(private readonly maxBytes = KEPT_MAX_BYTES) {}

  get(tag: string): Answered | undefined {
    const found = this.kept.get(tag);
    if (!found) return undefined;
    this.kept.delete(tag);
    this.kept.set(tag, found);
    return found.answer;
  }

  keep(tag: string, answer: Answered): void {
    const bytes = sizeOf(answer);
    if (bytes > this.maxBytes * SHARE) return;
    this.forget(tag);
    this.kept.set(tag, { answer, bytes });
    this.bytes += bytes;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.maxBytes) return;
      this.forget(oldest);
    }
  }

  private forget(tag: string): void {
    this.bytes -= this.kept.get(tag)?.bytes ?? 0;
    this.kept.delete(tag);
  }
}

/** About what an answer takes in memory. Unit: bytes. */
function sizeOf({ rows, columns }: Answered): number {
  const cells = rows.reduce((sum, row) => sum + row.reduce<number>((inRow, cell) => inRow + cellSize(cell), 0), 0);
  return cells + columns.length * BYTES_A_CELL;
}

function cellSize(cell: Cell): number {
  if (typeof cell === 'string') return BYTES_A_CELL + cell.length * BYTES_A_CHARACTER;
  return typeof cell === 'object' && cell !== null
    ? BYTES_A_CELL + JSON.stringify(cell).length * BYTES_A_CHARACTER
    : BYTES_A_CELL;
}
