import { isTree, Tree } from '../../duckdb/statement-tree';
import { compareSql, EQUAL } from './compare-sql';
import { listOf, printExpression } from './expression-sql';
import { Printing } from './printing';
import { bracketed, Relation } from './relation';
import { answer, BOOLEAN, castSql, ColumnSql, isDouble, isText, Printed, unsupported } from './types';

/** What a join needs of who prints the plan around it. */
export interface JoinPrinter {
  readonly printing: Printing;
  select(relation: Relation, expressions: readonly ColumnSql[], more?: string): Relation;
}

interface Condition {
  readonly left: Printed;
  readonly right: Printed;
  readonly comparison: string;
}

const CHARACTERS_MAX = 1_000_000;
const SAME = 'COMPARE_NOT_DISTINCT_FROM';
const WORDS: Readonly<Record<string, string>> = {
  INNER: 'INNER JOIN',
  LEFT: 'LEFT JOIN',
  RIGHT: 'RIGHT JOIN',
  OUTER: 'FULL JOIN',
  FULL: 'FULL JOIN',
  SINGLE: 'ANY LEFT JOIN',
};

/** A join of the bound plan: the columns of its left side, then those of its right. */
export function joinOf(printer: JoinPrinter, plan: Tree, left: Relation, right: Relation): Relation {
  if (plan.join_type === 'SINGLE' && !isOneRow(listOf(plan.children)[1], listOf(plan.duplicate_eliminated_columns))) {
    throw unsupported('a correlated subquery that may give several rows for one value');
  }
  const [one, other] = [bracketed(left), bracketed(right)];
  const columns = [...one.columns, ...other.columns];
  if (plan.type === 'LOGICAL_CROSS_PRODUCT') return crossed(one, other, columns);
  if (plan.type === 'LOGICAL_ANY_JOIN') {
    if (plan.join_type !== 'INNER') throw unsupported('an outer join without an equality');
    const { sql } = printExpression(plan.condition, columns, printer.printing);
    return { ...crossed(one, other, columns), where: sql };
  }
  if (isTree(plan.predicate)) throw unsupported('a join on this condition');
  const conditions = listOf(plan.conditions)
    .filter(isTree)
    .map(({ left: a, right: b, comparison }) => ({
      left: asKey(printExpression(a, one.columns, printer.printing)),
      right: asKey(printExpression(b, other.columns, printer.printing)),
      comparison: String(comparison),
    }));
  switch (plan.join_type) {
    case 'MARK':
      return marked(printer, one, other, conditions);
    case 'SEMI':
    case 'ANTI':
      return kept(one, other, conditions, plan.join_type === 'ANTI');
    default:
      return joined(String(plan.join_type), one, other, conditions, columns);
  }
}

/** Whether a correlated subquery has at most one row for each outer one: it is an aggregate by what it reads of that row alone. */
function isOneRow(plan: unknown, outer: readonly unknown[]): boolean {
  if (!isTree(plan)) return false;
  const [first, second] = listOf(plan.children);
  switch (plan.type) {
    case 'LOGICAL_PROJECTION':
    case 'LOGICAL_FILTER':
    case 'LOGICAL_ORDER_BY':
      return isOneRow(first, outer);
    case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
      return listOf(plan.groups).length === outer.length && listOf(plan.grouping_sets).length <= 1 && readsOuter(first);
    case 'LOGICAL_COMPARISON_JOIN':
      // The outer rows, each with its aggregate, or with a count of nothing.
      return listOf(plan.conditions).length === outer.length && isDelimGet(first) && isOneRow(second, outer);
    default:
      return false;
  }
}

const isDelimGet = (plan: unknown): boolean => isTree(plan) && plan.type === 'LOGICAL_DELIM_GET';
const readsOuter = (plan: unknown): boolean =>
  isTree(plan) && (isDelimGet(plan) || listOf(plan.children).some(readsOuter));

/** Keys are held against each other by their bits there, where two zeros differ and what is no number meets nothing. */
function asKey(key: Printed): Printed {
  if (!isDouble(key.type)) return key;
  if (key.mayBeNaN) throw unsupported('a join by a DOUBLE that may be no number');
  return { ...key, sql: `(${key.sql} + 0)` };
}

const crossed = (one: Relation, other: Relation, columns: readonly ColumnSql[]): Relation => ({
  columns,
  from: `${one.from} CROSS JOIN ${other.from}`,
});

function joined(
  type: string,
  one: Relation,
  other: Relation,
  conditions: readonly Condition[],
  columns: readonly ColumnSql[],
): Relation {
  const word = WORDS[type];
  if (word === undefined) throw unsupported(`a join of the kind ${type}`);
  const on = conditions.flatMap(({ comparison, left, right }) =>
    comparison === SAME ? sameSql(left, right) : [compareSql(comparison, left, right)],
  );
  const hasEquality = conditions.some(({ comparison }) => comparison === EQUAL || comparison === SAME);
  if (!hasEquality) {
    if (type !== 'INNER') throw unsupported('an outer join without an equality');
    return { ...crossed(one, other, columns), where: on.join(' AND ') };
  }
  const from = `${one.from} ${word} ${other.from} ON ${on.join(' AND ')}`;
  // What an outer join leaves out is null, also of columns that never are.
  return { columns, from };
}

/** Two values that may both be null, as equalities of which a join can make use. */
function sameSql(left: Printed, right: Printed): string[] {
  const filled = ({ sql, type }: Printed): string => `ifNull(${sql}, ${isText(type) ? `''` : castSql('0', type)})`;
  return [`${filled(left)} = ${filled(right)}`, `isNull(${left.sql}) = isNull(${right.sql})`];
}

/** Rows of the left side that have a match on the right, or that have none. */
function kept(one: Relation, other: Relation, conditions: readonly Condition[], isAnti: boolean): Relation {
  const { keys, matches } = keysOf(conditions);
  const among = `(${keys.join(', ')}) IN (SELECT ${matches.join(', ')} FROM ${other.from})`;
  return { columns: one.columns, from: one.from, where: isAnti ? `NOT (${among})` : among };
}

/** Keys under which a null meets no other, or just another null, by what the conditions say. */
function keysOf(conditions: readonly Condition[]): { readonly keys: string[]; readonly matches: string[] } {
  const keys: string[] = [];
  const matches: string[] = [];
  conditions.forEach(({ left, right, comparison }) => {
    const filled = ({ sql, type }: Printed): string => `ifNull(${sql}, ${isText(type) ? `''` : castSql('0', type)})`;
    if (comparison === EQUAL) {
      keys.push(`isNull(${left.sql})`, filled(left));
      matches.push(`if(isNull(${right.sql}), 2, 0)`, filled(right));
    } else if (comparison === SAME) {
      keys.push(`isNull(${left.sql})`, filled(left));
      matches.push(`isNull(${right.sql})`, filled(right));
    } else {
      throw unsupported('a subquery with this comparison');
    }
  });
  return { keys, matches };
}

/** Each row of the left side with whether the right side has its match; not known where a null could be it. */
function marked(printer: JoinPrinter, one: Relation, other: Relation, conditions: readonly Condition[]): Relation {
  const { keys, matches } = keysOf(conditions);
  const found = `(${keys.join(', ')}) IN (SELECT ${matches.join(', ')} FROM ${other.from})`;
  const [first, ...more] = conditions.filter(({ comparison }) => comparison === EQUAL);
  if (!first) return printer.select(one, [...one.columns, answer(found, BOOLEAN)]);
  if (more.length > 0 || conditions.length > 1)
    throw unsupported('IN over several columns or of a correlated subquery');
  if (3 * other.from.length + one.from.length > CHARACTERS_MAX) throw unsupported('IN that is so large there');
  const rows = (count: string): string => `(SELECT ${count} FROM ${other.from})`;
  const open = `(isNull(${first.left.sql}) AND ${rows('count()')} > 0) OR ${rows(`countIf(isNull(${first.right.sql}))`)} > 0`;
  const mark = `multiIf(${found}, toNullable(true), ${open}, NULL, false)`;
  return printer.select(one, [...one.columns, answer(mark, BOOLEAN)]);
}
