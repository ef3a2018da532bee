import { PathSegment } from './cel-tree';
import { Failure, isPlainObject, shown } from './failure';

/** Keys that an object, list or text has without owning them; reading these must ask for ownership. */
const INHERITED = new Set(
  [Object.prototype, Array.prototype, String.prototype, Number.prototype, Boolean.prototype].flatMap((prototype) =>
    Object.getOwnPropertyNames(prototype),
  ),
);

export type Reader = (value: unknown) => unknown;

/**
 * One step of a path that is only carried over: null for a missing key, a place behind a list's end, and anything below
 * null; a {@link Failure} for a key of something that is no object, or a place of something that is no list.
 */
export function readCarried(value: unknown, segment: PathSegment): unknown {
  if (value === null || value === undefined) return null;
  if (typeof segment === 'number') {
    if (!Array.isArray(value)) return new Failure(`cannot read [${segment}] of ${shown(value)}`);
    const item: unknown = value[segment];
    return item ?? null;
  }
  if (!isPlainObject(value)) return new Failure(`cannot read "${segment}" of ${shown(value)}`);
  return Object.hasOwn(value, segment) ? (value[segment] ?? null) : null;
}

/** The same as repeated {@link readCarried}, with the common case first. */
export function readerOf(segments: readonly PathSegment[]): Reader {
  const steps = segments.map(stepOf);
  const [first, second] = steps;
  if (first === undefined) return (value) => value;
  if (second === undefined) return first;
  if (steps.length === 2) return (value) => second(first(value));
  return (value) => {
    let at = value;
    for (let i = 0; i < steps.length && at !== null; i++) at = (steps[i] as Reader)(at); // i is below its length
    return at;
  };
}

function stepOf(segment: PathSegment): Reader {
  if (typeof segment === 'number' || INHERITED.has(segment)) {
    return (value) => (value instanceof Failure ? value : readCarried(value, segment));
  }
  return (value) => {
    if (typeof value === 'object' && value !== null) {
      const found: unknown = (value as Record<string, unknown>)[segment]; // no inherited key: see INHERITED
      if (found !== undefined) return found;
    }
    return value instanceof Failure ? value : readCarried(value, segment);
  };
}
