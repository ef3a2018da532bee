import type { FastifyInstance, RouteOptions } from 'fastify';
import { ListenerRequest } from '#libs/telemetry/health.controller';
import { isInternalPath } from '../access/route-check';
import { noSuchRoute } from '../http/parameters';
import { Answers } from './answers';
import { closeUnread, Door } from './door';
import { RoutePlan, RoutePlans } from './route-plans';

/** What no route serves takes a place and counts against its address like what one does. */
const UNKNOWN: RoutePlan = { name: 'unknown', priority: 'control', isPublic: true, staleAllowed: false, deadlineMs: 0 };

/**
 * Puts the door before every route of the public API as it is added to the server, and has a controller's own be called
 * behind it. A route that nothing is known of cannot be added: the process does not start with it (rule 20).
 */
export function registerDoor(
  fastify: FastifyInstance,
  { plans, door, answers }: { plans: RoutePlans; door: Door; answers: Answers },
): void {
  fastify.addHook('onRoute', (route) => {
    if (isInternalPath(route.url)) return; // kept from the public by the listener itself
    const all = [route.method].flat().map((method) => plans.of(method, route.url, route.config ?? {}));
    const [plan] = all as [RoutePlan, ...RoutePlan[]]; // a route has a method
    put(route, 'onRequest', door.enter(plan));
    if (!plan.route) return;
    put(route, 'preHandler', door.admit(plan, plan.route));
    route.handler = answers.handler(plan, plan.route);
  });
}

/** Refuses what no route serves. Called once all is registered that says something of every answer, as CORS does. */
export function registerUnknown(fastify: FastifyInstance, door: Pick<Door, 'enter'>): void {
  const enter = door.enter(UNKNOWN);
  fastify.addHook('onRequest', (request: ListenerRequest, reply, done) => {
    if (!request.is404 || !request.publicListener) return done();
    closeUnread(request, reply);
    enter(request, reply, (refused?: Error) => done(refused ?? noSuchRoute(request)));
  });
}

/** Behind what all routes have. */
function put<H extends 'onRequest' | 'preHandler'>(
  route: RouteOptions,
  hook: H,
  handler: NonNullable<RouteOptions[H]>,
): void {
  Object.assign(route, { [hook]: [route[hook] ?? [], handler].flat() });
}
