import { isTree, Tree } from '../../duckdb/statement-tree';
import { printAggregate } from './aggregate-sql';
import { columnAt, listOf, printExpression, ROW } from './expression-sql';
import { joinOf, JoinPrinter } from './join-sql';
import { Printing } from './printing';
import { asTable, limited, ofQuery, Relation, selectSql } from './relation';
import { answer, castSql, ColumnSql, keySql, Printed, SqlType, unsupported } from './types';
import { orderSql, printWindow } from './window-sql';

/** A table that a plan may read: a SELECT of its rows, and its columns in it. */
export interface SourceTable {
  /** What stands after FROM. */
  readonly from: string;
  readonly columns: readonly ColumnSql[];
}

const CHARACTERS_MAX = 1_000_000;
/** Of a column that stands for rows alone; a statement that names it asks for DuckDB's own number of a row. */
const NOTHING: SqlType = { id: ROW };

/** A bound plan as one SELECT of ClickHouse's. Only its own text and the numbers of columns reach it: no name that a user gave. */
export class PlanPrinter implements JoinPrinter {
  private names = 0;
  private readonly common = new Map<string, Relation & { readonly name: string }>();
  /** SELECTs of common tables, in the order in which they may name each other. */
  private readonly withs: string[] = [];
  /** What the correlated subqueries around read of their outer rows, innermost last. */
  private readonly outer: Relation[] = [];

  constructor(
    readonly printing: Printing,
    private readonly tables: ReadonlyMap<string, SourceTable>,
  ) {}

  /** At most `limit` rows of the plan. Throws Unprocessable `sql.unsupported`. */
  print(plan: Tree, limit: bigint | undefined): { readonly sql: string; readonly columns: readonly ColumnSql[] } {
    const relation = limited(this.relation(plan), limit, undefined);
    const items = relation.columns.map((column) => outputSql(column));
    const isAsItIs = items.every((item, at) => item === relation.columns[at]?.sql);
    const withs = this.withs.length === 0 ? '' : `WITH ${this.withs.join(', ')} `;
    const sql = `${withs}${isAsItIs ? selectSql(relation) : selectSql(relation, items)}`;
    if (sql.length > CHARACTERS_MAX) throw unsupported('a statement that is so large there');
    return { sql, columns: relation.columns };
  }

  relation(plan: unknown): Relation {
    if (!isTree(plan)) throw unsupported('this statement');
    const [first, second] = listOf(plan.children);
    switch (plan.type) {
      case 'LOGICAL_GET':
        return this.table(plan);
      case 'LOGICAL_DUMMY_SCAN':
        return { columns: [], from: '' };
      case 'LOGICAL_EXPRESSION_GET':
        return this.rows(plan);
      case 'LOGICAL_PROJECTION':
        return this.projected(this.relation(first), listOf(plan.expressions));
      case 'LOGICAL_FILTER':
        return this.filtered(this.relation(first), listOf(plan.expressions));
      case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
        return this.grouped(this.relation(first), plan);
      case 'LOGICAL_WINDOW':
        return this.windowed(this.relation(first), plan);
      case 'LOGICAL_ORDER_BY':
        return this.ordered(this.relation(first), plan);
      case 'LOGICAL_LIMIT':
        return limited(this.relation(first), countOf(plan.limit_val), countOf(plan.offset_val));
      case 'LOGICAL_DISTINCT':
        return this.distinct(this.relation(first), plan);
      case 'LOGICAL_UNION':
      case 'LOGICAL_EXCEPT':
      case 'LOGICAL_INTERSECT':
        return this.combined(plan, [this.relation(first), this.relation(second)]);
      case 'LOGICAL_MATERIALIZED_CTE':
        this.remember(plan, this.relation(first));
        return this.relation(second);
      case 'LOGICAL_CTE_REF':
        return this.recalled(plan);
      case 'LOGICAL_CROSS_PRODUCT':
      case 'LOGICAL_COMPARISON_JOIN':
      case 'LOGICAL_ANY_JOIN':
        return joinOf(this, plan, this.relation(first), this.relation(second));
      case 'LOGICAL_DELIM_JOIN':
        return this.correlated(plan, first, second);
      case 'LOGICAL_DELIM_GET':
        return this.outerRows();
      default:
        throw unsupported(String(plan.type).replace('LOGICAL_', '').replaceAll('_', ' '));
    }
  }

  /** A new SELECT of expressions over a relation, under names of their own. */
  select(relation: Relation, expressions: readonly ColumnSql[], more = ''): Relation {
    const columns = expressions.map((expression) => this.named(expression));
    const items = expressions.map(({ sql }, at) => `${sql} AS ${columns[at]?.sql}`);
    return ofQuery(`${selectSql(relation, items)}${more}`, columns);
  }

  /** The same under a name that nothing else in the statement has. */
  named({ type, mayBeNaN, mayBeInfinite }: ColumnSql): ColumnSql {
    this.names += 1;
    return { sql: `c${this.names}`, type, mayBeNaN, mayBeInfinite };
  }

  private table(plan: Tree): Relation {
    const data = isTree(plan.function_data) ? plan.function_data : {};
    const source = plan.name === 'seq_scan' ? this.tables.get(String(data.table)) : undefined;
    if (!source) throw unsupported('a table that is none of the project');
    const columns = listOf(plan.column_indexes).map((at) => {
      const index = isTree(at) ? Number(at.index) : -1;
      return source.columns[index] ?? answer('toUInt8(1)', NOTHING); // where no column is read, but rows are counted
    });
    return this.select({ columns: [], from: source.from }, columns);
  }

  private rows(plan: Tree): Relation {
    const lines = listOf(plan.expressions).map((line) => listOf(line).map((value) => this.expression(value, [])));
    const [first = []] = lines;
    const columns = first.map((value) => this.named(value));
    const selects = lines.map((line) => {
      const items = line.map(({ sql, type }, at) => `${castSql(sql, type)} AS ${columns[at]?.sql}`);
      return `SELECT ${items.join(', ')}`;
    });
    return ofQuery(selects.join(' UNION ALL '), columns);
  }

  private projected(relation: Relation, expressions: readonly unknown[]): Relation {
    const printed = expressions.map((expression) => this.expression(expression, relation.columns));
    const names = new Set(printed.map(({ sql }) => sql));
    const isPlain =
      names.size === printed.length && relation.columns.filter(({ sql }) => names.has(sql)).length === names.size;
    // An order must not end up within brackets, where nothing holds it.
    if (isPlain && relation.query === undefined) return { ...relation, columns: printed };
    return this.select(relation, printed.map(withoutInterval));
  }

  private filtered(relation: Relation, expressions: readonly unknown[]): Relation {
    const hasEnd = relation.limit !== undefined || relation.offset !== undefined || relation.from === '';
    const table = hasEnd ? asTable(relation) : relation;
    const conditions = expressions.map((expression) => this.expression(expression, table.columns).sql);
    const where = [...(table.where === undefined ? [] : [table.where]), ...conditions].join(' AND ');
    return { ...table, where, query: undefined };
  }

  private grouped(relation: Relation, plan: Tree): Relation {
    const table = asTable(relation);
    const groups = listOf(plan.groups).map((group) => withoutInterval(this.expression(group, table.columns)));
    const aggregates = listOf(plan.expressions)
      .filter(isTree)
      .map((aggregate) => printAggregate(aggregate, table.columns, this.printing));
    if (listOf(plan.grouping_functions).length > 0) throw unsupported('grouping()');
    const sets = listOf(plan.grouping_sets).map((set) => listOf(set).map(Number));
    const keys = groups.map((group) => ({ ...group, sql: keySql(group) }));
    const selected = (set: ReadonlySet<number>): Relation => {
      const columns = keys.map((key, at) => (set.has(at) ? key : { ...key, sql: castSql('NULL', key.type) }));
      const by = keys.filter((_, at) => set.has(at)).map(({ sql }) => sql);
      return this.select(table, [...columns, ...aggregates], by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`);
    };
    if (aggregates.length === 0 && sets.some((set) => set.length === 0) && groups.length > 0) {
      throw unsupported('GROUP BY () without an aggregate');
    }
    const all = new Set(groups.keys());
    if (sets.length <= 1) return selected(all);
    return this.united(sets.map((set) => selected(new Set(set))));
  }

  private windowed(relation: Relation, plan: Tree): Relation {
    const table = asTable(relation);
    const windows = listOf(plan.expressions)
      .filter(isTree)
      .map((window) => printWindow(window, table.columns, this.printing));
    return this.select(table, [...table.columns, ...windows]);
  }

  private ordered(relation: Relation, plan: Tree): Relation {
    const table = asTable(relation);
    return { ...table, order: orderSql(plan.orders, table.columns, this.printing), query: undefined };
  }

  private distinct(relation: Relation, plan: Tree): Relation {
    const table = asTable(relation);
    if (plan.distinct_type !== 'DISTINCT_ON') {
      const columns = table.columns.map((column) => ({ ...column, sql: keySql(column) }));
      const items = columns.map(({ sql }, at) => `${sql} AS ${table.columns[at]?.sql}`);
      return ofQuery(`SELECT DISTINCT ${items.join(', ')} FROM ${table.from}`, table.columns);
    }
    const targets = listOf(plan.distinct_targets).map((target) => keySql(this.expression(target, table.columns)));
    const by = isTree(plan.order_by) ? plan.order_by.orders : [];
    const order = orderSql(by, table.columns, this.printing);
    const sorted = order === '' ? '' : ` ORDER BY ${order}`;
    return ofQuery(
      `${selectSql(
        table,
        table.columns.map(({ sql }) => sql),
      )}${sorted} LIMIT 1 BY ${targets.join(', ')}`,
      table.columns,
    );
  }

  private combined(plan: Tree, relations: readonly [Relation, Relation]): Relation {
    const isAll = plan.setop_all === true;
    if (plan.type === 'LOGICAL_UNION') return this.united(relations, isAll ? 'UNION ALL' : 'UNION DISTINCT');
    if (isAll) throw unsupported('EXCEPT ALL and INTERSECT ALL');
    return this.united(relations, plan.type === 'LOGICAL_EXCEPT' ? 'EXCEPT DISTINCT' : 'INTERSECT DISTINCT');
  }

  private united(relations: readonly Relation[], word = 'UNION ALL'): Relation {
    const [first] = relations;
    const columns = (first?.columns ?? []).map((column, at) =>
      this.named(relations.reduce((all, relation) => worst(all, columnAt(relation.columns, at)), column)),
    );
    const selects = relations.map((relation) => {
      const table = asTable(relation);
      const items = table.columns.map((column, at) => `${castSql(keySql(column), column.type)} AS ${columns[at]?.sql}`);
      return `SELECT ${items.join(', ')} FROM ${table.from}`;
    });
    return ofQuery(selects.join(` ${word} `), columns);
  }

  private remember(plan: Tree, relation: Relation): void {
    const name = `with${this.withs.length}`;
    this.withs.push(`${name} AS (${selectSql(relation)})`);
    this.common.set(String(plan.table_index), { ...relation, name });
  }

  private recalled(plan: Tree): Relation {
    const common = this.common.get(String(plan.cte_index));
    if (!common) throw unsupported('a common table that names itself');
    return this.select({ columns: [], from: common.name }, common.columns);
  }

  private correlated(plan: Tree, outer: unknown, inner: unknown): Relation {
    const rows = this.relation(outer);
    const keys = listOf(plan.duplicate_eliminated_columns).map((key) => this.expression(key, rows.columns));
    this.withs.push(`with${this.withs.length} AS (${selectSql(rows)})`);
    const from = `with${this.withs.length - 1}`;
    const columns = keys.map((key) => this.named(key));
    const distinct = keys.map((key, at) => `${keySql(key)} AS ${columns[at]?.sql}`).join(', ');
    this.outer.push({ columns, from: `(SELECT DISTINCT ${distinct} FROM ${from})` });
    const subquery = this.relation(inner);
    this.outer.pop();
    return joinOf(this, plan, { columns: rows.columns, from }, subquery);
  }

  private outerRows(): Relation {
    const outer = this.outer.at(-1);
    if (!outer) throw unsupported('a correlated subquery of this form');
    return this.select(outer, outer.columns);
  }

  private expression(node: unknown, columns: readonly ColumnSql[]): Printed {
    return printExpression(node, columns, this.printing);
  }
}

const worst = (one: ColumnSql, other: ColumnSql): ColumnSql => ({
  ...one,
  mayBeNaN: one.mayBeNaN || other.mayBeNaN,
  mayBeInfinite: one.mayBeInfinite || other.mayBeInfinite,
});

function withoutInterval(printed: Printed): Printed {
  if (printed.interval) throw unsupported('an interval as a column');
  return printed;
}

/** Decimals and floats are told by their digits, which JSON's numbers might not hold. */
const outputSql = ({ sql, type }: ColumnSql): string => {
  if (type.id === 'DECIMAL') return `toString(${sql})`;
  return type.id === 'FLOAT' ? `toFloat64(${sql})` : sql;
};

function countOf(value: unknown): bigint | undefined {
  if (!isTree(value) || value.type === 'UNSET') return undefined;
  if (value.type !== 'CONSTANT_VALUE') throw unsupported('a LIMIT that is not constant');
  return BigInt(String(value.constant_integer));
}
