import { ScimError } from './scim-error';

const OPERATIONS_MAX = 100;

/** What a PATCH asks for, with the attribute in small letters and the filter of its values apart (RFC 7644 §3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** `displayname`, `name.formatted`, `members`; none when the value is an object of attributes. */
  readonly attribute?: string;
  /** Of `members[value eq "..."]`: the value. */
  readonly where?: { readonly attribute: string; readonly value: string };
  readonly value?: unknown;
}

/** What the service gives a resource (RFC 7643 §3.1). */
const READ_ONLY = new Set(['id', 'meta', 'schemas']);
const PATH = /^([a-z$]+)(?:\[([a-z]+) eq "([^"\\]*)"\])?(?:\.([a-z]+))?$/;

/** The operations of a PATCH body. Throws ScimError for one that is not of the kind that we know. */
export function readPatch(body: Readonly<Record<string, unknown>>): PatchOperation[] {
  const entry = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations');
  const operations: unknown = entry?.[1];
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > OPERATIONS_MAX) {
    throw new ScimError(400, `A PATCH has 1 to ${OPERATIONS_MAX} "Operations".`, 'invalidSyntax');
  }
  return operations.map(readOperation);
}

function readOperation(operation: unknown): PatchOperation {
  if (typeof operation !== 'object' || operation === null)
    throw new ScimError(400, 'An operation is an object.', 'invalidSyntax');
  const { op, path, value } = operation as Readonly<Record<string, unknown>>; // an object, read member by member
  const kind = typeof op === 'string' ? op.toLowerCase() : undefined;
  if (kind !== 'add' && kind !== 'replace' && kind !== 'remove') {
    throw new ScimError(400, 'The "op" of an operation is add, replace or remove.', 'invalidSyntax');
  }
  if (path === undefined) {
    if (kind === 'remove') throw new ScimError(400, 'A remove names its path.', 'invalidPath');
    return { op: kind, value };
  }
  const match = typeof path === 'string' ? PATH.exec(lowered(path)) : null;
  if (!match) throw new ScimError(400, 'The path is none that we know.', 'invalidPath');
  const [, attribute = '', filterOn, wanted, sub] = match;
  if (READ_ONLY.has(attribute)) throw new ScimError(400, `"${attribute}" is ours to say.`, 'mutability');
  return {
    op: kind,
    attribute: sub === undefined ? attribute : `${attribute}.${sub}`,
    ...(filterOn === undefined || wanted === undefined ? {} : { where: { attribute: filterOn, value: wanted } }),
    value,
  };
}

/** Attribute names are of any case; what stands in quotes is not. The core schema may be written before them. */
const lowered = (path: string): string =>
  path
    .replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i, '')
    .replace(/"[^"]*"|[^"]+/g, (part) => (part.startsWith('"') ? part : part.toLowerCase()));
