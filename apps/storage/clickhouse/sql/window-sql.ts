import { isTree, Tree } from '../../duckdb/statement-tree';
import { printAggregate } from './aggregate-sql';
import { listOf, printExpression } from './expression-sql';
import { Printing } from './printing';
import { DAY_US } from './time-sql';
import { answer, castSql, ColumnSql, isInt, Printed, typeOf, unsupported } from './types';

const WHOLE = 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING';

/** Sorting as the plan has it, nulls where it says; what is no number is greater than every number. */
export function orderSql(orders: unknown, columns: readonly ColumnSql[], printing: Printing): string {
  return listOf(orders)
    .filter(isTree)
    .map((order) => {
      const { sql, mayBeNaN, interval } = printExpression(order.expression, columns, printing);
      if (interval) throw unsupported('sorting by intervals');
      const way = `${order.type === 'DESCENDING' ? 'DESC' : 'ASC'} ${order.null_order === 'NULLS FIRST' ? 'NULLS FIRST' : 'NULLS LAST'}`;
      return mayBeNaN ? `isNaN(${sql}) ${way}, ${sql} ${way}` : `${sql} ${way}`;
    })
    .join(', ');
}

/** A function over a window of the bound plan. */
export function printWindow(node: Tree, columns: readonly ColumnSql[], printing: Printing): Printed {
  const print = (child: unknown): Printed => printExpression(child, columns, printing);
  const kind = String(node.type).replace('WINDOW_', '');
  const type = typeOf(node.return_type);
  if (node.ignore_nulls === true) throw unsupported('IGNORE NULLS');
  if (node.exclude_clause !== 'NO_OTHER') throw unsupported('EXCLUDE in a window');
  if (listOf(node.arg_orders).length > 0) throw unsupported('ORDER BY in the arguments of a window');
  const parts = listOf(node.partitions).map((part) => print(part).sql);
  const order = orderSql(node.orders, columns, printing);
  const over = (frame: string): string =>
    ` OVER (${[parts.length > 0 ? `PARTITION BY ${parts.join(', ')}` : '', order === '' ? '' : `ORDER BY ${order}`, frame].join(' ')})`;
  const [first, second] = listOf(node.children).map(print);
  const ranked = RANKS[kind];
  if (ranked !== undefined && !isTree(node.filters)) {
    return answer(castSql(`${ranked}()${over('')}`, type), type, true);
  }
  switch (kind) {
    case 'AGGREGATE':
      return printAggregate(node, columns, printing, over(frameOf(node, print)));
    case 'LAG':
    case 'LEAD': {
      if (!first) break;
      const offset = isTree(node.offset_expr) ? wholeConstant(print(node.offset_expr)) : '1';
      const other = isTree(node.default_expr) ? print(node.default_expr).sql : 'NULL';
      const name = kind === 'LAG' ? 'lagInFrame' : 'leadInFrame';
      const args = `${castSql(first.sql, type)}, ${offset}, ${castSql(other, type)}`;
      return { ...first, sql: `${name}(${args})${over(WHOLE)}`, constant: undefined };
    }
    case 'FIRST_VALUE':
    case 'LAST_VALUE': {
      if (!first) break;
      const name = kind === 'FIRST_VALUE' ? 'first_value_respect_nulls' : 'last_value_respect_nulls';
      return {
        ...first,
        sql: `${name}(${castSql(first.sql, type)})${over(frameOf(node, print))}`,
        constant: undefined,
      };
    }
    case 'NTH_VALUE': {
      if (!first || !second) break;
      const sql = `nth_value(${castSql(first.sql, type)}, ${wholeConstant(second)})${over(frameOf(node, print))}`;
      return { ...first, sql, constant: undefined };
    }
    case 'NTILE':
      if (!first || order === '') break;
      return answer(castSql(`ntile(${wholeConstant(first)})${over(WHOLE)}`, type), type);
  }
  throw unsupported(`the window function ${kind.toLowerCase()}`);
}

const RANKS: Readonly<Record<string, string>> = {
  ROW_NUMBER: 'row_number',
  RANK: 'rank',
  RANK_DENSE: 'dense_rank',
  PERCENT_RANK: 'percent_rank',
  CUME_DIST: 'cume_dist',
};

/** How far a bound of a range lies from its row: the plan has the sum of both. */
function distanceOf(bound: unknown): unknown {
  const [, distance] = isTree(bound) && /^[+-]$/.test(String(bound.name)) ? listOf(bound.children) : [];
  return distance ?? bound;
}

/** ClickHouse counts how far a range reaches in 32 bits; of times that is half an hour. */
function distanceSql(size: Printed): string {
  const { interval } = size;
  if (!interval) return wholeConstant(size);
  if (interval.months !== '0' || !/^\d+$/.test(interval.days) || !/^\d+$/.test(interval.micros)) {
    throw unsupported('a window by an interval that is not constant');
  }
  const micros = BigInt(interval.days) * DAY_US + BigInt(interval.micros);
  if (micros >= 2n ** 31n) throw unsupported('a window by RANGE that reaches further than 35 minutes');
  return micros.toString();
}

function wholeConstant({ constant, type }: Printed): string {
  if (constant === undefined || !isInt(type) || BigInt(constant) < 0n)
    throw unsupported('a window by a number that is not constant');
  return constant;
}

function frameOf(node: Tree, print: (child: unknown) => Printed): string {
  const [start, end] = [String(node.start), String(node.end)];
  if (`${start} ${end}`.includes('GROUPS')) throw unsupported('GROUPS in a window');
  const isRange = /RANGE/.test(`${start} ${end}`) || !/ROWS/.test(`${start} ${end}`);
  if (isRange && listOf(node.orders).length === 0) return '';
  const bound = (of: string, by: unknown): string => {
    if (of.startsWith('UNBOUNDED')) return of.replace('_', ' ');
    if (of.startsWith('CURRENT_ROW')) return 'CURRENT ROW';
    const size = print(distanceOf(by));
    return `${isRange ? distanceSql(size) : wholeConstant(size)} ${of.includes('PRECEDING') ? 'PRECEDING' : 'FOLLOWING'}`;
  };
  return `${isRange ? 'RANGE' : 'ROWS'} BETWEEN ${bound(start, node.start_expr)} AND ${bound(end, node.end_expr)}`;
}
