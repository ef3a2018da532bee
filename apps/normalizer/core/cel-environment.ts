import { Environment } from '@marcbachmann/cel-js';
import { budget } from './budget';
import { CelMistake, OURS, sentenceOf } from './cel-mistake';
import { callOf, CelNode, isCelNode, visitNodes } from './cel-tree';
import { momentFromMs, momentFromSeconds, momentFromText, toDouble, toInt, toText } from './conversions';
import { Failure } from './failure';
import { Helper, HELPERS } from './helpers';
import { dateFromMicros, Micros } from './instants';
import { linearPattern, spendOnSearch } from './patterns';
import type { CelType } from './schema-types';
import { formatOf } from './time-format';

const ARITHMETIC = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
} as const;

/** The tree is renamed to match. */
const REPLACED_CALLS = new Set(['double', 'int', 'string', 'timestamp']);
const REPLACED_METHODS = new Set(['matches', 'join']);
/** Calls whose arguments may be missing: they carry null through, or look for the first that is not null. */
export const CARRYING_CALLS = new Set([
  ...['double', 'int', 'string', 'timestamp', 'timestamp_ms', 'timestamp_s', 'coalesce'],
  ...HELPERS.map(({ name }) => name),
]);
/** Where, among their operands, calls and methods take a pattern. */
export const PATTERN_AT: ReadonlyMap<string, number> = new Map([
  [`${OURS}matches`, 1],
  ...HELPERS.flatMap(({ name, pattern }): [string, number][] => (pattern === undefined ? [] : [[name, pattern]])),
]);
/** Calls of functions that take anything: whatever the values are, there is one function to call. */
export const OPEN_CALLS: ReadonlySet<string> = new Set([
  ...[...CARRYING_CALLS].map((name) => (REPLACED_CALLS.has(name) ? OURS + name : name)),
]);

/** What may be named beside `raw` and `meta`. */
export interface Names {
  /** True behind a map step. */
  readonly hasRow: boolean;
  /** True behind a split step. */
  readonly hasParent?: boolean;
}

const environments = new Map<string, Environment>();

export function environmentOf(names: Names): Environment {
  const key = `${names.hasRow}/${names.hasParent === true}`;
  const env = environments.get(key) ?? environment(names);
  environments.set(key, env);
  return env;
}

/** A new one, for records of these types. */
export function environment({ hasRow, hasParent }: Names, rawTypes: CelType = 'dyn'): Environment {
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

function priced({ call, pattern, steps = 0 }: Helper): (...values: unknown[]) => unknown {
  return (...values) => {
    budget.spend(steps);
    for (const value of values) budget.spendOnText(value);
    const [text] = values;
    const searched = pattern === undefined ? undefined : values[pattern];
    if (typeof text === 'string' && typeof searched === 'string') spendOnSearch(text, searched);
    return budget.checkBuilt(orThrow(call(...values)));
  };
}

function matches(text: string, pattern: string): boolean {
  spendOnSearch(text, pattern);
  return linearPattern(pattern).matcher(text).find();
}

function join(items: readonly unknown[], separator: string): string {
  budget.spend(items.length);
  let length = 0;
  for (const item of items) {
    if (typeof item !== 'string') throw new Error('join() takes a list of strings');
    length += item.length + separator.length;
    budget.checkLength(length);
    budget.spendOnText(item);
  }
  return items.join(separator);
}

/** Gives calls the names of our functions, and looks at arguments that are written out. */
export function rename(root: CelNode): void {
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

export function orThrow<T>(value: T | Failure): T {
  if (value instanceof Failure) throw new Error(value.reason);
  return value;
}

function asDate(value: Micros | null | Failure): Date | null {
  const micros = orThrow(value);
  return micros === null ? null : dateFromMicros(micros);
}
