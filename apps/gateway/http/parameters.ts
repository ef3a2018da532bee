import type { FastifyRequest } from 'fastify';
import { BadRequest, NotFound } from '#libs/errors/errors';

/** An empty part of a path names nothing: there is no such route. Throws NotFound `route.unknown`. */
export function requireParts(request: FastifyRequest): void {
  if (hasEmptyPart(request.params)) throw noSuchRoute(request);
}

export function noSuchRoute({ method, url }: FastifyRequest): NotFound {
  const [path] = url.split('?');
  return new NotFound('route.unknown', `There is no ${method} ${path}. /openapi.json lists what there is.`);
}

/**
 * Refuses parameters that no route takes. Throws BadRequest `request.invalid` for U+0000 in a text and for a query parameter
 * that is not `known`.
 */
export function checkParameters(request: FastifyRequest, known: ReadonlySet<string> | undefined): void {
  const { params, query } = request;
  if (request.url.includes('%00')) {
    refuseNul(params);
    refuseNul(query);
  }
  if (known !== undefined) refuseUnknown(query, known);
}

function hasEmptyPart(params: unknown): boolean {
  for (const name in params as object) if ((params as Record<string, string>)[name] === '' && name !== '*') return true;
  return false;
}

/** No text that is looked for can hold U+0000: no store of ours can. */
function refuseNul(parameters: unknown): void {
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (![value].flat().some((text) => typeof text === 'string' && text.includes('\0'))) continue;
    throw new BadRequest('request.invalid', `${name}: a text holds the character U+0000.`, {
      fields: [{ path: name, message: 'holds the character U+0000' }],
    });
  }
}

/** A query parameter that the route does not know is refused like an unknown field, and not overlooked. */
function refuseUnknown(query: unknown, known: ReadonlySet<string>): void {
  for (const name of Object.keys(query ?? {})) {
    if (known.has(name)) continue;
    throw new BadRequest('request.invalid', `${name}: this route knows no such query parameter.`, {
      fields: [{ path: name, message: 'unknown field' }],
    });
  }
}
