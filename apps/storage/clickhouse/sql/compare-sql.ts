import { Printed, unsupported } from './types';

export const EQUAL = 'COMPARE_EQUAL';
export const GREATER_OR_EQUAL = 'COMPARE_GREATERTHANOREQUALTO';
export const LESS_OR_EQUAL = 'COMPARE_LESSTHANOREQUALTO';

/** Two values of one type held against each other. */
export function compareSql(comparison: string, left: Printed, right: Printed): string {
  const [a, b] = comparable(left, right);
  const noNumbers = left.mayBeNaN || right.mayBeNaN;
  switch (comparison) {
    case EQUAL:
      return noNumbers ? `((${a} = ${b}) OR (isNaN(${a}) AND isNaN(${b})))` : `(${a} = ${b})`;
    case 'COMPARE_NOTEQUAL':
      return `(NOT ${compareSql(EQUAL, left, right)})`;
    case 'COMPARE_GREATERTHAN':
      return noNumbers ? `((${a} > ${b}) OR (isNaN(${a}) AND NOT isNaN(${b})))` : `(${a} > ${b})`;
    case GREATER_OR_EQUAL:
      return noNumbers ? `((${a} >= ${b}) OR isNaN(${a} + 0 * isNull(${b})))` : `(${a} >= ${b})`;
    case 'COMPARE_LESSTHAN':
      return compareSql('COMPARE_GREATERTHAN', right, left);
    case LESS_OR_EQUAL:
      return compareSql(GREATER_OR_EQUAL, right, left);
    case 'COMPARE_NOT_DISTINCT_FROM':
      return `ifNull(${compareSql(EQUAL, left, right)}, isNull(${a}) AND isNull(${b}))`;
    case 'COMPARE_DISTINCT_FROM':
      return `(NOT ${compareSql('COMPARE_NOT_DISTINCT_FROM', left, right)})`;
    default:
      throw unsupported(`the comparison ${comparison}`);
  }
}

/** Intervals without months are as long as their microseconds. */
function comparable(left: Printed, right: Printed): readonly [string, string] {
  if (!left.interval && !right.interval) return [left.sql, right.sql];
  return [microsOf(left), microsOf(right)];
}

export function microsOf({ interval, type }: Printed): string {
  if (!interval) throw unsupported(`a value of the type ${type.id}`);
  if (interval.months !== '0') throw unsupported('the length of an interval of months');
  return `(toInt128(${interval.days}) * 86400000000 + ${interval.micros})`;
}
