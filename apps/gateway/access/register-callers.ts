import type { FastifyInstance } from 'fastify';
import { RoutePolicies } from '../limits/route-policy';
import { Callers } from './callers';
import { GuardedRequest } from './presented-credential';

/**
 * Finds out who sends a request before any of its body is read, and refuses whom nobody knows: the memory and the time that
 * a body takes are for those who may send one. As `preParsing`, so that the answer has what the earlier hooks give each
 * answer, CORS included.
 */
export function registerCallers(
  fastify: FastifyInstance,
  { callers, policies }: { callers: Pick<Callers, 'of'>; policies: Pick<RoutePolicies, 'of'> },
): void {
  fastify.addHook('preParsing', async (request: GuardedRequest, reply, payload) => {
    const { isPublic, staleAllowed } = policies.of(request.method, request.routeOptions.url ?? '');
    if (isPublic) return payload;
    try {
      request.principal = await callers.of(request, staleAllowed);
    } catch (thrown) {
      const { 'content-length': length, 'transfer-encoding': transfer } = request.headers;
      if (length !== undefined || transfer !== undefined) void reply.header('connection', 'close'); // it is not read
      throw thrown;
    }
    return payload;
  });
}
