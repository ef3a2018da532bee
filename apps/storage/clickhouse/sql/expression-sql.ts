import { isTree, Tree } from '../../duckdb/statement-tree';
import { printCast } from './cast-sql';
import { compareSql, EQUAL, GREATER_OR_EQUAL, LESS_OR_EQUAL } from './compare-sql';
import { printFunction } from './function-sql';
import { Printing } from './printing';
import { constantKey } from './statement-binder';
import {
  answer,
  BOOLEAN,
  castSql,
  ColumnSql,
  isDecimal,
  isDouble,
  isInt,
  isText,
  Printed,
  SqlType,
  typeOf,
  unsupported,
} from './types';

const CHARACTERS_MAX = 100_000;

/** The type of a column that no statement may name. */
export const ROW = 'ROW';

/** An expression of the bound plan over `columns`, in ClickHouse's words. Throws Unprocessable `sql.unsupported`. */
export function printExpression(node: unknown, columns: readonly ColumnSql[], printing: Printing): Printed {
  const printed = printAny(node, columns, printing);
  // Some say their argument several times, so that nested ones grow by powers.
  if (printed.sql.length > CHARACTERS_MAX) throw unsupported('an expression that is so large there');
  return printed;
}

function printAny(node: unknown, columns: readonly ColumnSql[], printing: Printing): Printed {
  if (!isTree(node)) throw unsupported('this expression');
  const print = (child: unknown): Printed => printExpression(child, columns, printing);
  switch (node.expression_class) {
    case 'BOUND_REF':
      return named(columnAt(columns, node.index));
    case 'BOUND_CONSTANT':
      return printConstant(node.value, printing);
    case 'BOUND_CAST':
      return castOf(node, print, printing);
    case 'BOUND_COMPARISON':
      return { ...answer(compareSql(String(node.type), print(node.left), print(node.right)), BOOLEAN) };
    case 'BOUND_CONJUNCTION':
      return conjunction(node, print);
    case 'BOUND_BETWEEN':
      return betweenOf(node, print);
    case 'BOUND_CASE':
      return caseOf(node, print);
    case 'BOUND_OPERATOR':
      return operatorOf(node, print);
    case 'BOUND_FUNCTION':
      return printFunction({
        name: String(node.name),
        type: typeOf(node.return_type),
        args: listOf(node.children).map(print),
        printing,
      });
    default:
      throw unsupported(String(node.expression_class).toLowerCase().replace('bound_', '').replaceAll('_', ' '));
  }
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function named(column: Printed): Printed {
  if (column.type.id === ROW) throw unsupported('rowid');
  return column;
}

export function columnAt(columns: readonly ColumnSql[], index: unknown): Printed {
  const column = columns[Number(index)];
  if (!column) throw new RangeError(`The plan names column ${String(index)} of ${columns.length}.`);
  return column;
}

export function printConstant(value: unknown, { values }: Pick<Printing, 'values'>): Printed {
  if (!isTree(value)) throw unsupported('this constant');
  const type = typeOf(value.type);
  if (value.is_null === true) {
    return { ...answer(type.id === 'NULL' ? 'NULL' : castSql('NULL', type), type, true) };
  }
  const { value: of } = value;
  if (type.id === 'BOOLEAN') return answer(of === true ? 'true' : 'false', type);
  if (isText(type)) return { ...answer(values.text(String(of)), type), constant: String(of) };
  if (isInt(type)) {
    const digits = wholeOf(of).toString();
    return { ...answer(castSql(`'${digits}'`, type), type), constant: digits };
  }
  if (isDecimal(type)) return answer(castSql(`'${decimalText(wholeOf(of), type.scale ?? 0)}'`, type), type);
  if (isDouble(type) && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(String(of))) {
    return answer(castSql(String(of), type), type, true);
  }
  throw unsupported(`a constant of the type ${type.id}`);
}

/** Whole numbers of more than 64 bits come in two halves. */
function wholeOf(value: unknown): bigint {
  if (!isTree(value)) return BigInt(String(value));
  return (BigInt(String(value.upper)) << 64n) + BigInt(String(value.lower));
}

export function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return value.toString();
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function castOf(node: Tree, print: (child: unknown) => Printed, { constants }: Printing): Printed {
  const child = print(node.child);
  const type = typeOf(node.return_type);
  const read =
    child.constant === undefined || node.try_cast === true
      ? undefined
      : constants.get(constantKey(type, child.constant));
  if (read && isText(child.type)) {
    const [first, days, micros] = read.map(String);
    if (isInt(type)) return { ...answer(castSql(`'${first}'`, type), type), constant: first };
    if (type.id !== 'INTERVAL') return answer(castSql(first ?? '0', type), type);
    return { ...answer('', type), interval: { months: first ?? '0', days: days ?? '0', micros: micros ?? '0' } };
  }
  if (type.id === 'BOOLEAN' && child.constant !== undefined && isText(child.type)) return truthOf(child.constant);
  return printCast(child, type, node.try_cast === true);
}

function truthOf(text: string): Printed {
  if (/^(t|true)$/i.test(text)) return answer('true', BOOLEAN);
  if (/^(f|false)$/i.test(text)) return answer('false', BOOLEAN);
  throw unsupported(`"${text}" as a BOOLEAN`);
}

function conjunction({ type, children }: Tree, print: (child: unknown) => Printed): Printed {
  const word = type === 'CONJUNCTION_OR' ? ' OR ' : ' AND ';
  return answer(
    `(${listOf(children)
      .map((child) => print(child).sql)
      .join(word)})`,
    BOOLEAN,
  );
}

function betweenOf(node: Tree, print: (child: unknown) => Printed): Printed {
  const [value, lower, upper] = [print(node.input), print(node.lower), print(node.upper)];
  const low = compareSql(node.lower_inclusive === false ? 'COMPARE_GREATERTHAN' : GREATER_OR_EQUAL, value, lower);
  const high = compareSql(node.upper_inclusive === false ? 'COMPARE_LESSTHAN' : LESS_OR_EQUAL, value, upper);
  return answer(`(${low} AND ${high})`, BOOLEAN);
}

function caseOf(node: Tree, print: (child: unknown) => Printed): Printed {
  const type = typeOf(node.return_type);
  const checks = listOf(node.case_checks).filter(isTree);
  const [only] = checks;
  if (only && isTree(only.then_expr) && only.then_expr.name === 'error')
    return guarded(only, print(node.else_expr), print);
  const whens = checks.map((check) => print(check.when_expr).sql);
  const thens = checks.map((check) => print(check.then_expr));
  const other = print(node.else_expr);
  const parts = whens.flatMap((when, at) => [when, castSql(thens[at]?.sql ?? 'NULL', type)]);
  return { ...either(`multiIf(${[...parts, castSql(other.sql, type)].join(', ')})`, type, [...thens, other]) };
}

/** A subquery that stands for one value and has more rows ends the statement. */
function guarded(check: Tree, value: Printed, print: (child: unknown) => Printed): Printed {
  const message = '[[A subquery that stands for one value gave more than one row.]]';
  const when = `ifNull(${print(check.when_expr).sql}, false)`;
  return { ...value, sql: `if(throwIf(${when}, '${message}') = 0, ${value.sql}, NULL)`, constant: undefined };
}

const either = (sql: string, type: SqlType, of: readonly Printed[]): Printed => ({
  sql,
  type,
  mayBeNaN: of.some(({ mayBeNaN }) => mayBeNaN),
  mayBeInfinite: of.some(({ mayBeInfinite }) => mayBeInfinite),
});

function operatorOf(node: Tree, print: (child: unknown) => Printed): Printed {
  const [first, ...rest] = listOf(node.children).map(print);
  if (!first) throw unsupported('an operator of nothing');
  switch (node.type) {
    case 'OPERATOR_NOT':
      return answer(`(NOT ${first.sql})`, BOOLEAN);
    case 'OPERATOR_IS_NULL':
      return answer(`isNull(${first.sql})`, BOOLEAN);
    case 'OPERATOR_IS_NOT_NULL':
      return answer(`isNotNull(${first.sql})`, BOOLEAN);
    case 'OPERATOR_COALESCE':
      return either(`coalesce(${[first, ...rest].map(({ sql }) => sql).join(', ')})`, typeOf(node.return_type), [
        first,
        ...rest,
      ]);
    // Where the list holds a null, no match is not known to be none.
    case 'COMPARE_IN':
      return answer(`(${rest.map((other) => compareSql(EQUAL, first, other)).join(' OR ')})`, BOOLEAN);
    case 'COMPARE_NOT_IN':
      return answer(`(${rest.map((other) => compareSql('COMPARE_NOTEQUAL', first, other)).join(' AND ')})`, BOOLEAN);
    default:
      throw unsupported(String(node.type).replace('OPERATOR_', ''));
  }
}
