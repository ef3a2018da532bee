import { elementsOf, findMember } from './json';

interface Bytes {
  readonly start: number;
  readonly end: number;
}

/** Member names and list indices, from the outside in. */
export type Location = readonly (string | number)[];

/**
 * Where values of a valid JSON text lie, by their locations, so that they can be cut out as they came: a number that
 * was parsed and written again may be another one. Values in one list cost one walk over it together.
 */
export function locateAll(body: Buffer, locations: readonly Location[]): Bytes[] {
  const known = new Map<string, Bytes>();
  const lists = new Map<string, readonly Bytes[]>();
  const whole = trimmed(body);
  const locate = (location: Location): Bytes => {
    const step = location.at(-1);
    if (step === undefined) return whole;
    const outer = location.slice(0, -1);
    const key = JSON.stringify(outer);
    const inside = known.get(key) ?? locate(outer);
    known.set(key, inside);
    if (typeof step === 'string') return memberOf(body, inside, step);
    const elements = lists.get(key) ?? elementsOf(body, inside.start);
    lists.set(key, elements);
    return found(elements[step], step);
  };
  return locations.map(locate);
}

function memberOf(body: Buffer, { start, end }: Bytes, name: string): Bytes {
  const place = found(findMember(body.subarray(start, end), [name]), name);
  return { start: start + place.start, end: start + place.end };
}

function trimmed(body: Buffer): Bytes {
  const isSpace = (at: number): boolean => [0x20, 0x0a, 0x0d, 0x09].includes(body[at] ?? 0);
  let start = 0;
  let end = body.length;
  while (start < end && isSpace(start)) start += 1;
  while (end > start && isSpace(end - 1)) end -= 1;
  return { start, end };
}

function found(place: Bytes | undefined, step: string | number): Bytes {
  if (!place) throw new RangeError(`The JSON text has nothing at ${JSON.stringify(step)}.`);
  return place;
}
