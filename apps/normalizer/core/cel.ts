import { Environment, Optional, ParseResult } from '@marcbachmann/cel-js';
import { budget } from './budget';
import { evaluateDirectly } from './cel-direct';
import { environment, environmentOf, Names, rename } from './cel-environment';
import { CelMistake, OURS, sentenceOf } from './cel-mistake';
import { carriedIn, carryNull } from './cel-paths';
import { price } from './cel-prices';
import { callOf, CelNode, isCelNode, visitNodes } from './cel-tree';
import { Failure } from './failure';
import { HELPERS } from './helpers';
import type { CelType } from './schema-types';
import { Shortcut, shortcutOf } from './shortcuts';

/** Longer expressions are refused. */
export const EXPRESSION_MAX_CHARS = 4_000;
/** What an expression can name. */
export interface Scope {
  readonly raw: unknown;
  readonly meta: { readonly received_at: Date; readonly batch: string; readonly index: bigint; readonly item: bigint };
  /** The record that a split step took apart; left out before one. */
  readonly parent?: unknown;
  /** What map steps before this one gave; left out before the first. */
  readonly row?: Readonly<Record<string, unknown>>;
}

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
 * people when it does not parse, names something unknown or mixes types. `how`: whether common values pass the library
 * by, which gives the same sooner (a test compares the two).
 */
export function compileCel(source: string, names: Names, how: 'direct' | 'library' = 'direct'): CelExpression {
  if (source.length > EXPRESSION_MAX_CHARS) {
    throw new CelMistake(`is ${source.length} characters long; at most ${EXPRESSION_MAX_CHARS} are allowed`);
  }
  const parsed = parse(source, environmentOf(names));
  const ast: unknown = parsed.ast;
  if (!isCelNode(ast)) throw new CelMistake('cannot be read');
  const shortcut = shortcutOf(ast);
  const carried = carriedIn(ast);
  rename(ast);
  const check = parsed.check();
  if (!check.valid) throw new CelMistake(sentenceOf(check.error));
  carryNull(carried);
  const direct = how === 'direct' ? evaluateDirectly(ast, carried) : undefined;
  const steps = price(ast);
  return {
    shortcut,
    type: typeOf(ast, check.type ?? 'dyn'),
    readsRow: namesRow(ast),
    evaluate: (scope) => {
      try {
        budget.beginExpression(steps);
        const value: unknown = direct?.isReady ? direct.evaluate(scope) : parsed(scope); // the library's open context type
        if (budget.spent) return new Failure(budget.spent.message);
        if (!(value instanceof Optional)) return value;
        const held: unknown = value.hasValue() ? value.value() : null;
        return held;
      } catch (error) {
        return new Failure(budget.spent?.message ?? sentenceOf(error));
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
