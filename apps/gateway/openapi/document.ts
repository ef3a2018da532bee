import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { isInternalPath } from '../access/route-check';
import { describedSchemas } from './route-docs';

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

/** The public API as one OpenAPI 3.1 document; schemas come from the very rules that requests are validated by. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Chartly')
    .setDescription('Pipelines in, canonical events stored exactly once, rollups, queries, and books that balance.')
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, `ck_...`.' }, 'key')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_, method) => method });
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => !isInternalPath(path)));
  completeOperations(paths);
  return { ...document, paths, components: { ...document.components, schemas: schemas() } };
}

/** What the framework cannot know: an id for each operation, and the parameters that stand in its path. */
function completeOperations(paths: OpenAPIObject['paths']): void {
  for (const [path, item] of Object.entries(paths)) {
    const operations = item as Record<string, Operation>;
    for (const [verb, operation] of Object.entries(operations)) {
      operation.operationId = operationId(verb, path);
      const described = new Set(
        (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name),
      );
      const missing = [...path.matchAll(/\{(\w+)\}/g)]
        .map(([, name = '']) => name)
        .filter((name) => !described.has(name));
      operation.parameters = [
        ...missing.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
        ...(operation.parameters ?? []),
      ];
    }
  }
}

interface Operation {
  operationId?: string;
  parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** As in `postProjectPipelineRuns`: the verb, and the path's words. */
function operationId(verb: string, path: string): string {
  const words = path.split('/').filter((part) => part !== '' && part !== 'v1' && part !== 'projects');
  const name = words.map((part) => part.replace(/^\{(.*)\}$/, '$1'));
  return [verb, ...name].join('-').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The schemas that routes name and all that these name in turn, and no others. */
function schemas(): Schemas {
  const all: Schemas = validationMetadatasToSchemas({
    classTransformerMetadataStorage: transformerMetadata(),
    refPointerPrefix: '#/components/schemas/',
  });
  const found: Schemas = { Problem: PROBLEM_SCHEMA };
  const visit = (name: string): void => {
    const schema = all[name];
    if (!schema || name in found) return;
    found[name] = schema;
    for (const [, next] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)) if (next) visit(next);
  };
  for (const { name } of describedSchemas) visit(name);
  return found;
}

/** class-transformer keeps its metadata in a module that it does not export types for. */
function transformerMetadata(): SchemaOptions['classTransformerMetadataStorage'] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the package types no such path
  const { defaultMetadataStorage } = require('class-transformer/cjs/storage') as {
    defaultMetadataStorage: SchemaOptions['classTransformerMetadataStorage'];
  };
  return defaultMetadataStorage;
}

type SchemaOptions = NonNullable<Parameters<typeof validationMetadatasToSchemas>[0]>;
