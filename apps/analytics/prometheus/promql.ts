import { parser } from '@prometheus-io/lezer-promql';
import { BadRequest } from '#libs/errors/errors';

/** A node of the parser's tree. */
type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
}

export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly Matcher[];
  /** How far back samples count, for a range selector. Unit: milliseconds. */
  readonly rangeMs?: number;
  readonly offsetMs: number;
}

/** An expression of the PromQL that is answered here. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | Selector
  | { readonly kind: 'call'; readonly fn: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'aggregate';
      readonly op: string;
      readonly parameter?: Expression;
      readonly of: Expression;
      readonly labels: readonly string[];
      readonly without: boolean;
    }
  | {
      readonly kind: 'binary';
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly bool: boolean;
      readonly on?: readonly string[];
      readonly ignoring: readonly string[];
    }
  | { readonly kind: 'negate'; readonly of: Expression };

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

export const promProblem = (sentence: string): BadRequest => new BadRequest('promql.unsupported', sentence);

/** Reads an expression. Throws BadRequest `promql.unsupported` that names what cannot be read or is not answered here. */
export function parsePromQl(text: string): Expression {
  const tree = parser.parse(text);
  let broken: number | undefined;
  tree.iterate({ enter: (node) => void (node.type.isError && (broken ??= node.from)) });
  if (broken !== undefined)
    throw promProblem(`This is not PromQL: something is wrong at character ${broken + 1} of "${text.slice(0, 200)}".`);
  const root = tree.topNode.firstChild;
  if (!root) throw promProblem('The expression is empty.');
  return new Reader(text).expression(root);
}

/** The matchers of a series selector. */
export function parseSelector(text: string): readonly Matcher[] {
  const expression = parsePromQl(text);
  if (expression.kind !== 'selector' || expression.rangeMs !== undefined) {
    throw promProblem(`"${text}" is not a series selector like up{job="api"}.`);
  }
  return expression.matchers;
}

const DEPTH_MAX = 32;
/** Each selector of an expression is a read of the store. */
const SELECTORS_MAX = 20;

class Reader {
  private depth = 0;
  private selectors = 0;

  constructor(private readonly source: string) {}

  expression(node: SyntaxNode): Expression {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw promProblem(`An expression nests at most ${DEPTH_MAX} deep.`);
    const expression = this.read(node);
    if (/^(Vector|Matrix)Selector$/.test(node.name) && (this.selectors += 1) > SELECTORS_MAX)
      throw promProblem(`An expression has at most ${SELECTORS_MAX} selectors.`);
    this.depth -= 1;
    return expression;
  }

  private read(node: SyntaxNode): Expression {
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'NumberLiteral':
        return { kind: 'number', value: numberOf(this.text(node)) };
      case 'ParenExpr':
        return this.expression(this.child(node));
      case 'UnaryExpr': {
        const [op, of] = children(node);
        const inner = this.expression(of!); // an operator has what it is of
        return this.text(op!) === '-' ? { kind: 'negate', of: inner } : inner;
      }
      case 'VectorSelector':
        return { kind: 'selector', matchers: this.matchers(node), offsetMs: 0 };
      case 'MatrixSelector': {
        const [vector, range] = children(node);
        return {
          kind: 'selector',
          matchers: this.matchers(vector!),
          offsetMs: 0,
          rangeMs: durationOf(this.text(range!).replace(/[[\]]/g, '')),
        };
      }
      case 'OffsetExpr': {
        const [of, , offset] = children(node);
        return withOffset(this.expression(of!), durationOf(this.text(offset!)));
      }
      case 'FunctionCall': {
        const fn = this.text(node.getChild('FunctionIdentifier')!);
        return { kind: 'call', fn, args: this.args(node) };
      }
      case 'AggregateExpr':
        return this.aggregate(node);
      case 'BinaryExpr':
        return this.binary(node);
      default:
        throw promProblem(
          `"${this.text(node).slice(0, 100)}" (${node.name}) is not answered here; docs/query.md lists what is.`,
        );
    }
  }

  private aggregate(node: SyntaxNode): Expression {
    const op = this.text(node.getChild('AggregateOp')!).toLowerCase();
    const args = this.args(node);
    const of = args.at(-1);
    if (!of) throw promProblem(`${op} is of an expression.`);
    const modifier = node.getChild('AggregateModifier');
    return {
      kind: 'aggregate',
      op,
      ...(args.length > 1 ? { parameter: args[0]! } : {}),
      of,
      labels: modifier ? this.labels(modifier) : [],
      without: modifier?.getChild('Without') != null,
    };
  }

  private binary(node: SyntaxNode): Expression {
    const parts = children(node);
    const left = parts[0]!;
    const op = parts[1]!;
    const right = parts.at(-1)!;
    const clause = node.getChild('MatchingModifierClause');
    if (clause?.getChild('GroupLeft') ?? clause?.getChild('GroupRight'))
      throw promProblem('group_left and group_right are not answered here.');
    const labels = clause ? this.labels(clause) : [];
    const on = clause?.getChild('On') != null;
    return {
      kind: 'binary',
      op: this.text(op).toLowerCase(),
      left: this.expression(left),
      right: this.expression(right),
      bool: node.getChild('BoolModifier') !== null,
      ...(on ? { on: labels } : {}),
      ignoring: on ? [] : labels,
    };
  }

  private args(node: SyntaxNode): Expression[] {
    return children(node.getChild('FunctionCallBody')!).map((child) => this.expression(child));
  }

  private labels(node: SyntaxNode): string[] {
    const grouping = node.getChild('GroupingLabels');
    return grouping ? children(grouping).map((label) => this.text(label)) : [];
  }

  private matchers(node: SyntaxNode): Matcher[] {
    const name = node.getChild('Identifier');
    const list = node.getChild('LabelMatchers');
    const own = (list ? children(list) : []).map((matcher): Matcher => {
      const [label, op, value] = children(matcher);
      if (!label || !op || !value) throw promProblem(`"${this.text(matcher)}" is not answered here.`);
      return { label: this.text(label), op: this.text(op) as MatchOp, value: unquoted(this.text(value)) }; // the grammar has no other
    });
    return name ? [{ label: '__name__', op: '=', value: this.text(name) }, ...own] : own;
  }

  private child(node: SyntaxNode): SyntaxNode {
    const [only] = children(node);
    if (!only) throw promProblem('The expression is empty.');
    return only;
  }

  private text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }
}

/** The grammar puts an offset around all that stands before it; it belongs to the selector right before it. */
function withOffset(expression: Expression, offsetMs: number): Expression {
  if (expression.kind === 'selector') return { ...expression, offsetMs };
  if (expression.kind === 'binary') return { ...expression, right: withOffset(expression.right, offsetMs) };
  if (expression.kind === 'negate') return { ...expression, of: withOffset(expression.of, offsetMs) };
  throw promProblem('offset belongs behind a selector.');
}

function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) all.push(child);
  return all;
}

function numberOf(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = Number(text.replaceAll('_', ''));
  return Number.isNaN(value) ? durationOf(text) / 1_000 : value;
}

/** Milliseconds of `5m`, `1h30m`, or a number of seconds. */
function durationOf(text: string): number {
  const negative = text.startsWith('-');
  const body = negative ? text.slice(1) : text;
  if (/^\d+(?:\.\d+)?$/.test(body)) return Number(body) * (negative ? -1_000 : 1_000);
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(body)) throw promProblem(`"${text}" is not a duration like 5m.`);
  const ms = [...body.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit!]!,
    0,
  );
  return negative ? -ms : ms;
}

function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter);
}
