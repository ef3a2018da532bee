import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020';
import type { JsonSchema } from '#libs/documents/pipeline';
import { isPlainObject, shown } from './failure';
import { Micros, rfc3339FromMicros } from './instants';
import { jsonValueOf } from './json-value';
import { compileSchema, MOMENT } from './schema-keywords';

/** What may stand beside `format: date-time` without saying more about the text itself. */
const SAYS_NOTHING_OF_TEXT = new Set([
  'type',
  'format',
  'title',
  'description',
  'examples',
  'default',
  '$comment',
  'deprecated',
]);
/** Keywords that count or enumerate keys, for which a null that stands for "missing" must really be missing. */
const COUNTS_KEYS = ['minProperties', 'maxProperties', 'propertyNames', 'patternProperties', 'unevaluatedProperties'];
/** Keywords that bring other schemas to bear on the same object. */
const APPLIES_OTHERS = ['allOf', 'anyOf', 'oneOf', 'not', 'if', '$ref', '$dynamicRef', 'dependentSchemas'];

/** How a field of the row goes into the object that is validated. */
export interface SchemaField {
  readonly name: string;
  /** True when the field ends in a timestamp column. */
  readonly isTimestamp: boolean;
  /** True when its values are {@link Micros}. */
  readonly givesMoments: boolean;
}

/** Validates the fields of a row. */
export interface RowCheck {
  /** `values[i]` belongs to `fields[i]`. Gives the reason when the row does not fit. */
  check(values: readonly unknown[]): string | undefined;
}

/**
 * Compiles a JSON Schema (2020-12) once for rows of these fields. Null in a field that the schema does not require
 * counts as left out. Throws an `Error` with a sentence when the schema itself is wrong.
 */
export function compileRowCheck(schema: JsonSchema, fields: readonly SchemaField[]): RowCheck {
  const swapped = swapMoments(schema, fields);
  const validate = compileSchema(swapped.schema);
  const required = new Set(Array.isArray(schema.required) ? (schema.required as readonly unknown[]) : []);
  const plan = fields.map((field) => ({
    name: field.name,
    keepsNull: required.has(field.name),
    isMoment: swapped.moments.has(field.name),
    asText: field.givesMoments && !swapped.moments.has(field.name),
  }));
  const exact = needsExactKeys(schema, fields);
  const reused: Record<string, unknown> = {};
  for (const { name } of plan) define(reused, name, undefined);
  return {
    check: (values) => {
      const view: Record<string, unknown> = exact ? {} : reused;
      for (let i = 0; i < plan.length; i++) {
        const field = plan[i] as (typeof plan)[number]; // i is below its length
        const given = values[i];
        let value: unknown = given;
        if (given === null || given === undefined) value = field.keepsNull ? null : undefined;
        else if (field.isMoment && typeof given !== 'string') value = given;
        else if (field.asText)
          value = rfc3339FromMicros(given as Micros); // such fields give nothing else
        else if (typeof given === 'bigint') value = Number(given);
        else if (typeof given === 'object') value = jsonValueOf(given);
        if (value === undefined && exact) continue;
        if (field.name === '__proto__') define(view, field.name, value);
        else view[field.name] = value;
      }
      return validate(view) ? undefined : reasonOf(validate, view);
    },
  };
}

/** Validates a whole record; one that steps have changed may hold values of expressions, which JSON writes otherwise. */
export function compileRecordCheck(schema: JsonSchema, changed: boolean): (record: unknown) => string | undefined {
  const validate = compileSchema(schema);
  return (given) => {
    const record = changed ? jsonValueOf(given) : given;
    return validate(record) ? undefined : reasonOf(validate, record);
  };
}

function needsExactKeys(schema: JsonSchema, fields: readonly SchemaField[]): boolean {
  if ([...COUNTS_KEYS, ...APPLIES_OTHERS].some((keyword) => keyword in schema)) return true;
  const known = isPlainObject(schema.properties) ? schema.properties : {};
  return 'additionalProperties' in schema && fields.some(({ name }) => !Object.hasOwn(known, name));
}

function swapMoments(schema: JsonSchema, fields: readonly SchemaField[]): { schema: JsonSchema; moments: Set<string> } {
  const moments = new Set<string>();
  if (!isPlainObject(schema.properties)) return { schema, moments };
  const properties: Record<string, unknown> = { ...schema.properties };
  for (const { name, isTimestamp } of fields) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isTimestamp || !isPlainObject(property) || property.format !== 'date-time') continue;
    const types = Array.isArray(property.type) ? (property.type as readonly unknown[]) : [property.type];
    const plain = types.includes('string') && types.every((type) => type === 'string' || type === 'null');
    if (!plain || !Object.keys(property).every((key) => SAYS_NOTHING_OF_TEXT.has(key))) continue;
    properties[name] = types.includes('null') ? { anyOf: [{ type: 'null' }, { [MOMENT]: true }] } : { [MOMENT]: true };
    moments.add(name);
  }
  return { schema: { ...schema, properties }, moments };
}

function reasonOf(validate: ValidateFunction, record: unknown): string {
  const error = validate.errors?.[0];
  return error ? sentenceOf(error, record) : 'does not fit the schema';
}

function sentenceOf(error: ErrorObject, record: unknown): string {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at = record;
  for (const segment of path) at = at !== null && typeof at === 'object' ? Reflect.get(at, segment) : undefined;
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  const got = path.length === 0 || typeof at === 'object' ? '' : `, got ${shown(at)}`;
  const extra = error.keyword === 'additionalProperties' ? ` ("${String(error.params.additionalProperty)}")` : '';
  const allowed = error.keyword === 'enum' ? ` (${JSON.stringify(error.params.allowedValues)?.slice(0, 200)})` : '';
  return `${where}${error.message ?? 'does not fit'}${allowed}${extra}${got}`;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
