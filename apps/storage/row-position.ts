import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { CheckedFilter, compared, ComparedValue } from '#libs/query/checked-filter';
import { Field } from '#libs/query/field';
import { Dataset } from './dataset';

/** The columns that give every row its place: time, then key. */
export const positionOf = ({ time, key, columns }: Dataset): ResultColumn[] =>
  [time, ...key.filter((name) => name !== time)].flatMap((name) => {
    const column = columns.find((one) => one.name === name);
    return column ? [{ name, type: column.type }] : [];
  });

/** The condition under which a row comes behind the place `after`; undefined when there can be no such place. */
export function behindPosition(
  position: readonly ResultColumn[],
  after: readonly (string | number | boolean)[],
): CheckedFilter | undefined {
  const places = position.map((column, at) => ({ column, value: compared(column.type, after[at] ?? '') }));
  if (after.length !== position.length || places.some(({ value }) => value === undefined)) return undefined;
  // By the last column, unless one before it decides already.
  let behind: CheckedFilter | undefined;
  for (const { column, value } of places.reverse()) {
    const here = testsOf(column, value!); // looked above
    behind = behind ? { kind: 'or', nodes: [here('gt'), { kind: 'and', nodes: [here('eq'), behind] }] } : here('gt');
  }
  const [first] = position;
  const [time] = after;
  if (!behind || !first || time === undefined) return undefined;
  // Said once more for the time alone, by which an engine leaves out whole blocks of rows.
  return { kind: 'and', nodes: [testsOf(first, compared(first.type, time)!)('ge'), behind] };
}

const testsOf =
  ({ name, type }: ResultColumn, value: ComparedValue) =>
  (op: 'gt' | 'ge' | 'eq'): CheckedFilter => {
    const field: Field = { name, column: name, type };
    return { kind: 'test', field, op, values: [value] };
  };

/** The place of a page's last row as the next page is asked for. */
export const placeOf = (cells: readonly Cell[]): (string | number | boolean)[] =>
  cells.map((cell) => (typeof cell === 'object' ? '' : cell)); // time and key are never null and never json
