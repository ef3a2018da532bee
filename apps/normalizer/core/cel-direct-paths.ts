import { orThrow } from './cel-environment';
import { byLibrary, Compute, Node } from './cel-compute';
import { operandsOf, pathOf, PathSegment } from './cel-tree';
import { readerOf } from './read-path';

/** What a path may begin with; each holds JSON and what expressions gave. */
export const ROOTS = new Set(['raw', 'row', 'parent']);

export function carriedPath(root: string, segments: readonly PathSegment[]): Compute {
  const read = readerOf(segments);
  return (_library, values) => orThrow(read(values.getValue(root)));
}

export function strictPath(node: Node, root: string, segments: readonly PathSegment[]): Compute {
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
export function presence(node: Node): Compute | undefined {
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
