import { CelType, Compute, Handler, Library, Node, Values } from './cel-compute';
import { checkCalled, dynamicPatternOf, pricedOperator, spendOnCall } from './cel-prices';
import { nameOf, operandsOf } from './cel-tree';

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

export function operator(node: Node, left: Compute, right: Compute): Compute | undefined {
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

/** A function of our own that takes anything, so that no type needs to be learned. */
export function openCall(node: Node, operands: readonly Compute[]): Compute | undefined {
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
export function textMethod(node: Node, operands: readonly Compute[]): Compute {
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
