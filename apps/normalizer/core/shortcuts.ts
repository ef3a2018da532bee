import { callOf, CelNode, pathOf } from './cel-tree';
import { momentFromMs, momentFromSeconds, momentFromText, toDouble, toInt, toText } from './conversions';
import { Failure } from './failure';
import { readerOf } from './read-path';

/**
 * An expression compiled straight to a function, for the forms that nearly every mapping is made of: a path, a
 * conversion of one, `coalesce` of these, a literal. It gives exactly what the CEL engine would (a test compares them),
 * except that moments come as microseconds.
 */
export interface Shortcut {
  readonly gives: 'value' | 'moment';
  readonly evaluate: (raw: unknown) => unknown;
}

type Conversion = (value: unknown) => unknown;

const VALUES: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['double', toDouble],
  ['int', toInt],
  ['string', toText],
]);
const MOMENTS: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['timestamp', momentFromText],
  ['timestamp_ms', momentFromMs],
  ['timestamp_s', momentFromSeconds],
]);

/** `undefined` when the expression is none of these forms. Takes the tree as the parser made it. */
export function shortcutOf(ast: CelNode): Shortcut | undefined {
  const call = callOf(ast);
  const argument = call?.[1][0];
  const moment = call ? MOMENTS.get(call[0]) : undefined;
  if (call && moment) {
    const inner = argument && call[1].length === 1 ? valueOf(argument) : undefined;
    return inner && { gives: 'moment', evaluate: convert(inner, moment) };
  }
  const value = valueOf(ast);
  return value && { gives: 'value', evaluate: value };
}

function valueOf(node: CelNode): Conversion | undefined {
  if (node.op === 'value') return literal(node.args);
  const call = callOf(node);
  if (!call) {
    const path = pathOf(node);
    return path?.root === 'raw' ? readerOf(path.segments) : undefined;
  }
  const [name, args] = call;
  const inner = args.map(valueOf);
  if (!inner.every((one) => one !== undefined)) return undefined;
  if (name === 'coalesce' && inner.length >= 2 && inner.length <= 6) return firstOf(inner);
  const conversion = VALUES.get(name);
  const [only] = inner;
  return conversion && only && inner.length === 1 ? convert(only, conversion) : undefined;
}

function literal(value: unknown): Conversion | undefined {
  const plain = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
  return plain ? () => value : undefined;
}

function convert(inner: Conversion, conversion: Conversion): Conversion {
  return (raw) => {
    const value = inner(raw);
    return value instanceof Failure ? value : conversion(value);
  };
}

/** All are evaluated, as a function's arguments are: a failure of any is a failure. */
function firstOf(candidates: readonly Conversion[]): Conversion {
  return (raw) => {
    let found: unknown = null;
    for (const candidate of candidates) {
      const value = candidate(raw);
      if (value instanceof Failure) return value;
      if (found === null) found = value;
    }
    return found;
  };
}
