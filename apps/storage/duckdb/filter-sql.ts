import { CheckedFilter } from '#libs/query/checked-filter';
import { fieldSql } from './field-sql';
import { Parameters } from './parameters';

const COMPARISON = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** All of the conditions together; true when there are none. */
export const allSql = (filters: readonly CheckedFilter[], parameters: Parameters): string =>
  filters.length === 0 ? 'TRUE' : filters.map((filter) => filterSql(filter, parameters)).join(' AND ');

function filterSql(filter: CheckedFilter, parameters: Parameters): string {
  switch (filter.kind) {
    case 'and':
      return `(${allSql(filter.nodes, parameters)})`;
    case 'or':
      return filter.nodes.length === 0
        ? 'FALSE'
        : `(${filter.nodes.map((node) => filterSql(node, parameters)).join(' OR ')})`;
    case 'not':
      return `(NOT ${filterSql(filter.node, parameters)})`;
    case 'test':
      return testSql(filter, parameters);
  }
}

function testSql({ field, op, values }: CheckedFilter & { kind: 'test' }, parameters: Parameters): string {
  const name = fieldSql(field, parameters);
  const places = values.map((value) => parameters.compared(value));
  switch (op) {
    case 'is_null':
      return `(${name} IS NULL)`;
    case 'is_not_null':
      return `(${name} IS NOT NULL)`;
    case 'in':
      return `(${name} IN (${places.join(', ')}))`;
    case 'not_in':
      return `(${name} NOT IN (${places.join(', ')}))`;
    case 'contains':
      return `contains(${name}, ${places.join(', ')})`;
    case 'starts_with':
      return `starts_with(${name}, ${places.join(', ')})`;
    case 'ends_with':
      return `ends_with(${name}, ${places.join(', ')})`;
    case 'matches':
      return `regexp_matches(${name}, ${places.join(', ')})`;
    default:
      return `(${name} ${COMPARISON[op]} ${places.join(', ')})`;
  }
}
