import { budget } from './budget';
import { CelMistake } from './cel-mistake';
import { CelNode, isCelNode, nameOf, operandsOf, visitNodes } from './cel-tree';
import { PATTERN_AT } from './cel-environment';
import { spendOnPattern } from './patterns';

type Handle = NonNullable<CelNode['handle']>;

/** What it costs to make an error, with its place in the text, which may be swallowed. */
const ERROR_STEPS = 600;
/** The same within the library, where a place behind a list's end is an error at first. */
const OPTIONAL_STEPS = 100;
/** What it costs to ask a time for its parts in a zone. */
const ZONE_STEPS = 2_000;
/** Characters are counted as people count them: half a surrogate pair is none. */
const COUNTED_CHARS_PER_STEP = 4;

/**
 * Makes every node of a checked tree pay for its work from the budget, and gives what one evaluation of it takes beside
 * its loops: a step for each node. A turn of a loop pays for the nodes inside.
 */
export function price(root: CelNode): number {
  visitNodes(root, (node) => {
    if (node.op === 'comprehension') priceLoop(node);
    else if (node.op === '&&' || node.op === '||') priceFailures(node);
    else if (node.handle) node.handle = pricedHandle(node, node.handle);
  });
  return nodesIn(root);
}

/** Prices an error that may be swallowed. */
export function spendOnFailure(): void {
  if (!budget.spent) budget.spend(ERROR_STEPS);
}

/** The handle of an operator, with its price. */
export function pricedOperator(op: string, handle: Handle): Handle {
  switch (op) {
    case '+':
      return (left, right, ...rest) => {
        if (typeof left === 'object') spendOnCopy(left);
        if (typeof right === 'object') spendOnCopy(right);
        return budget.checkBuilt(handle(left, right, ...rest));
      };
    case 'in':
    case '==':
    case '!=':
      return (left, right, ...rest) => {
        if (typeof left === 'object') budget.spendOnOutside(left);
        if (op === 'in' && !Array.isArray(right)) budget.spendOnOutside(right);
        else budget.spendOnWhole(right);
        return handle(left, right, ...rest);
      };
    default:
      return (left, right, ...rest) => {
        budget.spendOnOutside(left);
        budget.spendOnOutside(right);
        return handle(left, right, ...rest);
      };
  }
}

/** The library learns the type of an object by its first key, for which the engine lists them all. */
function spendOnCopy(value: unknown): void {
  budget.spendOnOutside(value);
  budget.spendOnItems(value);
}

/** Prices what a call or a method is about to look at. */
export function spendOnCall(name: string, operands: readonly unknown[], dynamicPattern: number | undefined): void {
  for (let i = 0; i < operands.length; i++) budget.spendOnOutside(operands[i]);
  const first = operands[0];
  if (name === 'size' && typeof first === 'string') budget.spend(Math.ceil(first.length / COUNTED_CHARS_PER_STEP));
  if (dynamicPattern !== undefined) spendOnPattern(operands[dynamicPattern]);
  if (first instanceof Date && operands.length > 1 && name.startsWith('get')) budget.spend(ZONE_STEPS);
}

/** Returns what a call gave, unless it grew too long; a list that was made of a text is paid for. */
export function checkCalled(name: string, value: unknown): unknown {
  if (name === 'split') budget.spendOnItems(value);
  return budget.checkBuilt(value);
}

/** The operand that is a pattern of a record's own: it is made anew, whatever it costs. */
export function dynamicPatternOf(node: CelNode): number | undefined {
  const at = PATTERN_AT.get(nameOf(node));
  return at === undefined || operandsOf(node)[at]?.op === 'value' ? undefined : at;
}

function pricedHandle(node: CelNode, handle: Handle): Handle {
  if (node.op === '[?]') return pricedOptional(handle);
  if (node.op !== 'call' && node.op !== 'rcall') return isOperator(node) ? pricedOperator(node.op, handle) : handle;
  const name = nameOf(node);
  const dynamicPattern = dynamicPatternOf(node);
  return (operands, ...rest) => {
    if (Array.isArray(operands)) spendOnCall(name, operands as readonly unknown[], dynamicPattern);
    return checkCalled(name, handle(operands, ...rest));
  };
}

function pricedOptional(handle: Handle): Handle {
  return (...operands) => {
    budget.spend(OPTIONAL_STEPS);
    return handle(...operands);
  };
}

/** Two operands, computed by their values alone. */
const isOperator = ({ op }: CelNode): boolean => /^(?:[-+*/%<>]|[<>=!]=|in)$/.test(op);

function priceLoop(node: CelNode): void {
  const { step, condition } = node.args as {
    readonly step?: unknown;
    readonly condition?: (value: boolean) => boolean;
  };
  if (!isCelNode(step)) throw new CelMistake('has a loop that cannot be bounded');
  const steps = nodesIn(step);
  // `all` and `exists` go on behind a failure, but not behind the value that decides them.
  const deciding = condition && !condition(true);
  around(step, (evaluate) => {
    try {
      budget.spend(steps);
      return evaluate();
    } catch (thrown) {
      if (budget.spent && deciding !== undefined) return deciding;
      spendOnFailure();
      throw thrown;
    }
  });
  const { handle } = node;
  if (!handle) return;
  node.handle = (items, ...rest) => {
    if (!Array.isArray(items)) budget.spendOnOutside(items);
    return handle(items, ...rest);
  };
}

/** Of `a || b` and `a && b`, where a failure of the one is none when the other decides. */
function priceFailures(node: CelNode): void {
  const [left] = node.args as readonly unknown[]; // it has two
  if (!isCelNode(left)) return;
  around(left, (evaluate) => {
    try {
      return evaluate();
    } catch (thrown) {
      spendOnFailure();
      throw thrown;
    }
  });
}

/** A node replaces its own `evaluate` at its first evaluation, so a plain wrapper would be lost then. */
function around(node: CelNode, work: (evaluate: () => unknown) => unknown): void {
  let own = node.evaluate;
  const wrapped: CelNode['evaluate'] = (evaluator, ast, context) => work(() => own.call(node, evaluator, ast, context));
  Object.defineProperty(node, 'evaluate', { get: () => wrapped, set: (next: CelNode['evaluate']) => (own = next) });
}

/** How many nodes one evaluation may look at; what loops do over and over is left out. */
function nodesIn(root: CelNode): number {
  const loops = new Set<unknown>();
  let nodes = 0;
  visitNodes(
    root,
    (node) => {
      nodes += 1;
      if (node.op === 'comprehension') loops.add((node.args as { readonly step?: unknown }).step);
    },
    loops,
  );
  return nodes;
}
