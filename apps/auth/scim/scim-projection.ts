type Resource = Readonly<Record<string, unknown>>;

/** Given whatever is asked for (RFC 7643 §7, `returned: always`). */
const ALWAYS = new Set(['schemas', 'id']);
const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/;

const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase().replace(CORE, ''))
    .filter((name) => name !== '');

/**
 * A resource with the attributes that are asked for, or without those that are not wanted (RFC 7644 §3.9); a name of two
 * parts is of a part of an attribute.
 */
export function projected(resource: object, attributes?: string, excluded?: string): object {
  if (attributes === undefined && excluded === undefined) return resource;
  const wanted = attributes === undefined ? undefined : namesIn(attributes);
  const unwanted = excluded === undefined ? [] : namesIn(excluded);
  return Object.fromEntries(
    Object.entries(resource as Resource).flatMap(([name, value]) => {
      const key = name.toLowerCase();
      if (ALWAYS.has(key)) return [[name, value]];
      if (unwanted.includes(key) || (wanted && !wanted.some((one) => one === key || one.startsWith(`${key}.`))))
        return [];
      const parts = wanted && !wanted.includes(key) ? partsOf(wanted, key) : undefined;
      return [[name, inParts(value, parts, partsOf(unwanted, key))]];
    }),
  );
}

const partsOf = (names: readonly string[], key: string): string[] =>
  names.filter((name) => name.startsWith(`${key}.`)).map((name) => name.slice(key.length + 1));

function inParts(value: unknown, wanted: readonly string[] | undefined, unwanted: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => inParts(one, wanted, unwanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => {
      const key = name.toLowerCase();
      return (wanted?.includes(key) ?? true) && !unwanted.includes(key);
    }),
  );
}
