import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { FieldProblem } from '#libs/errors/errors';
import { comparable, compareValues } from '#libs/query/cell-order';
import { FilterCheck } from '#libs/query/checked-filter';
import { passing } from '#libs/query/evaluate';
import { Question } from '../question/question';
import { invalidQuery } from '../question/read-question';

type Row = readonly Cell[];

/** A shaped answer's rows that pass `having`, in the asked order (nulls last; then by bucket and keys), as many as asked. */
export function pickRows(
  { having, order, limit }: Question,
  columns: readonly ResultColumn[],
  keys: number,
  rows: readonly Row[],
): { readonly rows: readonly Row[]; readonly truncated: boolean } {
  const problems: FieldProblem[] = [];
  const refuse = (path: string, message: string): number => problems.push({ path, message });
  const check = new FilterCheck((path, name) => {
    const column = columns.find((one) => one.name === name);
    if (!column) refuse(path, `"${name}" is not in the answer`);
    return column && { name, column: name, type: column.type };
  }, refuse);
  const filters = check.all(having, 'having');
  const certain = columns.slice(0, keys + (columns[0]?.name === 'bucket' ? 1 : 0));
  const asked = order.map(({ by, descending }, at) => {
    if (!columns.some(({ name }) => name === by)) refuse(`order[${at}].by`, `"${by}" is not in the answer`);
    return { by, descending };
  });
  if (problems.length > 0) throw invalidQuery(problems);
  const sorts = [...asked, ...certain.map(({ name }) => ({ by: name, descending: false }))].map(({ by, descending }) =>
    comparison(columns, by, descending),
  );
  const kept = (filters.length === 0 ? [...rows] : rows.filter(passing(filters, columns))).sort((one, other) => {
    for (const sort of sorts) {
      const decided = sort(one, other);
      if (decided !== 0) return decided;
    }
    return 0;
  });
  return { rows: kept.slice(0, limit), truncated: kept.length > limit };
}

function comparison(
  columns: readonly ResultColumn[],
  by: string,
  descending: boolean,
): (one: Row, other: Row) => number {
  const at = columns.findIndex(({ name }) => name === by);
  const type = columns[at]?.type ?? 'string';
  return (first, second) => {
    const one = comparable(type, first[at]);
    const other = comparable(type, second[at]);
    if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0);
    return descending ? compareValues(other, one) : compareValues(one, other);
  };
}
