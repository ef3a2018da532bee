import { targetConstructorToSchema, validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { Ctor } from '#libs/contracts/contract';

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', description: 'Stable per `code`.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'What went wrong, stable and dotted.' },
    detail: { type: 'string', description: 'What went wrong, where, and what to do.' },
    requestId: { type: 'string' },
    permission: { type: 'string', description: 'The permission that the caller lacks.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

type Schemas = Record<string, object>;

/** The schemas of the given classes and of all that these name in turn, from the rules that requests are validated by. */
export function schemasOf(described: Iterable<Ctor>): Schemas {
  const all: Schemas = validationMetadatasToSchemas(options());
  const found: Schemas = { Problem: PROBLEM_SCHEMA };
  const visit = (name: string, schema: object | undefined): void => {
    if (name in found) return;
    if (!schema) throw new Error(`${name} has no rule that says what it is; the API's document needs its schema.`);
    found[name] = 'properties' in schema ? { ...schema, additionalProperties: false } : schema;
    for (const [, next] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      if (next) visit(next, all[next]);
    }
  };
  /* A class that declares nothing beside what it inherits is not among `all`. */
  for (const dto of described) visit(dto.name, all[dto.name] ?? targetConstructorToSchema(dto, options()));
  return found;
}

/** A DTO's properties, each with its schema and whether it must be there. */
export function propertiesOf(
  dto: Ctor,
): { readonly name: string; readonly schema: object; readonly required: boolean }[] {
  const { properties = {}, required = [] } = targetConstructorToSchema(dto, options());
  return Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
}

/** class-transformer keeps its metadata in a module that it does not export types for. */
function options(): SchemaOptions {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the package types no such path
  const { defaultMetadataStorage } = require('class-transformer/cjs/storage') as {
    defaultMetadataStorage: SchemaOptions['classTransformerMetadataStorage'];
  };
  return {
    classTransformerMetadataStorage: defaultMetadataStorage,
    refPointerPrefix: '#/components/schemas/',
    additionalConverters: { isLabels: { maxProperties: 50, additionalProperties: { type: 'string', maxLength: 200 } } },
  };
}

type SchemaOptions = NonNullable<Parameters<typeof validationMetadatasToSchemas>[0]>;
