import { budget } from './budget';
import { OPEN_CALLS, orThrow } from './cel-environment';
import { checkCalled, dynamicPatternOf, pricedOperator, spendOnCall, spendOnFailure } from './cel-prices';
import { CelNode, isCelNode, nameOf, operandsOf, pathOf, PathSegment, visitNodes } from './cel-tree';
import { readerOf } from './read-path';

/** The library's evaluator and the values that an expression can name, as far as they are asked. */
interface Library {
  debugTypeDeep(value: unknown): CelType;
  debugRuntimeType(value: unknown, checked?: CelType): CelType;
  createError(code: string, message: string, node: unknown): Error;
}
interface Values {
  getValue(name: string): unknown;
}
/** The library's idea of a type. */
interface CelType {
  readonly wrappedType: CelType;
  readonly hasDynType: boolean;
  matchesValueType(value: unknown, library: Library): boolean;
}
type Handler = (...values: unknown[]) => unknown;
interface Overload {
  readonly handler: Handler;
}
/** What the check leaves at a node. */
interface Checked {
  readonly checkedType?: CelType;
  readonly leftStaticType?: CelType;
  readonly rightStaticType?: CelType;
  readonly candidates?: {
    findBinaryOverload(left: CelType, right: CelType): Overload | false;
    findFunction(types: readonly CelType[], receiver?: CelType): Overload | null;
  };
}
type Node = CelNode & Checked;

/** Computes a node. */
type Compute = (library: Library, values: Values) => unknown;

/** What a path may begin with; each holds JSON and what expressions gave. */
const ROOTS = new Set(['raw', 'row', 'parent']);
const BINARY = new Set(['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=']);

/**
 * Lets the nodes of a checked tree compute what is common without asking the library: paths, literals, choices, and
 * operators and functions of numbers, bools and texts, whose overload is looked up once for each pair of kinds. Whatever
 * else comes is left to the library, which computes the node anew; so values, failures and their reasons are its own.
 */
export function evaluateDirectly(root: CelNode, carried: ReadonlySet<CelNode>): Direct | undefined {
  const made = new Map<CelNode, Compute | undefined>();
  const directly = (node: Node): Compute | undefined => {
    if (!made.has(node)) made.set(node, make(node));
    return made.get(node);
  };
  const computed = (node: Node): Compute =>
    directly(node) ?? ((library, values) => node.evaluate(library, node, values));
  const make = (node: Node): Compute | undefined => {
    if (node.meta.macro !== undefined) return node.op === 'call' && nameOf(node) === 'has' ? presence(node) : undefined;
    if (node.meta.alternate !== undefined) return undefined;
    const path = ROOTS.has(pathOf(node)?.root ?? '') ? pathOf(node) : undefined;
    if (path && path.segments.length > 0) {
      return carried.has(node) ? carriedPath(path.root, path.segments) : strictPath(node, path.root, path.segments);
    }
    if (node.op === 'value') return () => node.args;
    if (BINARY.has(node.op)) return operator(node, ...pair(node, computed));
    if (node.op === '&&' || node.op === '||') {
      const [first, second] = pair(node, (one) => one);
      const left = directly(first);
      return logical(node, left ? payingFailures(left) : computed(first), computed(second));
    }
    if (node.op === '?:') return choice(node, computed);
    if (node.op === '!_' && isCelNode(node.args)) return negation(node, computed(node.args));
    if (node.op === 'call' && OPEN_CALLS.has(nameOf(node))) return openCall(node, operandsOf(node).map(computed));
    if (node.op === 'rcall') return textMethod(node, operandsOf(node).map(computed));
    return undefined;
  };
  visitNodes(root, (node) => {
    const compute = directly(node);
    if (compute) node.evaluate = (library, _node, values) => compute(library as Library, values as Values); // what the library passes
  });
  const compute = directly(root);
  return compute && !namesMeta(root) ? new Direct(root, compute) : undefined;
}

/** The library makes a value of its own of `meta`, whose fields have types. */
function namesMeta(root: CelNode): boolean {
  let found = false;
  visitNodes(root, (node) => {
    if (node.op === 'id' && node.args === 'meta') found = true;
  });
  return found;
}

/** An expression that is computed from its root, without the library's way to there. */
export class Direct {
  private met?: Library;
  private readonly values = new ScopeValues();

  /** The library is met at the first evaluation, which goes through it. */
  constructor(
    root: CelNode,
    private readonly compute: Compute,
  ) {
    root.evaluate = (library, _node, values) => compute((this.met = library as Library), values as Values); // what the library passes
  }

  get isReady(): boolean {
    return this.met !== undefined;
  }

  evaluate(scope: object): unknown {
    this.values.scope = scope;
    return this.met && this.compute(this.met, this.values);
  }
}

/** What the library asks of the values that an expression can name, while it evaluates one that has been checked. */
class ScopeValues implements Values {
  scope: object = {};

  getValue(name: string): unknown {
    return (this.scope as Readonly<Record<string, unknown>>)[name];
  }

  getCheckedValue(library: Library, node: Node): unknown {
    const value = this.getValue(String(node.args));
    if (value !== undefined && node.checkedType?.matchesValueType(value, library)) return value;
    throw new Error(`"${String(node.args)}" is not what the expression was checked for`);
  }
}

/** The library's own way, from the start: nothing that it evaluates changes anything. */
const byLibrary = (node: Node, library: Library, values: Values): unknown =>
  node.meta.macro === undefined
    ? node.meta.evaluate(library, node, values)
    : (node.meta.macro as CelNode).evaluate(library, node.meta.macro, values); // a macro has it too

function pair<T>(node: Node, computed: (node: Node) => T): [T, T] {
  const [left, right] = node.args as readonly [Node, Node]; // of an operator with two operands
  return [computed(left), computed(right)];
}

function carriedPath(root: string, segments: readonly PathSegment[]): Compute {
  const read = readerOf(segments);
  return (_library, values) => orThrow(read(values.getValue(root)));
}

function strictPath(node: Node, root: string, segments: readonly PathSegment[]): Compute {
  return (library, values) => {
    let at = values.getValue(root);
    for (const segment of segments) {
      const inside = member(at, segment);
      if (inside === undefined) return byLibrary(node, library, values);
      at = inside;
    }
    return at;
  };
}

/** `undefined` for what is not there, and for what only the library knows how to read. */
function member(value: unknown, segment: PathSegment): unknown {
  if (typeof segment === 'number') return Array.isArray(value) ? (value[segment] as unknown) : undefined;
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return undefined;
  return Object.hasOwn(value, segment) ? (value as Record<string, unknown>)[segment] : undefined;
}

/** `has(raw.a.b)` where everything but the last is there. */
function presence(node: Node): Compute | undefined {
  const [asked] = operandsOf(node);
  const path = asked && pathOf(asked);
  const last = path?.segments.at(-1);
  if (!path || !ROOTS.has(path.root) || typeof last !== 'string') return undefined;
  const before = path.segments.slice(0, -1);
  if (!before.every((segment) => typeof segment === 'string')) return undefined;
  return (library, values) => {
    let at = values.getValue(path.root);
    for (const segment of before) at = member(at, segment);
    const isPlain = typeof at === 'object' && at !== null && at.constructor === Object;
    return isPlain ? member(at, last) !== undefined : byLibrary(node, library, values);
  };
}

/** A place for each pair of kinds that overloads are looked up for once: number, bigint, bool and text. */
function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return 0;
    case 'bigint':
      return 1;
    case 'boolean':
      return 2;
    case 'string':
      return 3;
    default:
      return -1;
  }
}
const KINDS = 4;
const TEXT = 3;

function operator(node: Node, left: Compute, right: Compute): Compute | undefined {
  const known: (Handler | null | undefined)[] = new Array<undefined>(KINDS * KINDS).fill(undefined);
  return (library, values) => {
    const a = left(library, values);
    const b = right(library, values);
    const [kindA, kindB] = [kindOf(a), kindOf(b)];
    if (kindA < 0 || kindB < 0) return node.handle?.(a, b, node, library);
    const at = kindA * KINDS + kindB;
    let handler = known[at];
    if (handler === undefined) {
      const found = overloadOf(node, library, a, b);
      handler = found && (kindA === TEXT || kindB === TEXT) ? pricedOperator(node.op, found) : found;
      known[at] = handler;
    }
    return handler ? handler(a, b, node, library) : node.handle?.(a, b, node, library);
  };
}

/** The overload that the library would take for values of these kinds, each time. */
function overloadOf(node: Node, library: Library, a: unknown, b: unknown): Handler | null {
  const [left, right] = node.args as readonly [Node, Node]; // of an operator with two operands
  const isOpen = left.checkedType?.hasDynType !== false || right.checkedType?.hasDynType !== false;
  if (!isOpen) return null;
  const found = node.candidates?.findBinaryOverload(
    node.leftStaticType ?? library.debugTypeDeep(a).wrappedType,
    node.rightStaticType ?? library.debugTypeDeep(b).wrappedType,
  );
  return found ? found.handler : null;
}

/** What the library evaluates pays for itself. */
const payingFailures =
  (compute: Compute): Compute =>
  (library, values) => {
    try {
      return compute(library, values);
    } catch (failure) {
      spendOnFailure();
      throw failure;
    }
  };

/** A failure on the left is none when the right decides. Each side is computed once, whatever it comes to. */
function logical(node: Node, left: Compute, right: Compute): Compute {
  const decides = node.op === '||';
  return (library, values) => {
    let first: unknown;
    try {
      first = left(library, values);
    } catch (failure) {
      if (budget.spent) throw failure;
      first = failure;
    }
    if (first === decides) return decides;
    const second = right(library, values);
    if (second === decides || (first === !decides && second === !decides)) return second;
    return node.meta.evaluate(knowing(library, first, second), node, values);
  };
}

/** The library as it stands when both sides are computed: it says what is wrong with them. */
const knowing = (library: Library, first: unknown, second: unknown): object => ({
  tryEval: () => first,
  run: () => second,
  debugRuntimeType: (value: unknown) => library.debugRuntimeType(value),
  createError: (code: string, message: string, node: unknown) => library.createError(code, message, node),
});

function choice(node: Node, computed: (node: Node) => Compute): Compute {
  const [condition, yes, no] = (node.args as readonly Node[]).map(computed); // a choice has three
  return (library, values) => {
    const chosen = condition?.(library, values);
    if (chosen === true) return yes?.(library, values);
    if (chosen === false) return no?.(library, values);
    return node.handle?.(chosen, library, node, values);
  };
}

function negation(node: Node, operand: Compute): Compute {
  return (library, values) => {
    const value = operand(library, values);
    return typeof value === 'boolean' ? !value : node.handle?.(value, node, library);
  };
}

/** A function of our own that takes anything, so that no type needs to be learned. */
function openCall(node: Node, operands: readonly Compute[]): Compute | undefined {
  const handler = node.candidates?.findFunction(
    operandsOf(node).map((one: Node) => one.checkedType as CelType),
  )?.handler; // it has been checked
  if (!handler) return undefined;
  const pattern = dynamicPatternOf(node);
  const [first, second] = operands;
  if (pattern === undefined && operands.length === 1 && first) {
    return (library, values) => {
      const value = first(library, values);
      return isOurs(value) ? handler(value) : node.handle?.([value], node, library);
    };
  }
  if (pattern === undefined && operands.length === 2 && first && second) {
    return (library, values) => {
      const b = second(library, values); // as the library does, from the last to the first
      const a = first(library, values);
      return isOurs(a) && isOurs(b) ? handler(a, b) : node.handle?.([a, b], node, library);
    };
  }
  return (library, values) => {
    const given = valuesOf(operands, library, values);
    return given.every(isOurs) && pattern === undefined ? handler(...given) : node.handle?.(given, node, library);
  };
}

/** A method of a text, with numbers and texts for arguments. */
function textMethod(node: Node, operands: readonly Compute[]): Compute {
  const name = nameOf(node);
  const pattern = dynamicPatternOf(node);
  const nodes: readonly Node[] = operandsOf(node);
  const known: (Handler | null | undefined)[] = [];
  const overload = (library: Library, given: readonly unknown[]): Handler | null => {
    const [receiver, ...types] = given.map((value, i) => library.debugRuntimeType(value, nodes[i]?.checkedType));
    return node.candidates?.findFunction(types, receiver)?.handler ?? null;
  };
  return (library, values) => {
    const given = valuesOf(operands, library, values);
    let kinds = 0;
    for (let i = 0; i < given.length; i++) kinds = kinds * (KINDS + 1) + kindOf(given[i]) + 1;
    let handler = known[kinds];
    if (handler === undefined) known[kinds] = handler = isPlain(given) ? overload(library, given) : null;
    if (!handler || typeof given[0] !== 'string') return node.handle?.(given, library, node);
    spendOnCall(name, given, pattern);
    return checkCalled(name, given.length === 2 ? handler(given[0], given[1]) : handler(...given));
  };
}

const isPlain = (values: readonly unknown[]): boolean => values.every((value) => kindOf(value) >= 0);

function valuesOf(operands: readonly Compute[], library: Library, values: Values): unknown[] {
  const given = new Array<unknown>(operands.length);
  for (let i = operands.length - 1; i >= 0; i--) given[i] = operands[i]?.(library, values); // as the library does
  return given;
}

/** What JSON holds, and times: no value of the library's own, which it may want to refuse. */
function isOurs(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  return value.constructor === Object || value.constructor === Date;
}
