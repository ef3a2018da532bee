import { applyDecorators, SetMetadata } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiResponseNoStatusOptions,
  ApiParam,
  ApiQuery,
  ApiResponse,
} from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Ctor } from '#libs/contracts/contract';
import { TABLE_FORMATS } from '#libs/tabular/formats';
import { problemResponse } from './problems';
import { BodyConfig } from '../http/body-parsers';

/** The DTO classes that routes name; the document's components are made from their validation rules. */
export const describedSchemas = new Set<Ctor>();

interface RouteDescription {
  readonly summary: string;
  readonly gives?: Ctor;
  /** Content types of an answer that is bytes, beside the JSON of `gives` where that is named. */
  readonly givesRaw?: readonly string[];
  readonly status?: number;
  /** Its rows come as NDJSON, CSV or Arrow too, by `Accept`. */
  readonly tables?: boolean;
  readonly takes?: Ctor;
  /** Content types of a body that is taken as it comes. */
  readonly takesRaw?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  /** Statuses beside those that every route of its kind may answer. */
  readonly problems?: readonly number[];
  /** Statuses that routes of its kind may answer, and this one never does. */
  readonly never?: readonly number[];
  /** The service keeps its reply under the caller's `Idempotency-Key`. */
  readonly idempotencyKey?: boolean;
  readonly open?: boolean;
}

export const NEVER = 'chartly:never';

/** Describes a route for the OpenAPI document. */
export function Describe(route: RouteDescription): MethodDecorator {
  const { gives, takes, takesRaw } = route;
  const status = route.status ?? 200;
  for (const schema of [gives, takes]) if (schema) addSchema(schema);
  return applyDecorators(
    ApiOperation({ summary: route.summary }),
    SetMetadata(NEVER, route.never ?? []),
    ApiResponse({
      status,
      description: route.summary,
      ...(gives || route.givesRaw
        ? {
            content: {
              ...(gives ? { 'application/json': { schema: refTo(gives) } } : {}),
              ...(route.tables ? TABLE_CONTENT : {}),
              ...rawContent(route.givesRaw),
            },
          }
        : {}),
    }),
    ...[...(route.problems ?? []), ...keyProblems(route)].map(
      (status) => ApiResponse({ status, ...(problemResponse(status) as ApiResponseNoStatusOptions) }), // a response without its status
    ),
    ...(route.idempotencyKey ? [ApiHeader({ name: 'idempotency-key', required: false })] : []),
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

/** One request can only be another than that of its key where it has a body. */
const keyProblems = ({ idempotencyKey, takes, takesRaw }: RouteDescription): number[] =>
  idempotencyKey ? [409, ...(takes || takesRaw ? [422] : [])] : [];

const rawContent = (types: readonly string[] = []): Record<string, object> =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));

const TABLE_CONTENT = rawContent(Object.values(TABLE_FORMATS).map(({ type }) => type.split(';')[0] ?? type));

const refTo = (schema: Ctor): { $ref: string } => ({ $ref: `#/components/schemas/${schema.name}` });

/** Components go by the name of their class, so that two classes of one name would hide each other. */
function addSchema(schema: Ctor): void {
  const other = [...describedSchemas].find((one) => one !== schema && one.name === schema.name);
  if (other) throw new Error(`Two classes are called ${schema.name}; the API's document needs two names.`);
  describedSchemas.add(schema);
}
