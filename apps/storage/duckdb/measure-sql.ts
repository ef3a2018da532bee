import { PlanMeasure } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { Parameters } from './parameters';

interface Aggregate {
  readonly fn: PlanMeasure['fn'];
  /** The expression that it is over; none for a count of rows. */
  readonly value?: string;
  readonly type: ColumnType;
  readonly q?: number;
}

/** One aggregate over the rows of a group; `time` is the expression of a row's time. */
export function aggregateSql({ fn, value, type, q }: Aggregate, time: string, parameters: Parameters): string {
  switch (fn) {
    case 'count':
      return `count(${value ?? '*'})`;
    case 'sum':
      return type === 'double' ? `fsum(${value})` : `sum(${value})`;
    case 'avg':
      return `favg(${value}::DOUBLE)`;
    case 'min':
      return `min(${value})`;
    case 'max':
      return `max(${value})`;
    case 'stddev':
      return `stddev_samp(${value}::DOUBLE)`;
    case 'quantile':
      return `quantile_cont(${value}::DOUBLE, ${parameters.add(q ?? 0.5)}::DOUBLE)`;
    case 'distinct':
      return `count(DISTINCT ${value})`;
    case 'distinct_approx':
      return `approx_count_distinct(${value})`;
    case 'first':
      return edgeSql(`-epoch_us(${time})`, value);
    case 'last':
      return edgeSql(`epoch_us(${time})`, value);
  }
}

/** The value at the greatest rank; of several the greatest, and null only when all of them are. */
const edgeSql = (rank: string, value: string | undefined): string =>
  `max(struct_pack(r := ${rank}, n := ${value} IS NOT NULL, v := ${value})).v`;
