import { PlanMeasure } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { Dataset, unknownColumn } from './dataset';

type Fn = PlanMeasure['fn'];

/** Counts are ints, what is computed of numbers is a double, the others are what their column is. */
export function measureType(fn: Fn, column: ColumnType | undefined): ColumnType {
  if (fn === 'count' || fn === 'distinct' || fn === 'distinct_approx') return 'int';
  if (fn === 'avg' || fn === 'stddev' || fn === 'quantile') return 'double';
  return column ?? 'int';
}

const NEEDS_NUMBERS: ReadonlySet<Fn> = new Set(['sum', 'avg', 'stddev', 'quantile']);

/** The sentence that says what is wrong with a measure over this dataset, when something is. */
export function measureProblem(
  { fn, column, type, q }: Pick<PlanMeasure, 'fn' | 'column' | 'q'> & { readonly type: ColumnType | undefined },
  dataset: Dataset,
): string | undefined {
  if (column === undefined) return fn === 'count' ? undefined : `${fn} needs a column.`;
  if (type === undefined) return unknownColumn(dataset, column);
  if (NEEDS_NUMBERS.has(fn) && type !== 'int' && type !== 'double') {
    return `${fn} needs an int or double; "${column}" is ${type}.`;
  }
  if (fn !== 'count' && type === 'json') {
    return `"${column}" is json: it can only be counted; name a path in it, as in ${column}.member.`;
  }
  if (fn === 'quantile' && !(typeof q === 'number' && q >= 0 && q <= 1)) {
    return 'quantile needs a fraction q between 0 and 1.';
  }
  return undefined;
}
