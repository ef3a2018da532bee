import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { DOCUMENT_SCHEMAS } from '#libs/documents/document-schemas';
import { DeclaredRoute, isInternalPath, RouteCheck } from '../access/route-check';
import { commonProblems, headerComponents, problemComponents, problemResponse, responseHeaders } from './problems';
import { routeArguments } from './route-arguments';
import { describedSchemas, NEVER } from './route-docs';
import { propertiesOf, schemasOf } from './schemas';

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
  const routes = app.get(RouteCheck).routes();
  for (const [path, item] of Object.entries(paths)) {
    for (const [verb, operation] of Object.entries(item as Record<string, Operation>)) {
      const route = routes.find((one) => one.method.toLowerCase() === verb && templateOf(one.path) === path);
      if (route) complete(operation, verb, path, route);
    }
  }
  const schemas = { ...schemasOf(describedSchemas), ...documentComponents() };
  const components = {
    ...document.components,
    headers: headerComponents(),
    responses: problemComponents(),
    schemas,
  };
  return { ...document, paths, components }; // headers as 3.1 has them
}

/** What the bodies of plan, apply and preview may say: documents are taken as text, so no route's DTO describes them. */
const documentComponents = (): Record<string, object> =>
  Object.fromEntries(Object.entries(DOCUMENT_SCHEMAS).map(([kind, schema]) => [`${kind}Document`, schema]));

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema?: object;
}

interface Response {
  headers?: object;
  readonly content?: Readonly<Record<string, object>>;
  readonly $ref?: string;
}

interface Operation {
  operationId?: string;
  parameters?: Parameter[];
  requestBody?: object;
  responses: Record<string, Response>;
}

/** What the framework cannot know: an id for each operation, its parameters by their rules, and all of its answers. */
function complete(operation: Operation, verb: string, path: string, route: DeclaredRoute): void {
  operation.operationId = operationId(verb, path);
  operation.parameters = parametersOf(operation.parameters ?? [], path, route);
  const takesBody = operation.requestBody !== undefined;
  const isTagged = verb === 'get' && '200' in operation.responses && !isOnlyStreamed(operation.responses['200']);
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!('$ref' in response)) response.headers = responseHeaders(Number(status), isTagged);
  }
  if (isTagged) {
    const headers = responseHeaders(304, isTagged);
    operation.responses['304'] = { description: 'What If-None-Match names is still so.', headers } as Response;
  }
  const never = neverOf(route);
  for (const status of commonProblems({
    verb,
    path,
    isPublic: route.isPublic,
    anyCaller: route.anyCaller,
    takesBody,
  })) {
    if (!never.includes(status)) operation.responses[String(status)] = problemResponse(status);
  }
}

function neverOf({ controller, name }: DeclaredRoute): readonly number[] {
  const handler = Reflect.get(controller.prototype as object, name) as object; // as RouteCheck found it
  return (Reflect.getMetadata(NEVER, handler) as readonly number[] | undefined) ?? [];
}

/** What goes out while it is made has no tag: nobody knows it before its end. */
const isOnlyStreamed = (response: Response | undefined): boolean =>
  response?.content !== undefined && !('application/json' in response.content);

/** Descriptions stand at the route, rules in its DTOs. */
function parametersOf(described: readonly Parameter[], path: string, route: DeclaredRoute): Parameter[] {
  const { query, queryNames, params, headers } = routeArguments(route.controller, route.name);
  const descriptionOf = (place: string, name: string): { description?: string } => {
    const description = described.find((one) => one.in === place && one.name.toLowerCase() === name)?.description;
    return description === undefined ? {} : { description };
  };
  const pathRules = new Map((params ? propertiesOf(params) : []).map(({ name, schema }) => [name, schema]));
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...descriptionOf('path', name),
    schema: pathRules.get(name) ?? { type: 'string' },
  }));
  const inQuery = [
    ...(query ? propertiesOf(query) : []),
    ...queryNames.map((name) => ({ name, schema: { type: 'string' }, required: false })),
  ].map(({ name, schema, required }) => ({ name, in: 'query', required, ...descriptionOf('query', name), schema }));
  const headerNames = new Set([
    ...headers.map((name) => name.toLowerCase()),
    ...described.filter((one) => one.in === 'header').map(({ name }) => name.toLowerCase()),
  ]);
  headerNames.delete('content-type'); // the body's own matter
  const inHeader = [...headerNames].map((name) => {
    const own = HEADERS[name];
    const schema = { type: 'string', ...(own?.pattern === undefined ? {} : { pattern: own.pattern }) };
    const description = own === undefined ? descriptionOf('header', name) : { description: own.description };
    return { name, in: 'header', required: false, ...description, schema };
  });
  return [...inPath, ...inQuery, ...inHeader];
}

const HEADERS: Readonly<Record<string, { readonly description: string; readonly pattern?: string }>> = {
  'if-match': { description: 'Only over the version that has one of these ETags.' },
  'if-none-match': { description: '`*`: only when there is no such document yet.' },
  'idempotency-key': {
    description:
      'The same key on the same route gives the first answer again, for 72 hours; with another body it is refused.',
    pattern: '^[\\x21-\\x7e]{1,255}$',
  },
  accept: {
    description: '`application/json`, `application/x-ndjson`, `text/csv` or `application/vnd.apache.arrow.stream`.',
  },
  'chartly-plan-basis': { description: 'The `basis` of a plan, to apply just what was planned.' },
};

const templateOf = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

/** As in `postPipelineRuns`: the verb, and the path's words. */
function operationId(verb: string, path: string): string {
  const words = path.split('/').filter((part) => part !== '' && part !== 'v1' && part !== 'projects');
  const name = words.map((part) => part.replace(/^\{(.*)\}$/, '$1'));
  return [verb, ...name].join('-').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
