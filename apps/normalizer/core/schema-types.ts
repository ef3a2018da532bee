import type { JsonSchema } from '#libs/documents/pipeline';
import { isPlainObject } from './failure';

/** The CEL type of a value: by name, or member by member for an object whose members are known. */
export type CelType = string | { readonly [name: string]: CelType };

const DEPTH_MAX = 8;
const TYPE_OF: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  // JSON numbers are doubles, the whole ones too.
  number: 'double',
  integer: 'double',
};

/**
 * What CEL may know of records that a schema has accepted. A value of several types, one that may be null, and one of
 * which the schema says nothing is `dyn`; a member that is not named is not judged.
 */
export function celTypesOf(schema: unknown, depth = 0): CelType {
  if (!isPlainObject(schema) || depth > DEPTH_MAX || typeof schema.type !== 'string') return 'dyn';
  const { type } = schema as JsonSchema & { type: string };
  if (type === 'array') {
    const items = celTypesOf(schema.items, depth + 1);
    return typeof items === 'string' ? `list<${items}>` : 'list';
  }
  if (type !== 'object') return TYPE_OF[type] ?? 'dyn';
  if (!isPlainObject(schema.properties)) return 'dyn';
  const members = Object.entries(schema.properties).map(([name, member]): [string, CelType] => [
    name,
    celTypesOf(member, depth + 1),
  ]);
  return Object.fromEntries(members);
}
