import { RE2JS } from 're2js';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { comparable, compareValues, textOf } from './cell-order';
import { CheckedFilter, ComparedValue } from './checked-filter';

type Truth = boolean | undefined;
type Test = (row: readonly Cell[]) => Truth;

/** Whether a row of an answer passes all of the conditions, as an engine would decide it: what is null passes none. */
export function passing(
  filters: readonly CheckedFilter[],
  columns: readonly ResultColumn[],
): (row: readonly Cell[]) => boolean {
  const test = every(filters.map((filter) => testOf(filter, columns)));
  return (row) => test(row) === true;
}

function testOf(filter: CheckedFilter, columns: readonly ResultColumn[]): Test {
  switch (filter.kind) {
    case 'and':
      return every(filter.nodes.map((node) => testOf(node, columns)));
    case 'or':
      return some(filter.nodes.map((node) => testOf(node, columns)));
    case 'not': {
      const test = testOf(filter.node, columns);
      return (row) => negated(test(row));
    }
    case 'test':
      return comparison(filter, columns);
  }
}

const negated = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

const every =
  (tests: readonly Test[]): Test =>
  (row) => {
    const truths = tests.map((test) => test(row));
    return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
  };

const some =
  (tests: readonly Test[]): Test =>
  (row) => {
    const truths = tests.map((test) => test(row));
    return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
  };

function comparison({ field, op, values }: CheckedFilter & { kind: 'test' }, columns: readonly ResultColumn[]): Test {
  const at = columns.findIndex(({ name }) => name === field.column);
  if (op === 'is_null') return (row) => (row[at] ?? null) === null;
  if (op === 'is_not_null') return (row) => (row[at] ?? null) !== null;
  const text = values[0]?.type === 'string' ? values[0].value : '';
  const pattern = op === 'matches' ? RE2JS.compile(text) : undefined;
  const wanted = values.map(valueOf);
  return (row) => {
    const value = comparable(field.type, row[at]);
    if (value === undefined) return undefined;
    const order = (other: (typeof wanted)[number]): number => compareValues(value, other);
    switch (op) {
      case 'eq':
      case 'in':
        return wanted.some((one) => order(one) === 0);
      case 'ne':
      case 'not_in':
        return wanted.every((one) => order(one) !== 0);
      case 'lt':
        return order(wanted[0]!) < 0; // a comparison has its value
      case 'le':
        return order(wanted[0]!) <= 0;
      case 'gt':
        return order(wanted[0]!) > 0;
      case 'ge':
        return order(wanted[0]!) >= 0;
      case 'contains':
        return textOf(row[at]).includes(text);
      case 'starts_with':
        return textOf(row[at]).startsWith(text);
      case 'ends_with':
        return textOf(row[at]).endsWith(text);
      case 'matches':
        return pattern?.matcher(textOf(row[at])).find() ?? false;
    }
  };
}

function valueOf(value: ComparedValue): number | bigint | Buffer {
  if (value.type === 'string') return Buffer.from(value.value);
  return value.type === 'bool' ? Number(value.value) : value.value;
}
