import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { canonicalJson } from '#libs/documents/canonical';
import { BadRequest } from '#libs/errors/errors';
import { CallContext } from '#libs/transport/call-context';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * What a request's `Idempotency-Key` stands for: the route with its project and names, the key, and a digest of the query
 * and the body (rule 7). Throws BadRequest `idempotency.malformed`.
 */
export function idempotencyOf(request: FastifyRequest): CallContext['idempotency'] {
  const key = request.headers['idempotency-key'];
  if (key === undefined || !CHANGING.has(request.method)) return undefined;
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new BadRequest('idempotency.malformed', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
  }
  const [path = '', query = ''] = request.url.split('?');
  return { scope: `${request.method} ${path}`, key, digest: digestOf(query, request.body) };
}

/** What is asked for stands in the body, and in a few routes in the query too. */
function digestOf(query: string, body: unknown): string {
  const bytes = body instanceof Uint8Array ? body : canonicalJson(body ?? null);
  return createHash('sha256').update(query).update('\n').update(bytes).digest('hex');
}
