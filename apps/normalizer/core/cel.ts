import { Environment, Optional, ParseResult } from '@marcbachmann/cel-js';
import { budget } from './budget';
import { callOf, CelNode, isCelNode, pathOf, visitNodes } from './cel-tree';
import { momentFromMs, momentFromSeconds, momentFromText, toDouble, toInt, toText } from './conversions';
import { Failure } from './failure';
import { Helper, HELPERS } from './helpers';
import { dateFromMicros, Micros } from './instants';
import { linearPattern } from './patterns';
import { readCarried } from './read-path';
import type { CelType } from './schema-types';
import { Shortcut, shortcutOf } from './shortcuts';
import { formatOf } from './time-format';

/** Longer expressions are refused. */
export const EXPRESSION_MAX_CHARS = 4_000;
/** What a character costs a pattern; re2js looks at about 20 a microsecond. */
const PATTERN_CHARS_PER_STEP = 8;
/** What a character costs a helper that looks at each once. */
const TEXT_CHARS_PER_STEP = 64;
const ARITHMETIC = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
} as const;

/** What an expression can name. */
export interface Scope {
  readonly raw: unknown;
  readonly meta: { readonly received_at: Date; readonly batch: string; readonly index: bigint; readonly item: bigint };
  /** The record that a split step took apart; left out before one. */
  readonly parent?: unknown;
  /** What map steps before this one gave; left out before the first. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** Our functions under names of their own, because the built-in ones cannot be replaced; the tree is renamed to match. */
const OURS = 'chartly_';
const REPLACED_CALLS = new Set(['double', 'int', 'string', 'timestamp']);
const REPLACED_METHODS = new Set(['matches', 'join']);
/** Calls whose arguments may be missing: they carry null through, or look for the first that is not null. */
export const CARRYING_CALLS = new Set([
  ...['double', 'int', 'string', 'timestamp', 'timestamp_ms', 'timestamp_s', 'coalesce'],
  ...HELPERS.map(({ name }) => name),
]);
/** Methods whose price grows with their receiver. */
const SCANNING_METHODS = new Set([
  'contains',
  'indexOf',
  'lastIndexOf',
  'split',
  'size',
  'lowerAscii',
  'upperAscii',
  'trim',
]);

/** What may be named beside `raw` and `meta`. */
export interface Names {
  /** True behind a map step. */
  readonly hasRow: boolean;
  /** True behind a split step. */
  readonly hasParent?: boolean;
}

const environments = new Map<string, Environment>();

export interface CelExpression {
  /** The same expression without the engine, where its form allows that. */
  readonly shortcut?: Shortcut;
  /** The type that is known before any record is seen; `dyn` when none is. */
  readonly type: string;
  /** True when the expression names `row`. */
  readonly readsRow: boolean;
  /** The value, or why there is none. Never throws. */
  evaluate(scope: Scope): unknown;
}

/**
 * Compiles a CEL expression over `raw`, `meta` and, where there are such, `row` and `parent`. Throws `CelMistake` with a sentence for
 * people when it does not parse, names something unknown or mixes types.
 */
export function compileCel(source: string, names: Names): CelExpression {
  if (source.length > EXPRESSION_MAX_CHARS) {
    throw new CelMistake(`is ${source.length} characters long; at most ${EXPRESSION_MAX_CHARS} are allowed`);
  }
  const parsed = parse(source, environmentOf(names));
  const ast: unknown = parsed.ast;
  if (!isCelNode(ast)) throw new CelMistake('cannot be read');
  const shortcut = shortcutOf(ast);
  const carried = new Set<unknown>();
  markCarried(ast, carried);
  visitNodes(ast, (node) => {
    const call = callOf(node);
    if (call && CARRYING_CALLS.has(call[0])) markCarried(node, carried);
  });
  rename(ast);
  const check = parsed.check();
  if (!check.valid) throw new CelMistake(sentenceOf(check.error));
  guard(ast, carried);
  return {
    shortcut,
    type: typeOf(ast, check.type ?? 'dyn'),
    readsRow: namesRow(ast),
    evaluate: (scope) => {
      try {
        budget.beginExpression();
        const value: unknown = parsed(scope); // the library's open context type
        if (!(value instanceof Optional)) return value;
        const held: unknown = value.hasValue() ? value.value() : null;
        return held;
      } catch (error) {
        return new Failure(sentenceOf(error));
      }
    },
  };
}

const TYPE_MISTAKE = /no such overload|no matching overload|must be compatible type/;

/**
 * Looks at expressions over records of known types: gives why one fails for each of them, or `undefined`. Names that are
 * not known are not judged.
 */
export function typeChecker(rawTypes: CelType): (source: string) => string | undefined {
  const env = environment({ hasRow: true, hasParent: true }, rawTypes);
  return (source) => {
    const parsed = parse(source, env);
    if (isCelNode(parsed.ast)) rename(parsed.ast);
    const { valid, error } = parsed.check();
    const why = valid ? '' : sentenceOf(error);
    return TYPE_MISTAKE.test(why) ? why : undefined;
  };
}

/** An expression as it was written, for whoever reads it and runs nothing. Throws `CelMistake` when it does not parse. */
export function celTree(source: string): CelNode {
  const ast: unknown = parse(source, environmentOf({ hasRow: true, hasParent: true })).ast;
  if (!isCelNode(ast)) throw new CelMistake('cannot be read');
  return ast;
}

/** An expression that cannot be compiled, and why. */
export class CelMistake extends Error {}

function environmentOf(names: Names): Environment {
  const key = `${names.hasRow}/${names.hasParent === true}`;
  const env = environments.get(key) ?? environment(names);
  environments.set(key, env);
  return env;
}

function environment({ hasRow, hasParent }: Names, rawTypes: CelType = 'dyn'): Environment {
  const env = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2_000, maxDepth: 32 },
  });
  const define = (signature: string, handler: (...args: never[]) => unknown): void => {
    env.registerFunction(signature, handler, { async: false });
  };
  if (typeof rawTypes === 'string') env.registerVariable('raw', rawTypes);
  else env.registerVariable({ name: 'raw', schema: rawTypes });
  env.registerVariable({
    name: 'meta',
    schema: { received_at: 'google.protobuf.Timestamp', batch: 'string', index: 'int', item: 'int' },
  });
  if (hasRow) env.registerVariable('row', 'map<string, dyn>');
  if (hasParent) env.registerVariable('parent', 'dyn');
  define(`${OURS}double(dyn): dyn`, (value: unknown) => orThrow(toDouble(value)));
  define(`${OURS}int(dyn): dyn`, (value: unknown) => orThrow(toInt(value)));
  define(`${OURS}string(dyn): dyn`, (value: unknown) => orThrow(toText(value)));
  define(`${OURS}timestamp(dyn): dyn`, (value: unknown) => asDate(momentFromText(value)));
  define('timestamp_ms(dyn): dyn', (value: unknown) => asDate(momentFromMs(value)));
  define('timestamp_s(dyn): dyn', (value: unknown) => asDate(momentFromSeconds(value)));
  for (const count of [2, 3, 4, 5, 6]) {
    const parameters = Array<string>(count).fill('dyn').join(', ');
    define(`coalesce(${parameters}): dyn`, (...values: unknown[]) => values.find((value) => value !== null) ?? null);
  }
  for (const helper of HELPERS) {
    for (let count = helper.takes[0]; count <= helper.takes[1]; count++) {
      define(`${helper.name}(${Array<string>(count).fill('dyn').join(', ')}): dyn`, priced(helper));
    }
  }
  define(`string.${OURS}matches(string): bool`, matches);
  define(`list.${OURS}join(): string`, (items: readonly unknown[]) => join(items, ''));
  define(`list.${OURS}join(string): string`, join);
  for (const [operator, compute] of Object.entries(ARITHMETIC)) {
    const mixed = (a: number | bigint, b: number | bigint): number => compute(Number(a), Number(b));
    env.registerOperator(`double ${operator} int`, mixed);
    env.registerOperator(`int ${operator} double`, mixed);
  }
  return env;
}

function priced({ call, pattern }: Helper): (...values: unknown[]) => unknown {
  return (...values) => {
    const charsPerStep = pattern === undefined ? TEXT_CHARS_PER_STEP : PATTERN_CHARS_PER_STEP;
    for (const value of values) if (typeof value === 'string') budget.spend(Math.ceil(value.length / charsPerStep));
    return budget.checkBuilt(orThrow(call(...values)));
  };
}

function matches(text: string, pattern: string): boolean {
  budget.spend(Math.ceil(text.length / PATTERN_CHARS_PER_STEP));
  return linearPattern(pattern).matcher(text).find();
}

function join(items: readonly unknown[], separator: string): string {
  budget.spend(items.length);
  let length = 0;
  for (const item of items) {
    if (typeof item !== 'string') throw new Error('join() takes a list of strings');
    length += item.length + separator.length;
    budget.checkLength(length);
  }
  return items.join(separator);
}

/** Paths whose value is only carried over, where a missing key reads as null (docs/mapping.md, "Missing and null"). */
function markCarried(node: CelNode, carried: Set<unknown>): void {
  const call = callOf(node);
  if (call) {
    if (CARRYING_CALLS.has(call[0])) for (const argument of call[1]) markCarried(argument, carried);
    return;
  }
  if (node.op === '?:' && Array.isArray(node.args)) {
    for (const branch of node.args.slice(1)) if (isCelNode(branch)) markCarried(branch, carried);
    return;
  }
  const root = pathOf(node)?.root;
  if (root !== 'raw' && root !== 'row' && root !== 'parent') return;
  for (let at: unknown = node; isCelNode(at) && at.op !== 'id'; at = Array.isArray(at.args) ? at.args[0] : undefined) {
    carried.add(at);
  }
}

function rename(root: CelNode): void {
  visitNodes(root, (node) => {
    if (!Array.isArray(node.args) || typeof node.args[0] !== 'string') return;
    const name = node.args[0];
    const helper = node.op === 'call' ? HELPERS.find((one) => one.name === name) : undefined;
    if (helper) checkHelper(node, helper);
    const replaced = node.op === 'call' ? REPLACED_CALLS.has(name) : node.op === 'rcall' && REPLACED_METHODS.has(name);
    if (!replaced) return;
    if (name === 'matches') checkPattern((node.args[2] as readonly unknown[] | undefined)?.[0]); // a call's arguments
    node.args[0] = OURS + name;
  });
}

/** Arguments that are written out are looked at before any record. */
function checkHelper(node: CelNode, { name, pattern }: Helper): void {
  const args = callOf(node)?.[1] ?? [];
  if (pattern !== undefined) checkPattern(args[pattern]);
  const format = name === 'parse_time' || name === 'format_time' ? args[1] : undefined;
  const known = format?.op === 'value' ? formatOf(format.args) : undefined;
  if (known instanceof Failure) throw new CelMistake(known.reason);
}

function checkPattern(pattern: unknown): void {
  if (!isCelNode(pattern) || pattern.op !== 'value' || typeof pattern.args !== 'string') return;
  try {
    linearPattern(pattern.args);
  } catch (error) {
    throw new CelMistake(`has a pattern that RE2 does not take: ${sentenceOf(error)}`);
  }
}

/** Puts the budget into every node that can take long or build something long, and null into carried paths. */
function guard(root: CelNode, carried: ReadonlySet<unknown>): void {
  visitNodes(root, (node) => {
    const handle = node.handle;
    if (carried.has(node)) {
      node.handle = (left, right) =>
        orThrow(readCarried(left, typeof right === 'bigint' ? Number(right) : (right as string)));
    } else if (node.op === 'comprehension') {
      guardLoop(node);
    } else if (handle && node.op === '+') {
      node.handle = (...operands) => budget.checkBuilt(handle(...operands));
    } else if (handle && (node.op === 'in' || node.op === '==' || node.op === '!=')) {
      node.handle = (...operands) => {
        budget.spendOn(operands[1]);
        return handle(...operands);
      };
    } else if (
      handle &&
      node.op === 'rcall' &&
      Array.isArray(node.args) &&
      SCANNING_METHODS.has(String(node.args[0]))
    ) {
      node.handle = (operands, ...rest) => {
        budget.spendOn(Array.isArray(operands) ? operands[0] : undefined);
        return handle(operands, ...rest);
      };
    }
  });
}

function guardLoop(node: CelNode): void {
  const { step } = node.args as { step?: unknown };
  if (!isCelNode(step)) throw new CelMistake('has a loop that cannot be bounded');
  // A node replaces its own `evaluate` at its first evaluation, so a plain wrapper would be lost then.
  let evaluate = step.evaluate;
  const priced: CelNode['evaluate'] = (evaluator, ast, context) => {
    budget.spend(1);
    return evaluate.call(step, evaluator, ast, context);
  };
  Object.defineProperty(step, 'evaluate', { get: () => priced, set: (next: CelNode['evaluate']) => (evaluate = next) });
}

function parse(source: string, env: Environment): ParseResult {
  try {
    return env.parse(source);
  } catch (error) {
    throw new CelMistake(sentenceOf(error));
  }
}

function namesRow(root: CelNode): boolean {
  let found = false;
  visitNodes(root, (node) => {
    if (node.op === 'id' && node.args === 'row') found = true;
  });
  return found;
}

const TYPE_OF_CALL: Readonly<Record<string, string>> = {
  [`${OURS}double`]: 'double',
  [`${OURS}int`]: 'int',
  [`${OURS}string`]: 'string',
  [`${OURS}timestamp`]: 'timestamp',
  timestamp_ms: 'timestamp',
  timestamp_s: 'timestamp',
  ...Object.fromEntries(HELPERS.map(({ name, gives }) => [name, gives])),
};

function typeOf(ast: CelNode, checked: string): string {
  const call = callOf(ast);
  const known = call ? TYPE_OF_CALL[call[0]] : undefined;
  return known ?? (checked === 'google.protobuf.Timestamp' ? 'timestamp' : checked);
}

function orThrow<T>(value: T | Failure): T {
  if (value instanceof Failure) throw new Error(value.reason);
  return value;
}

function asDate(value: Micros | null | Failure): Date | null {
  const micros = orThrow(value);
  return micros === null ? null : dateFromMicros(micros);
}

/** The library's `summary` is its message without the drawing of the place. */
function sentenceOf(error: unknown): string {
  const summary: unknown = error instanceof Error && 'summary' in error ? error.summary : undefined;
  const text = typeof summary === 'string' ? summary : error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).replaceAll(OURS, '').slice(0, 500);
}
