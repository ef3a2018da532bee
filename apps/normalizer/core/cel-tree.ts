/** A node of cel-js's parsed tree, as far as it is read or changed here. The library's own type leaves `handle` out. */
export interface CelNode {
  readonly op: string;
  readonly args: unknown;
  readonly meta: {
    readonly alternate?: unknown;
    readonly macro?: unknown;
    /** The library's own way to evaluate the node, whatever `evaluate` was made to be. */
    readonly evaluate: CelNode['evaluate'];
  };
  /** Set by the type check: computes the node from its evaluated operands. */
  handle?: (...operands: unknown[]) => unknown;
  evaluate: (evaluator: unknown, node: unknown, context: unknown) => unknown;
  setMeta(key: string, value: unknown): unknown;
}

export function isCelNode(value: unknown): value is CelNode {
  return (
    typeof value === 'object' && value !== null && 'op' in value && 'setMeta' in value && typeof value.op === 'string'
  );
}

/** Visits every node of a tree once, what macros expanded to included, but for what stands in `seen` by then. */
export function visitNodes(root: unknown, visit: (node: CelNode) => void, seen = new Set<unknown>()): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isCelNode(value)) {
      visit(value);
      pending.push(value.args, value.meta.alternate, value.meta.macro);
    } else if (Array.isArray(value)) {
      pending.push(...(value as unknown[])); // an array of whatever the tree holds
    } else if (Object.getPrototypeOf(value) === Object.prototype) {
      pending.push(...Object.values(value));
    }
  }
}

/** `[name, arguments]` of a plain function call. */
export function callOf(node: CelNode): readonly [string, readonly CelNode[]] | undefined {
  if (node.op !== 'call' || !Array.isArray(node.args)) return undefined;
  const [name, args]: readonly unknown[] = node.args;
  return typeof name === 'string' && Array.isArray(args) ? [name, args.filter(isCelNode)] : undefined;
}

/** The nodes of a list of arguments. */
export const argumentsOf = (args: unknown): readonly CelNode[] => (Array.isArray(args) ? args.filter(isCelNode) : []);

/** A method's receiver is its first operand. */
export function operandsOf(node: CelNode): readonly CelNode[] {
  const [, first, more] = Array.isArray(node.args) ? (node.args as readonly unknown[]) : [];
  return node.op === 'rcall' ? [first, ...argumentsOf(more)].filter(isCelNode) : argumentsOf(first);
}

/** What a call or a method is called. */
export const nameOf = ({ args }: CelNode): string => (Array.isArray(args) ? String(args[0]) : '');

export type PathSegment = string | number;

/** `raw.a["b"][0]` as its variable and segments; `undefined` for anything that is no plain path. */
export function pathOf(
  node: CelNode,
): { readonly root: string; readonly segments: readonly PathSegment[] } | undefined {
  const segments: PathSegment[] = [];
  let at = node;
  while (at.op !== 'id') {
    if ((at.op !== '.' && at.op !== '[]') || !Array.isArray(at.args)) return undefined;
    const [left, right]: readonly unknown[] = at.args;
    const segment = segmentOf(at.op, right);
    if (segment === undefined || !isCelNode(left)) return undefined;
    segments.unshift(segment);
    at = left;
  }
  return typeof at.args === 'string' ? { root: at.args, segments } : undefined;
}

function segmentOf(op: string, right: unknown): PathSegment | undefined {
  if (op === '.') return typeof right === 'string' ? right : undefined;
  const literal = isCelNode(right) && right.op === 'value' ? right.args : undefined;
  if (typeof literal === 'string') return literal;
  return typeof literal === 'bigint' && literal >= 0n && literal < 2n ** 31n ? Number(literal) : undefined;
}
