import type { FastifyInstance } from 'fastify';
import { ListenerRequest } from '#libs/telemetry/health.controller';
import { Admission } from './admission';
import { Limits } from './limits';
import { RoutePolicies } from './route-policy';

/** Streams that somebody watches: they wait more than they work, and hold no place. */
const WATCHED = 'text/event-stream';

/** Turns requests away before anything is done for them: for want of room, or when their address made too many. */
export function registerLimits(
  fastify: FastifyInstance,
  { admission, limits, policies }: { admission: Admission; limits: Limits; policies: RoutePolicies },
): void {
  fastify.addHook('onRequest', (request: ListenerRequest, reply, done) => {
    if (!request.publicListener) return done();
    const { priority } = policies.of(request.method, request.routeOptions.url ?? '');
    if (priority === 'health') return done();
    try {
      const leave = admission.enter(priority);
      reply.raw.once('close', leave);
      Object.assign(reply, { leave });
    } catch (thrown) {
      return done(thrown as Error); // `enter` throws ours alone
    }
    limits.ofAddress(request, reply).then(
      () => done(),
      (error: Error) => done(error),
    );
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    const { leave } = reply as { leave?: () => void }; // as the hook above left it
    if (leave && String(reply.getHeader('content-type')).startsWith(WATCHED)) leave();
    done(null, payload);
  });
}
