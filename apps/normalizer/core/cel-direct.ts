import { Compute, Library, Node, Values } from './cel-compute';
import { openCall, operator, textMethod } from './cel-direct-calls';
import { choice, logical, negation, payingFailures } from './cel-direct-logic';
import { carriedPath, presence, ROOTS, strictPath } from './cel-direct-paths';
import { OPEN_CALLS } from './cel-environment';
import { CelNode, isCelNode, nameOf, operandsOf, pathOf, visitNodes } from './cel-tree';

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

function pair<T>(node: Node, computed: (node: Node) => T): [T, T] {
  const [left, right] = node.args as readonly [Node, Node]; // of an operator with two operands
  return [computed(left), computed(right)];
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
