import { PreviewOutcome, RowJson } from '#libs/contracts/preview';
import { DifferenceExample, FieldDifference, OutcomeChange, RecordOutcome } from '#libs/contracts/rows-difference';
import { canonicalJson } from '#libs/documents/canonical';
import { rowJson } from '../core/row-json';
import { BatchResult } from '../core/run';

const EXAMPLES_MAX = 10;
/** Of each kind of change, so that a frequent one does not hide a rare one. */
const EXAMPLES_OF_A_KIND = 3;
const EXAMPLE_ROWS_MAX = 5;

/** What two versions make of the same records, counted up record by record. */
export class Difference {
  readonly examples: DifferenceExample[] = [];
  records = 0;
  changed = 0;
  rowsBefore = 0;
  rowsAfter = 0;
  private readonly fieldCounts = new Map<string, number>();
  private readonly outcomeCounts = new Map<string, OutcomeChange>();
  private readonly shownOfKind = new Map<string, number>();

  /** Counts one record. `record` is asked for only when it is shown. */
  add(before: RecordOutcome, after: RecordOutcome, record: () => Omit<DifferenceExample, 'before' | 'after'>): void {
    this.records += 1;
    this.rowsBefore += before.rows.length;
    this.rowsAfter += after.rows.length;
    const kind = this.kindOf(before, after);
    if (kind === undefined) return;
    this.changed += 1;
    const shown = this.shownOfKind.get(kind) ?? 0;
    if (shown >= EXAMPLES_OF_A_KIND || this.examples.length >= EXAMPLES_MAX) return;
    this.shownOfKind.set(kind, shown + 1);
    this.examples.push({ ...record(), before: cut(before), after: cut(after) });
  }

  get fields(): FieldDifference[] {
    return [...this.fieldCounts]
      .map(([field, rows]) => ({ field, rows }))
      .sort((a, b) => b.rows - a.rows || (a.field < b.field ? -1 : 1));
  }

  get outcomes(): OutcomeChange[] {
    return [...this.outcomeCounts.values()].sort((a, b) => b.records - a.records);
  }

  /** What kind of change it is; undefined when there is none. */
  private kindOf(before: RecordOutcome, after: RecordOutcome): string | undefined {
    if (before.outcome !== after.outcome) {
      const kind = `${before.outcome} ${after.outcome}`;
      const known = this.outcomeCounts.get(kind);
      if (known) known.records += 1;
      else this.outcomeCounts.set(kind, { from: before.outcome, to: after.outcome, records: 1 });
      return kind;
    }
    const fields = new Set<string>();
    for (let at = 0; at < Math.min(before.rows.length, after.rows.length); at += 1) {
      for (const field of fieldsThatDiffer(before.rows[at]!, after.rows[at]!)) {
        this.fieldCounts.set(field, (this.fieldCounts.get(field) ?? 0) + 1);
        fields.add(field);
      }
    }
    if (before.rows.length !== after.rows.length) return 'number of rows';
    return fields.size === 0 ? undefined : [...fields].sort().join(' ');
  }
}

/** What became of record `index`. */
export function outcomeOf(
  { rows, rowEnds, quarantined }: BatchResult,
  failures: ReadonlyMap<number, BatchResult['quarantined'][number]>,
  index: number,
): RecordOutcome {
  const failed = quarantined.length === 0 ? undefined : failures.get(index);
  if (failed) return { outcome: 'quarantined', rows: [], step: failed.step, reason: failed.reason };
  const [from = 0, to = 0] = [index === 0 ? 0 : rowEnds[index - 1], rowEnds[index]];
  const made = Array.from({ length: to - from }, (_, at) => rowJson(rows, from + at));
  const outcome: PreviewOutcome = made.length === 0 ? 'filtered' : 'normalized';
  return { outcome, rows: made };
}

/** A column that one of the rows has not is null in it. */
const fieldsThatDiffer = (before: RowJson, after: RowJson): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => textOf(before[field]) !== textOf(after[field]),
  );

const textOf = (value: unknown): string => canonicalJson(value ?? null);

const cut = (outcome: RecordOutcome): RecordOutcome => ({ ...outcome, rows: outcome.rows.slice(0, EXAMPLE_ROWS_MAX) });
