import Ajv2020, { _, ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import { isPlainObject } from './failure';
import { microsFromRfc3339 } from './instants';

/** Stands where a schema says `{ type: string, format: date-time }` of a timestamp column: a moment needs no text. */
export const MOMENT = 'chartlyMoment';

const INHERITED = Object.getOwnPropertyNames(Object.prototype).map((name) => JSON.stringify(name));

/** Compiles a schema so that no record can throw in its check, and none can hold the loop. */
export function compileSchema(schema: object | boolean): ValidateFunction {
  return newAjv(schema).compile(schema);
}

/** For a schema that names what every object inherits, such as `constructor`, only a record's own fields are its fields. */
export function newAjv(schema: object | boolean): Ajv2020 {
  const text = JSON.stringify(schema);
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    coerceTypes: false,
    code: { regExp: linearRegExp },
    ownProperties: INHERITED.some((name) => text.includes(name)),
  });
  addFormats(ajv);
  ajv.addFormat('date-time', (text: string) => microsFromRfc3339(text) !== undefined);
  ajv.addKeyword({
    keyword: MOMENT,
    schemaType: 'boolean',
    errors: true,
    error: { message: 'must be an RFC 3339 time' },
    validate: (_schema: boolean, value: unknown) =>
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      value instanceof Date ||
      (typeof value === 'string' && microsFromRfc3339(value) !== undefined),
  });
  // The built-in one compares objects pairwise; a long list would hold the loop for minutes (rule 27).
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not hold the same item twice' },
    validate: (wanted: boolean, items: readonly unknown[]) =>
      !wanted || new Set(items.map(sortedTextOf)).size === items.length,
  });
  // The built-in ones call a value's own valueOf and toString, which a record may hold as data.
  for (const [keyword, message] of [
    ['const', 'must be equal to constant'],
    ['enum', 'must be equal to one of the allowed values'],
  ] as const) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      ...(keyword === 'enum' && { schemaType: 'array', metaSchema: { minItems: 1 } }),
      error: { message, params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}` },
      compile: (allowed: unknown) => isOneOf(keyword === 'enum' ? (allowed as readonly unknown[]) : [allowed]), // schemaType
    });
  }
  return ajv;
}

function isOneOf(allowed: readonly unknown[]): (value: unknown) => boolean {
  const plain = new Set(allowed.filter((value) => !isComposed(value)));
  const composed = new Set(allowed.filter(isComposed).map(sortedTextOf));
  return (value) => (isComposed(value) ? composed.size > 0 && composed.has(sortedTextOf(value)) : plain.has(value));
}

const isComposed = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** RE2 in the place of JavaScript's backtracking RegExp. Ajv tells patterns apart by their text alone. */
const linearRegExp = Object.assign(
  (pattern: string, _flags: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 'linearRegExp' },
);

/** One text for equal JSON values, whatever the order of their keys. */
function sortedTextOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      isPlainObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
    ) ?? ''
  );
}
