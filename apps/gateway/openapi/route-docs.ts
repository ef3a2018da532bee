import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Ctor } from '#libs/contracts/contract';
import { BodyConfig } from '../http/body-parsers';

/** The DTO classes that routes name; the document's components are made from their validation rules. */
export const describedSchemas = new Set<Ctor>();

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'No credential, or one that is unknown, revoked or expired.',
  403: 'The caller lacks the permission that `permission` names.',
  404: 'There is no such thing, or none that the caller may know of.',
  409: 'The request does not fit the present state.',
  412: 'The document has another ETag than If-Match asks for.',
  413: 'The body is larger than allowed.',
  415: 'The content type is not one that the route takes.',
  422: 'The request is well-formed and not valid; `errors` names each place.',
  429: 'Too many requests or too much data waiting; `Retry-After` says when to try again.',
  503: 'A service or engine is away; `Retry-After` says when to try again.',
  504: 'The deadline passed before an answer came.',
};
const ALWAYS = [400, 401, 403, 404, 503, 504];

interface RouteDescription {
  readonly summary: string;
  readonly gives?: Ctor;
  readonly status?: number;
  readonly takes?: Ctor;
  /** Content types of a body that is taken as it comes. */
  readonly takesRaw?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  /** Statuses beside those that every route may answer. */
  readonly problems?: readonly number[];
  readonly open?: boolean;
}

/** Describes a route for the OpenAPI document. */
export function Describe(route: RouteDescription): MethodDecorator {
  const { gives, takes, takesRaw } = route;
  const status = route.status ?? 200;
  for (const schema of [gives, takes]) if (schema) describedSchemas.add(schema);
  return applyDecorators(
    ApiOperation({ summary: route.summary }),
    ApiResponse({
      status,
      description: route.summary,
      ...(gives ? { content: { 'application/json': { schema: refTo(gives) } } } : {}),
    }),
    ...[...ALWAYS, ...(route.problems ?? [])].map((problem) =>
      ApiResponse({
        status: problem,
        description: PROBLEMS[problem] ?? 'A problem.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }),
    ),
    ...(takes ? [ApiBody({ required: true, schema: refTo(takes) })] : []),
    ...(takesRaw ? [ApiBody({ required: true, schema: { type: 'string' } }), ApiConsumes(...takesRaw)] : []),
    ...Object.entries(route.params ?? {}).map(([name, description]) =>
      ApiParam({ name, description, schema: { type: 'string' } }),
    ),
    ...Object.entries(route.query ?? {}).map(([name, description]) =>
      ApiQuery({ name, description, required: false, schema: { type: name === 'limit' ? 'integer' : 'string' } }),
    ),
    ...(route.open ? [] : [ApiBearerAuth('key')]),
    ...(takes || takesRaw ? [] : [RouteConfig({ bodiless: true } satisfies BodyConfig)]),
  );
}

const refTo = (schema: Ctor): { $ref: string } => ({ $ref: `#/components/schemas/${schema.name}` });
