import { isTree, Tree } from '../../duckdb/statement-tree';
import { decimalText, listOf, printExpression } from './expression-sql';
import { Printing } from './printing';
import {
  answer,
  BIGINT,
  castSql,
  exactSql,
  fittedSql,
  guardedSql,
  ColumnSql,
  isDecimal,
  isDouble,
  isInt,
  keySql,
  Printed,
  SqlType,
  typeOf,
  unsupported,
} from './types';

/** An aggregate with its arguments, over the rows of a group or of a window. */
interface Aggregate {
  readonly type: SqlType;
  readonly args: readonly Printed[];
  /** `OVER (...)` of a window; nothing for a group. */
  readonly over: string;
}

/** An aggregate of the bound plan: over no value that is not null it is null, but for counts. */
export function printAggregate(node: Tree, columns: readonly ColumnSql[], printing: Printing, over = ''): Printed {
  const name = String(node.name);
  const isDistinct = node.aggregate_type === 'DISTINCT' || node.distinct === true;
  if (isTree(node.order_bys) || listOf(node.arg_orders).length > 0) throw unsupported(`${name} with ORDER BY`);
  const filter = node.filter ?? node.filters;
  const condition = isTree(filter) ? printExpression(filter, columns, printing).sql : undefined;
  const given = listOf(node.children).map((child) => printExpression(child, columns, printing));
  const args = condition === undefined ? given : given.map((arg) => onlyWhere(arg, condition));
  const type = typeOf(node.return_type);
  if (name === 'count_star' || (name === 'count' && given.length === 0)) {
    return answer(castSql(condition === undefined ? `count()${over}` : `countIf(${condition})${over}`, BIGINT), BIGINT);
  }
  if (condition !== undefined && KEEPS_NULLS.has(name)) throw unsupported(`${name} with FILTER`);
  const [first] = args;
  if (!first) throw unsupported(`${name}()`);
  const call: Aggregate = { type, args, over };
  const said =
    name === 'quantile_cont' || name === 'median'
      ? quantile(call, first, isDistinct ? [] : fractionsOf(node, name))
      : isDistinct
        ? DISTINCT[name]?.(first, call)
        : PLAIN[name]?.(first, call);
  if (!said) throw unsupported(`${name}(${isDistinct ? 'DISTINCT ' : ''}${args.map((arg) => arg.type.id).join(', ')})`);
  return said;
}

/** All that can be asked of values pass over nulls, so a row that is left out is a null. */
const onlyWhere = (arg: Printed, condition: string): Printed => ({ ...arg, sql: `if(${condition}, ${arg.sql}, NULL)` });
const KEEPS_NULLS: ReadonlySet<string> = new Set(['first', 'last']);

type SayAggregate = (value: Printed, call: Aggregate) => Printed | undefined;

const counted =
  (name: string): SayAggregate =>
  (value, { over }) =>
    answer(castSql(`${name}(${name === 'count' ? value.sql : keySql(value)})${over}`, BIGINT), BIGINT);

const sum =
  (distinct: string): SayAggregate =>
  (value, { type, over }) => {
    const { type: from, mayBeNaN, mayBeInfinite } = value;
    const sql = distinct === '' ? value.sql : keySql(value);
    if (isInt(from)) return answer(exactSql(`sum${distinct}OrNull(toInt256(${sql}))${over}`, type), type);
    if (from.id === 'BOOLEAN') return answer(castSql(`sum${distinct}OrNull(toInt128(${sql}))${over}`, type), type);
    if (isDouble(from)) {
      const said = `${distinct === '' ? 'sumKahan' : `sum${distinct}`}OrNull(${sql})${over}`;
      return { sql: said, type, mayBeNaN: mayBeNaN || mayBeInfinite, mayBeInfinite: true };
    }
    if (!isDecimal(from)) return undefined;
    return answer(fittedSql(`sum${distinct}OrNull(${castSql(sql, { ...type, width: 76 })})${over}`, type), type);
  };

const mean: SayAggregate = ({ sql, type: from, mayBeNaN, mayBeInfinite }, { type, over }) => {
  if (!isDouble(type)) return undefined;
  if (isDecimal(from) && (from.width ?? 38) > 18) throw unsupported('avg of a DECIMAL of more than 18 digits');
  const count = `count(${sql})${over}`;
  const total = isInt(from)
    ? `toFloat64(sum(toInt256(${sql}))${over})`
    : isDouble(from)
      ? `sumKahan(${sql})${over}`
      : isDecimal(from)
        ? `toFloat64(sum(${castSql(sql, { ...from, width: 38 })})${over})`
        : undefined;
  if (total === undefined) return undefined;
  return { ...answer(`if(${count} = 0, NULL, ${total} / ${count})`, type), mayBeNaN: mayBeNaN || mayBeInfinite };
};

/** What is no number is greater than every number. */
const extreme =
  (name: 'max' | 'min'): SayAggregate =>
  (value, { type, over, args }) => {
    if (args.length > 1) return undefined;
    if (!value.mayBeNaN) return { ...value, sql: `${name}OrNull(${value.sql})${over}`, type, constant: undefined };
    const numbers = `${name}OrNull(if(isNaN(${value.sql}), NULL, ${value.sql}))${over}`;
    const others = `countIf(isNaN(${value.sql}))${over} > 0`;
    const said =
      name === 'max' ? `if(${others}, nan, ${numbers})` : `if(isNull(${numbers}) AND ${others}, nan, ${numbers})`;
    return answer(said, type);
  };

const edge =
  (name: 'argMax' | 'argMin'): SayAggregate =>
  (value, { args: [, rank], type, over }) =>
    !rank || rank.mayBeNaN
      ? undefined
      : { ...value, sql: `${name}OrNull(${value.sql}, ${rank.sql})${over}`, type, constant: undefined };

/** How values spread; one value alone does not, where the sample is asked for. */
const spread =
  (name: string, least: number): SayAggregate =>
  ({ sql, type: from }, { type, over }) => {
    if (!isDouble(from) || !isDouble(type)) return undefined;
    const [isFew, said] = [`count(${sql})${over} < ${least}`, `${name}(${sql})${over}`];
    const isBeyond = `NOT (${isFew}) AND NOT isFinite(${said})`;
    return answer(guardedSql(isBeyond, 'A spread is out of range.', `if(${isFew}, NULL, ${said})`), type);
  };

/** Over the rows where both values are there. */
const together =
  (name: string, least: number): SayAggregate =>
  ({ sql: a }, { args: [, other], type, over }) => {
    if (!other || !isDouble(other.type)) return undefined;
    const count = `countIf(isNotNull(${a}) AND isNotNull(${other.sql}))${over}`;
    return answer(`if(${count} < ${least}, NULL, ${name}(${a}, ${other.sql})${over})`, type);
  };

function quantile({ type, over }: Aggregate, value: Printed, fractions: readonly string[]): Printed | undefined {
  const [fraction] = fractions;
  const isNumber = isDouble(value.type) || isInt(value.type);
  if (fractions.length !== 1 || fraction === undefined || !isDouble(type) || !isNumber) return undefined;
  if (value.mayBeNaN) return undefined;
  const said = `quantileExactInclusiveOrNull(${fraction})(${castSql(value.sql, type)})${over}`;
  return answer(said, type, !value.mayBeInfinite);
}

function fractionsOf(node: Tree, name: string): string[] {
  if (name === 'median') return ['0.5'];
  const data = isTree(node.function_data) ? node.function_data : {};
  if (data.desc === true) return [];
  return listOf(data.quantiles).map((value) => {
    const type = isTree(value) ? typeOf(value.type) : undefined;
    if (!isTree(value) || !type) return '';
    return isDecimal(type) ? decimalText(BigInt(String(value.value)), type.scale ?? 0) : String(value.value);
  });
}

const any: SayAggregate = (value, { over }) => ({
  ...value,
  sql: `if(count()${over} = 0, NULL, any_respect_nulls(${value.sql})${over})`,
  constant: undefined,
});

const PLAIN: Readonly<Record<string, SayAggregate>> = {
  count: counted('count'),
  count_if: ({ sql }, { over, type }) => answer(castSql(`countIf(${sql})${over}`, type), type),
  countif: ({ sql }, { over, type }) => answer(castSql(`countIf(${sql})${over}`, type), type),
  sum: sum(''),
  fsum: sum(''),
  kahan_sum: sum(''),
  sumkahan: sum(''),
  avg: mean,
  mean,
  favg: mean,
  min: extreme('min'),
  max: extreme('max'),
  first: any,
  any_value: (value, { over }) => ({ ...value, sql: `anyOrNull(${value.sql})${over}`, constant: undefined }),
  arg_max: edge('argMax'),
  argmax: edge('argMax'),
  max_by: edge('argMax'),
  arg_min: edge('argMin'),
  argmin: edge('argMin'),
  min_by: edge('argMin'),
  bool_and: (value, { over, type }) => answer(`minOrNull(${value.sql})${over}`, type),
  bool_or: (value, { over, type }) => answer(`maxOrNull(${value.sql})${over}`, type),
  stddev: spread('stddevSampStable', 2),
  stddev_samp: spread('stddevSampStable', 2),
  stddev_pop: spread('stddevPopStable', 1),
  variance: spread('varSampStable', 2),
  var_samp: spread('varSampStable', 2),
  var_pop: spread('varPopStable', 1),
  corr: together('corrStable', 2),
  covar_pop: together('covarPopStable', 1),
  covar_samp: together('covarSampStable', 2),
  approx_count_distinct: counted('uniqCombined'),
};

const DISTINCT: Readonly<Record<string, SayAggregate>> = {
  count: counted('uniqExact'),
  sum: sum('Distinct'),
  min: extreme('min'),
  max: extreme('max'),
};
