import { Unprocessable } from '#libs/errors/errors';
import { nearest } from '#libs/documents/nearest';
import {
  EXPRESSION_CLASSES,
  FUNCTIONS,
  GROWING,
  MODIFIER_TYPES,
  NODE_TYPES,
  TABLE_TYPES,
  VALUE_TYPES,
} from './allowed';

export const SQL_MAX_CHARS = 20_000;
const NODES_MAX = 5_000;
const DEPTH_MAX = 200;
const BRACKETS_MAX = 100;
const GROWTH_MAX = 6;
const LITERAL_MAX_CHARS = 1_000;
const JOINS_MAX = 16;

/** A statement that may run: one SELECT over tables of the project, and parameters by name. */
export interface CheckedStatement {
  /** Datasets and rollups that it reads. */
  readonly tables: readonly string[];
  readonly parameters: readonly string[];
  /** It reads the clock, so that its answer changes though the data does not. */
  readonly readsClock: boolean;
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Checks what a parser made of a statement against lists of what is allowed. `tables` are the names of the project's
 * datasets and rollups. Throws Unprocessable `sql.refused` that says what, and what to do.
 */
export function checkStatement(parsed: unknown, tables: ReadonlySet<string>): CheckedStatement {
  return new Gate(tables).check(parsed);
}

/** What is refused before any parser sees it: nothing that long or deep is read at all. */
export function refuseUnreadable(sql: string): void {
  if (sql.length > SQL_MAX_CHARS) throw refused(`A statement has at most ${SQL_MAX_CHARS} characters.`);
  if (!sql.isWellFormed() || sql.includes('\0')) throw refused('A statement is well-formed Unicode without NUL.');
  let depth = 0;
  for (const letter of sql) {
    if (letter === '(' || letter === '[' || letter === '{') depth += 1;
    if (letter === ')' || letter === ']' || letter === '}') depth -= 1;
    if (depth > BRACKETS_MAX) throw refused(`Brackets nest at most ${BRACKETS_MAX} deep.`);
  }
}

export const refused = (sentence: string, cause?: unknown): Unprocessable =>
  new Unprocessable('sql.refused', sentence, cause === undefined ? {} : { cause });

class Gate {
  private nodes = 0;
  private growth = 0;
  private joins = 0;
  private readsClock = false;
  private readonly used = new Set<string>();
  private readonly parameters = new Set<string>();

  constructor(private readonly tables: ReadonlySet<string>) {}

  check(parsed: unknown): CheckedStatement {
    if (!isTree(parsed) || parsed.error === true) {
      const message = isTree(parsed) ? parsed.error_message : undefined;
      const reason = typeof message === 'string' ? message.split('\n')[0] : 'it cannot be read';
      throw refused(
        reason?.startsWith('Only SELECT')
          ? 'Only SELECT is read here: no statement that changes, attaches, copies or sets anything, and no PIVOT.'
          : `This is not SQL that can be read: ${reason}`,
      );
    }
    const statements = Array.isArray(parsed.statements) ? parsed.statements : [];
    if (statements.length !== 1) throw refused('Send one statement at a time.');
    this.walk(statements[0], new Set(), 0);
    const { used, parameters, readsClock } = this;
    return { tables: [...used].sort(), parameters: [...parameters].sort(), readsClock };
  }

  private walk(value: unknown, scope: ReadonlySet<string>, depth: number): void {
    if (Array.isArray(value)) return value.forEach((item) => this.walk(item, scope, depth));
    if (!isTree(value)) return;
    this.nodes += 1;
    if (this.nodes > NODES_MAX || depth > DEPTH_MAX) throw refused('The statement is too large. Ask for less at once.');
    const { class: kind, type } = value;
    if (typeof kind === 'string') this.expression(kind, value);
    else if (typeof type === 'string') this.node(type, value, scope);
    const inner = isTree(value.cte_map) ? this.commonTables(value.cte_map, scope, depth) : scope;
    for (const [name, child] of Object.entries(value)) {
      if (name === 'cte_map' || name === 'cast_type' || (kind === 'CONSTANT' && name === 'value')) continue; // seen by themselves
      this.walk(child, inner, depth + 1);
    }
  }

  /** Each common table sees those before it: a name out of its scope would mean the engine's own table of that name. */
  private commonTables(map: Tree, scope: ReadonlySet<string>, depth: number): ReadonlySet<string> {
    let seen = scope;
    for (const entry of Array.isArray(map.map) ? map.map : []) {
      if (!isTree(entry) || typeof entry.key !== 'string') throw refused('This WITH cannot be read.');
      this.walk(entry.value, seen, depth + 1);
      seen = new Set([...seen, entry.key.toLowerCase()]);
    }
    return seen;
  }

  private node(type: string, value: Tree, scope: ReadonlySet<string>): void {
    if (type === 'RECURSIVE_CTE_NODE') throw refused('WITH RECURSIVE is not allowed: it may never end.');
    if (type === 'TABLE_FUNCTION')
      throw refused('Functions in FROM are not allowed: read the datasets of the project.');
    if (type === 'SHOW_REF')
      throw refused('SHOW, DESCRIBE and SUMMARIZE are not allowed; the API lists what there is.');
    if (type === 'JOIN' && (this.joins += 1) > JOINS_MAX)
      throw refused(`A statement joins at most ${JOINS_MAX} times.`);
    if (type === 'BASE_TABLE') return this.table(value, scope);
    const known =
      NODE_TYPES.has(type) ||
      TABLE_TYPES.has(type) ||
      MODIFIER_TYPES.has(type) ||
      /^(ORDER_DEFAULT|ASCENDING|DESCENDING)$/.test(type);
    if (!known) throw refused(`${type} is not allowed here.`);
    if (isTree(value.sample)) throw refused('TABLESAMPLE is not allowed.');
  }

  private table(
    { table_name: name, schema_name: schema, catalog_name: catalog, sample, at_clause: at }: Tree,
    scope: ReadonlySet<string>,
  ): void {
    if (typeof name !== 'string' || isNamed(schema) || isNamed(catalog)) {
      throw refused('Name datasets and rollups by their name alone, without a schema or a database.');
    }
    if (isTree(sample) || isTree(at)) throw refused('TABLESAMPLE and AT are not allowed.');
    if (scope.has(name.toLowerCase())) return;
    if (this.tables.has(name)) return void this.used.add(name);
    const near = nearest(name, [...this.tables]);
    throw refused(
      `There is no dataset or rollup "${name}" in this project.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    );
  }

  private expression(kind: string, value: Tree): void {
    if (!EXPRESSION_CLASSES.has(kind)) throw refused(`${kind} expressions are not allowed.`);
    if (kind === 'CAST') this.type(value.cast_type);
    if (kind === 'CONSTANT') this.constant(value.value);
    if (kind === 'FUNCTION' || kind === 'WINDOW') this.call(value);
    if (kind === 'STAR' && value.columns === true && isTree(value.expr))
      throw refused('COLUMNS(...) is not allowed: name the columns.');
    if (kind === 'OPERATOR' && ALLOWED_OPERATORS.has(String(value.type)) === false) {
      throw refused(`The operator ${String(value.type)} is not allowed.`);
    }
    if (kind === 'COLUMN_REF' && /\bcurrent_|\blocaltime/i.test(String(value.column_names))) this.readsClock = true;
    if (kind === 'PARAMETER' && typeof value.identifier === 'string') this.parameters.add(value.identifier);
  }

  private call({ function_name: name, schema, catalog, children }: Tree): void {
    const called = typeof name === 'string' ? name.toLowerCase() : '';
    if (!FUNCTIONS.has(called) || (isNamed(schema) && schema !== 'main') || isNamed(catalog)) {
      throw refused(
        `The function "${called}" is not allowed: it is unknown, or may reach beyond the data or fill the memory.`,
      );
    }
    if (CLOCKS.has(called)) this.readsClock = true;
    if (!GROWING.has(called)) return;
    this.growth += Math.max(1, (Array.isArray(children) ? children.length : 1) - 1);
    if (this.growth > GROWTH_MAX) throw refused(`A statement puts texts together at most ${GROWTH_MAX} times.`);
  }

  private constant(value: unknown): void {
    if (!isTree(value)) return;
    this.type(value.type);
    if (typeof value.value === 'string' && value.value.length > LITERAL_MAX_CHARS) {
      throw refused(
        `A text in a statement has at most ${LITERAL_MAX_CHARS} characters; pass longer ones as parameters.`,
      );
    }
    if (
      typeof value.value === 'object' &&
      value.value !== null &&
      !('months' in value.value) &&
      !('upper' in value.value)
    ) {
      throw refused('Lists and structs are not allowed in a statement.');
    }
  }

  private type(type: unknown): void {
    const id = isTree(type) ? type.id : undefined;
    if (typeof id !== 'string' || !VALUE_TYPES.has(id)) throw refused(`The type ${String(id)} is not allowed.`);
  }
}

const CLOCKS: ReadonlySet<string> = new Set(['now', 'get_current_timestamp', 'current_date', 'today', 'age']);

const ALLOWED_OPERATORS: ReadonlySet<string> = new Set([
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_COALESCE',
  'OPERATOR_NULLIF',
  'OPERATOR_TRY',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
]);

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamed = (value: unknown): boolean => typeof value === 'string' && value !== '';
