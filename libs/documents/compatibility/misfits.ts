import { canonicalJson } from '../canonical';
import { JsonSchema } from '../json-schema';

/** A place at which one schema may refuse what another accepts. */
export interface SchemaMisfit {
  /** In the schema: `properties.size.minimum`. */
  readonly path: string;
  readonly message: string;
}

type Schema = boolean | JsonSchema;

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;
type TypeName = (typeof TYPES)[number];

/** Say nothing of an instance. */
const ANNOTATIONS = new Set(
  '$schema $id $comment $anchor $defs definitions title description default examples deprecated readOnly writeOnly'.split(
    ' ',
  ),
);
/** Keywords that mean something together: all of a group are the same on both sides, or nothing is shown. */
const GROUPS: readonly (readonly string[])[] = [
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
  ['unevaluatedProperties', 'unevaluatedItems'],
];
/** Bounds that hold when the other side's is at least as strict. */
const LOWER: Readonly<Record<string, TypeName>> = {
  minimum: 'number',
  exclusiveMinimum: 'number',
  minLength: 'string',
  minItems: 'array',
  minProperties: 'object',
};
const UPPER: Readonly<Record<string, TypeName>> = {
  maximum: 'number',
  exclusiveMaximum: 'number',
  maxLength: 'string',
  maxItems: 'array',
  maxProperties: 'object',
};
/** Keywords of text, lists or numbers that must be the same where such values may come. */
const SAME: Readonly<Record<string, TypeName>> = {
  pattern: 'string',
  format: 'string',
  contentEncoding: 'string',
  contentMediaType: 'string',
  prefixItems: 'array',
  multipleOf: 'number',
  patternProperties: 'object',
  propertyNames: 'object',
};

/**
 * Where `wide` may refuse an instance that `narrow` accepts; nothing when it refuses none. Sound and not complete: what
 * cannot be shown counts as a misfit, so no misfit is a proof.
 */
export function misfits(wide: Schema, narrow: Schema): SchemaMisfit[] {
  const sameDefinitions = equal(definitionsOf(wide), definitionsOf(narrow));
  if (sameDefinitions && equal(wide, narrow)) return [];
  return new Comparison(sameDefinitions).compare(wide, narrow, '');
}

class Comparison {
  constructor(private readonly sameDefinitions: boolean) {}

  compare(wide: Schema, narrow: Schema, path: string): SchemaMisfit[] {
    if (wide === true || narrow === false) return [];
    if (wide === false) return [{ path, message: 'accepts nothing here, and the other accepts something' }];
    const other: JsonSchema = narrow === true ? {} : narrow;
    if (GROUPS[2]!.some((keyword) => keyword in wide || keyword in other) && !this.same(wide, other)) {
      return [{ path, message: 'unevaluatedProperties and unevaluatedItems are comparable to the same schema alone' }];
    }
    return Object.keys(wide)
      .filter((keyword) => !ANNOTATIONS.has(keyword))
      .flatMap((keyword) => this.keyword(keyword, wide, other, at(path, keyword)));
  }

  private keyword(keyword: string, wide: JsonSchema, narrow: JsonSchema, path: string): SchemaMisfit[] {
    const wanted = wide[keyword];
    const given = narrow[keyword];
    const about = LOWER[keyword] ?? UPPER[keyword] ?? SAME[keyword];
    if (about && !mayBe(about, narrow)) return [];
    if (keyword in LOWER) return bound(path, wanted, given, (a, b) => b >= a);
    if (keyword in UPPER) return bound(path, wanted, given, (a, b) => b <= a);
    switch (keyword) {
      case 'type':
        return typeMisfits(path, wide, narrow);
      case 'enum':
      case 'const':
        return valueMisfits(path, { [keyword]: wanted }, narrow);
      case 'required':
        return requiredMisfits(path, wanted, narrow);
      case 'properties':
        return this.properties(path, wide, narrow);
      case 'additionalProperties':
        return this.additional(path, wide, narrow);
      case 'items':
        return this.items(path, wide, narrow);
      case 'uniqueItems':
        if (wanted !== true || given === true || !typesOf(narrow).has('array')) return [];
        return [{ path, message: 'refuses items that come twice, which were accepted' }];
      default:
        return this.exactly(keyword, path, wide, narrow);
    }
  }

  private properties(path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
    if (!typesOf(narrow).has('object')) return [];
    return Object.entries(schemasIn(wide.properties)).flatMap(([name, schema]) => {
      const given = ofProperty(narrow, name);
      const found = this.compare(schema, given.schema, at(path, name));
      if (found.length === 0 || given.named) return found;
      const why =
        'is new, and any value may have stood here; it had been closed with additionalProperties: false otherwise';
      return [{ path: at(path, name), message: why }];
    });
  }

  private additional(path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
    if (!typesOf(narrow).has('object')) return [];
    if (!this.same(wide.patternProperties ?? {}, narrow.patternProperties ?? {})) {
      return [{ path, message: 'is comparable beside the same patternProperties alone' }];
    }
    const rest = asSchema(wide.additionalProperties);
    const known = schemasIn(wide.properties);
    const dropped = Object.entries(schemasIn(narrow.properties))
      .filter(([name]) => !Object.hasOwn(known, name))
      .flatMap(([name, schema]) => this.compare(rest, schema, `${path} (for "${name}")`));
    return [...dropped, ...this.compare(rest, asSchema(narrow.additionalProperties ?? true), path)];
  }

  private items(path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
    if (!typesOf(narrow).has('array')) return [];
    if (!this.same(wide.prefixItems ?? [], narrow.prefixItems ?? [])) {
      return [{ path, message: 'is comparable beside the same prefixItems alone' }];
    }
    return this.compare(asSchema(wide.items), asSchema(narrow.items ?? true), path);
  }

  /** What is not understood must be the same, and what it refers to, too. */
  private exactly(keyword: string, path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
    const group = GROUPS.find((one) => one.includes(keyword)) ?? [keyword];
    if (group.every((one) => this.same(wide[one] ?? null, narrow[one] ?? null))) return [];
    return [{ path, message: `differs, and it cannot be shown that nothing more is refused` }];
  }

  private same(a: unknown, b: unknown): boolean {
    if (!equal(a, b)) return false;
    return this.sameDefinitions || !/"\$(?:ref|dynamicRef)"/.test(canonicalJson(a));
  }
}

function typeMisfits(path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
  const accepted = typesOf({ type: wide.type });
  const more = [...typesOf(narrow)].filter((type) => !accepted.has(type));
  const told = more.includes('number') ? more.filter((type) => type !== 'integer') : more;
  return told.length === 0 ? [] : [{ path, message: `refuses ${told.join(' and ')}, which the other accepts` }];
}

/** The types that may pass the schema's `type`, `enum` and `const`; `number` stands for what is no integer, too. */
function typesOf(schema: JsonSchema): ReadonlySet<TypeName> {
  const values = valuesOf(schema);
  if (values) {
    const types = values.map(typeOf);
    return new Set(types.includes('integer') ? [...types, 'number'] : types);
  }
  if (schema.type === undefined) return new Set(TYPES);
  const named = (Array.isArray(schema.type) ? schema.type : [schema.type]) as readonly TypeName[]; // checked when applied
  return new Set(named.includes('number') ? [...named, 'integer'] : named);
}

const mayBe = (type: TypeName, schema: JsonSchema): boolean =>
  typesOf(schema).has(type) || (type === 'number' && typesOf(schema).has('integer'));

function typeOf(value: unknown): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as TypeName; // a JSON value
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return Array.isArray(schema.enum) ? (schema.enum as readonly unknown[]) : undefined;
}

function valueMisfits(path: string, wide: JsonSchema, narrow: JsonSchema): SchemaMisfit[] {
  const accepted = new Set((valuesOf(wide) ?? []).map(canonicalJson));
  const given = valuesOf(narrow);
  if (!given) return [{ path, message: 'accepts some values alone, and the other accepts any' }];
  const more = given.filter((value) => !accepted.has(canonicalJson(value)));
  return more.length === 0 ? [] : [{ path, message: `refuses ${more.map(canonicalJson).join(', ').slice(0, 200)}` }];
}

function requiredMisfits(path: string, wanted: unknown, narrow: JsonSchema): SchemaMisfit[] {
  if (!typesOf(narrow).has('object')) return [];
  const given = new Set(Array.isArray(narrow.required) ? narrow.required : []);
  return (Array.isArray(wanted) ? wanted : [])
    .filter((name) => !given.has(name))
    .map((name) => ({ path, message: `requires "${String(name)}", which the other does not` }));
}

function bound(
  path: string,
  wanted: unknown,
  given: unknown,
  holds: (wanted: number, given: number) => boolean,
): SchemaMisfit[] {
  if (typeof wanted !== 'number') return [];
  if (typeof given === 'number' && holds(wanted, given)) return [];
  return [{ path, message: `is ${wanted}, and the other's is ${typeof given === 'number' ? given : 'not set'}` }];
}

function ofProperty(schema: JsonSchema, name: string): { readonly schema: Schema; readonly named: boolean } {
  const known = schemasIn(schema.properties);
  if (Object.hasOwn(known, name)) return { schema: asSchema(known[name]), named: true };
  if (schema.patternProperties !== undefined) return { schema: true, named: false };
  return { schema: asSchema(schema.additionalProperties ?? true), named: schema.additionalProperties !== undefined };
}

const schemasIn = (value: unknown): Readonly<Record<string, Schema>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Schema>) : {}; // a schema's properties

const asSchema = (value: unknown): Schema =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? (value as Schema) : true; // else it says nothing

const definitionsOf = (schema: Schema): unknown =>
  typeof schema === 'boolean' ? null : [schema.$defs ?? null, schema.definitions ?? null];

const equal = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

const at = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
