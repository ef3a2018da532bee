import { PlanMeasure } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';

interface Aggregate {
  readonly fn: PlanMeasure['fn'];
  /** The expression that it is over; none for a count of rows. */
  readonly value?: string;
  readonly type: ColumnType;
  readonly q?: number;
}

/** One aggregate over the rows of a group, meaning what the contract says; `time` is the expression of a row's time. */
export function aggregateSql({ fn, value = '', type, q }: Aggregate, time: string): string {
  switch (fn) {
    case 'count':
      return `toInt64(count(${value}))`;
    case 'sum':
      return type === 'double' ? `sumKahanOrNull(${value})` : `sumOrNull(toInt128(${value}))`;
    case 'avg':
      return `if(count(${value}) = 0, NULL, sumKahan(toFloat64(${value})) / count(${value}))`;
    case 'min':
      return `minOrNull(${value})`;
    case 'max':
      return `maxOrNull(${value})`;
    case 'stddev':
      return `if(count(${value}) < 2, NULL, stddevSampStable(toFloat64(${value})))`;
    case 'quantile':
      return `quantileExactInclusiveOrNull(${q ?? 0.5})(toFloat64(${value}))`;
    case 'distinct':
      return `toInt64(uniqExact(${value}))`;
    case 'distinct_approx':
      return `toInt64(uniqCombined(${value}))`;
    case 'first':
      return edgeSql(`-(${time})`, value);
    case 'last':
      return edgeSql(time, value);
  }
}

/** The value at the greatest rank; of several the greatest, and null only when all of them are. */
function edgeSql(rank: string, value: string): string {
  const edge = `max((${rank}, isNotNull(${value}), assumeNotNull(${value})))`;
  return `if(tupleElement(${edge}, 2) = 1, toNullable(tupleElement(${edge}, 3)), NULL)`;
}
