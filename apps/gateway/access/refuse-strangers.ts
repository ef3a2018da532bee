import type { FastifyInstance } from 'fastify';
import { RoutePolicies } from '../limits/route-policy';
import { presentedCredential } from './credential.strategy';

/**
 * Refuses whoever presents no credential where one is needed before any of the body is read; whether it is a good one, the
 * guard finds out. As `preParsing`, so that the answer has what the earlier hooks give each answer, CORS included.
 */
export function registerStrangerRefusal(fastify: FastifyInstance, policies: Pick<RoutePolicies, 'of'>): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (policies.of(request.method, request.routeOptions.url ?? '').isPublic) return done(null, payload);
    try {
      presentedCredential(request);
    } catch (thrown) {
      const { 'content-length': length, 'transfer-encoding': transfer } = request.headers;
      if (length !== undefined || transfer !== undefined) void reply.header('connection', 'close'); // it is not read
      return done(thrown as Error); // ours alone
    }
    done(null, payload);
  });
}
