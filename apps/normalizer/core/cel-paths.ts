import { CARRYING_CALLS, orThrow } from './cel-environment';
import { callOf, CelNode, isCelNode, pathOf, visitNodes } from './cel-tree';
import { readCarried } from './read-path';

/**
 * The nodes of paths whose value is only carried over, where a missing key reads as null (docs/mapping.md, "Missing and
 * null"). Takes the tree as the parser made it.
 */
export function carriedIn(root: CelNode): ReadonlySet<CelNode> {
  const carried = new Set<CelNode>();
  markCarried(root, carried);
  visitNodes(root, (node) => {
    const call = callOf(node);
    if (call && CARRYING_CALLS.has(call[0])) markCarried(node, carried);
  });
  return carried;
}

/** Lets them read null; they have been checked by then. */
export function carryNull(carried: ReadonlySet<CelNode>): void {
  for (const node of carried) {
    node.handle = (left, right) =>
      orThrow(readCarried(left, typeof right === 'bigint' ? Number(right) : (right as string)));
  }
}

function markCarried(node: CelNode, carried: Set<CelNode>): void {
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
