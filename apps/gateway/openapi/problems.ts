import type { OpenAPIObject } from '@nestjs/swagger';

type ComponentResponses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

/** The problem statuses of the API, each in a sentence. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is malformed: a parameter, a header, or a body that does not parse.',
  401: 'No credential, or one that is unknown, revoked or expired.',
  403: 'The caller lacks the permission that `permission` names.',
  404: 'There is no such thing, or none that the caller may know of.',
  409: 'The request does not fit the present state, or the same Idempotency-Key is still being answered.',
  412: 'The document has another ETag than the request asks for.',
  413: 'The body is larger than allowed, as it came or inflated.',
  415: 'The content type or coding is not one that the route takes.',
  422: 'The request is well-formed and not valid; `errors` names each place.',
  429: 'Too many requests or too much data waiting; `Retry-After` says when to try again.',
  503: 'A service or engine is away or busy; `Retry-After` says when to try again.',
  504: 'The deadline passed before an answer came.',
};

const CHANGING = new Set(['post', 'put', 'patch', 'delete']);

interface Operation {
  readonly verb: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly anyCaller?: 'anybody' | 'person';
  readonly takesBody: boolean;
}

/** The problems that any route like this may answer; what else it may is its own to say. */
export function commonProblems({ verb, path, isPublic, anyCaller, takesBody }: Operation): number[] {
  return [
    400,
    ...(isPublic ? [] : anyCaller === 'anybody' ? [401] : [401, 403]),
    ...(namesWhatIsThere(verb, path) ? [404] : []),
    ...(CHANGING.has(verb) ? [413, 415] : []),
    ...(takesBody ? [422] : []),
    429,
    503,
    504,
  ];
}

/** Whether the path names something that may not be there: a PUT makes the last thing that its path names. */
const namesWhatIsThere = (verb: string, path: string): boolean =>
  (verb === 'put' ? path.replace(/\{\w+\}$/, '') : path).includes('{');

/** One problem answer, as the document describes it once for all routes. */
export const problemResponse = (status: number): { readonly $ref: string } => ({
  $ref: `#/components/responses/Problem${status}`,
});

/** What {@link problemResponse} refers to. */
export const problemComponents = (): ComponentResponses =>
  Object.fromEntries(
    Object.entries(PROBLEMS).map(([status, description]) => [
      `Problem${status}`,
      {
        description,
        headers: responseHeaders(Number(status), false),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );

const HEADERS: Readonly<Record<string, { readonly description: string; readonly type: 'string' | 'integer' }>> = {
  'x-request-id': { description: 'Names the request in logs, problems and the audit log.', type: 'string' },
  etag: {
    description: 'What the answer is known by: send it as If-None-Match, or as If-Match to change it.',
    type: 'string',
  },
  ratelimit: { description: 'The tightest limit: `r` requests left, full again in `t` seconds.', type: 'string' },
  'ratelimit-policy': {
    description: 'Every limit that counted the request: `q` requests in `w` seconds.',
    type: 'string',
  },
  'retry-after': { description: 'When to try again. Unit: seconds.', type: 'integer' },
  'www-authenticate': { description: 'How to authenticate.', type: 'string' },
  'accept-encoding': {
    description: 'The codings that a body may have, when the coding was what was wrong.',
    type: 'string',
  },
};

/** The headers that an answer carries beside those of HTTP itself. */
export function responseHeaders(status: number, isTagged: boolean): Readonly<Record<string, object>> {
  const names = [
    'x-request-id',
    'ratelimit',
    'ratelimit-policy',
    ...(isTagged && (status === 200 || status === 304) ? ['etag'] : []),
    ...(status === 429 || status === 503 ? ['retry-after'] : []),
    ...(status === 401 ? ['www-authenticate'] : []),
    ...(status === 415 ? ['accept-encoding'] : []),
  ];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export const headerComponents = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.entries(HEADERS).map(([name, { description, type }]) => [name, { description, schema: { type } }]),
  );
