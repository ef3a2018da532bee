import { budget } from './budget';
import { Compute, Library, Node } from './cel-compute';
import { spendOnFailure } from './cel-prices';

/** What the library evaluates pays for itself. */
export const payingFailures =
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
export function logical(node: Node, left: Compute, right: Compute): Compute {
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

export function choice(node: Node, computed: (node: Node) => Compute): Compute {
  const [condition, yes, no] = (node.args as readonly Node[]).map(computed); // a choice has three
  return (library, values) => {
    const chosen = condition?.(library, values);
    if (chosen === true) return yes?.(library, values);
    if (chosen === false) return no?.(library, values);
    return node.handle?.(chosen, library, node, values);
  };
}

export function negation(node: Node, operand: Compute): Compute {
  return (library, values) => {
    const value = operand(library, values);
    return typeof value === 'boolean' ? !value : node.handle?.(value, node, library);
  };
}
