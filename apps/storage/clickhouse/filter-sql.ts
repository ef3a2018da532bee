import { CheckedFilter } from '#libs/query/checked-filter';
import { fieldSql } from './field-sql';
import { SqlValues } from './sql-values';

const COMPARISON = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** All of the conditions together; true when there are none. */
export const allSql = (filters: readonly CheckedFilter[], values: SqlValues): string =>
  filters.length === 0 ? 'true' : filters.map((filter) => filterSql(filter, values)).join(' AND ');

function filterSql(filter: CheckedFilter, values: SqlValues): string {
  switch (filter.kind) {
    case 'and':
      return `(${allSql(filter.nodes, values)})`;
    case 'or':
      return filter.nodes.length === 0
        ? 'false'
        : `(${filter.nodes.map((node) => filterSql(node, values)).join(' OR ')})`;
    case 'not':
      return `(NOT ${filterSql(filter.node, values)})`;
    case 'test':
      return testSql(filter, values);
  }
}

function testSql({ field, op, values: compared }: CheckedFilter & { kind: 'test' }, values: SqlValues): string {
  const name = fieldSql(field, values);
  const places = compared.map((value) => values.compared(value)).join(', ');
  switch (op) {
    case 'is_null':
      return `(${name} IS NULL)`;
    case 'is_not_null':
      return `(${name} IS NOT NULL)`;
    case 'in':
      return `(${name} IN (${places}))`;
    case 'not_in':
      return `(${name} NOT IN (${places}))`;
    case 'contains':
      return `(position(${name}, ${places}) > 0)`;
    case 'starts_with':
      return `startsWith(${name}, ${places})`;
    case 'ends_with':
      return `endsWith(${name}, ${places})`;
    case 'matches':
      return `match(${name}, concat('(?-s)', ${places}))`; // here a dot would match a line's end by default
    default:
      return `(${name} ${COMPARISON[op]} ${places})`;
  }
}
