import { FilterNode, FilterOperator, FilterValue, TEXT_OPERATORS } from '#libs/contracts/query-filter';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { ColumnType } from '#libs/documents/store';
import { RE2JS } from 're2js';
import { asNumber, Field } from './field';

/** A value to compare with, in the form its column's type has in an engine; timestamps in microseconds. */
export type ComparedValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int' | 'timestamp'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean };

/** A condition that fits its columns. What is null compares to nothing (SQL's three-valued logic). */
export type CheckedFilter =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly CheckedFilter[] }
  | { readonly kind: 'not'; readonly node: CheckedFilter }
  | {
      readonly kind: 'test';
      readonly field: Field;
      readonly op: FilterOperator;
      /** One value for a comparison, several for `in` and `not_in`, none for a test on null. */
      readonly values: readonly ComparedValue[];
    };

/** Finds what a name in a filter means; refuses it itself when it means nothing. */
export type FieldLookup = (path: string, name: string) => Field | undefined;
type Refuse = (path: string, message: string) => void;

const NODES_MAX = 500;
const VALUES_MAX = 1_000;
const PATTERN_MAX = 1_000;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Checks trees of conditions; problems go to `refuse`, and what is wrong is left out of the result. */
export class FilterCheck {
  private nodes = 0;

  constructor(
    private readonly lookup: FieldLookup,
    private readonly refuse: Refuse,
  ) {}

  all(nodes: readonly FilterNode[], path: string): CheckedFilter[] {
    return nodes.flatMap((node, at) => this.node(node, `${path}[${at}]`));
  }

  private node({ and, or, not, column, op, value }: FilterNode, path: string): CheckedFilter[] {
    this.nodes += 1;
    if (this.nodes === NODES_MAX) this.refuse(path, `A query takes at most ${NODES_MAX} conditions.`);
    if (this.nodes >= NODES_MAX) return [];
    const kinds = [and, or, not, column ?? op].filter((kind) => kind !== undefined).length;
    if (kinds !== 1) {
      this.refuse(
        path,
        'A condition is exactly one of {column, op, value}, {and: [...]}, {or: [...]} and {not: {...}}.',
      );
      return [];
    }
    if (and) return [{ kind: 'and', nodes: this.all(and, `${path}.and`) }];
    if (or) return [{ kind: 'or', nodes: this.all(or, `${path}.or`) }];
    if (not) return this.node(not, `${path}.not`).map((node) => ({ kind: 'not', node }));
    return this.test(column, op, value, path);
  }

  private test(
    name: string | undefined,
    op: FilterOperator | undefined,
    value: FilterNode['value'],
    path: string,
  ): CheckedFilter[] {
    if (name === undefined || op === undefined) {
      this.refuse(path, 'A condition names a column and an op.');
      return [];
    }
    const field = this.lookup(`${path}.column`, name);
    if (!field) return [];
    if (op === 'is_null' || op === 'is_not_null') {
      if (value !== undefined) this.refuse(`${path}.value`, `${op} takes no value.`);
      return [{ kind: 'test', field, op, values: [] }];
    }
    if (field.type === 'json') {
      this.refuse(`${path}.op`, `"${name}" is json: test a path in it (${name}.member), or whether it is_null.`);
      return [];
    }
    const given = listOf(value);
    const many = op === 'in' || op === 'not_in';
    if (many !== Array.isArray(value) || given.length === 0 || given.length > VALUES_MAX) {
      this.refuse(`${path}.value`, `${op} needs ${many ? `a list of 1 to ${VALUES_MAX} values` : 'one value'}.`);
      return [];
    }
    if (isTextOperator(op)) return this.textTest(field, op, given[0]!, path); // one is there
    const read = field.path && given.every((each) => typeof each === 'number') ? asNumber(field) : field;
    const values = given.map((each) => compared(read.type, field.path ? textOf(each) : each));
    if (values.some((each) => each === undefined)) {
      this.refuse(`${path}.value`, `"${name}" is ${read.type}: write ${EXAMPLES[read.type]}.`);
      return [];
    }
    return [{ kind: 'test', field: read, op, values: values.filter((each) => each !== undefined) }];
  }

  private textTest(field: Field, op: FilterOperator, value: FilterValue, path: string): CheckedFilter[] {
    if (field.type !== 'string') {
      this.refuse(`${path}.op`, `${op} compares texts, and "${field.name}" is ${field.type}.`);
      return [];
    }
    if (typeof value !== 'string' || !value.isWellFormed()) {
      this.refuse(`${path}.value`, `${op} needs a text.`);
      return [];
    }
    const problem = op === 'matches' ? patternProblem(value) : undefined;
    if (problem !== undefined) this.refuse(`${path}.value`, problem);
    return problem === undefined ? [{ kind: 'test', field, op, values: [{ type: 'string', value }] }] : [];
  }
}

const isTextOperator = (op: FilterOperator): boolean => TEXT_OPERATORS.some((one) => one === op);

/** Engines run RE2 themselves; what it does not take is told here and not by them. */
function patternProblem(pattern: string): string | undefined {
  if (pattern.length > PATTERN_MAX) return `A pattern has at most ${PATTERN_MAX} characters.`;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (thrown) {
    return `"${pattern}" is not an RE2 pattern: ${thrown instanceof Error ? thrown.message : ''}`;
  }
}

const EXAMPLES: Readonly<Record<ColumnType, string>> = {
  string: 'a text',
  json: 'nothing',
  int: 'a whole number (one beyond 2^53 as text)',
  double: 'a number',
  bool: 'true or false',
  timestamp: 'an RFC 3339 time like 2018-02-01T00:00:00Z',
};

/** A value at a json path compares as the text that it has there. */
const textOf = (value: FilterValue): FilterValue => (typeof value === 'boolean' ? String(value) : value);

/** The value in the column's type; undefined when it does not fit. */
export function compared(type: ColumnType, value: FilterValue): ComparedValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.isWellFormed() ? { type, value } : undefined;
    case 'bool':
      return typeof value === 'boolean' ? { type, value } : undefined;
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? { type, value } : undefined;
    case 'timestamp': {
      const micros = typeof value === 'string' ? microsOfRfc3339(value) : undefined;
      return micros === undefined ? undefined : { type, value: micros };
    }
    case 'int': {
      const whole = typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value));
      const int = whole && typeof value !== 'boolean' ? BigInt(value) : undefined;
      return int !== undefined && int >= INT64_MIN && int <= INT64_MAX ? { type, value: int } : undefined;
    }
    case 'json':
      return undefined;
  }
}

function listOf(value: FilterNode['value']): readonly FilterValue[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}
