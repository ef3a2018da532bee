import type { FastifyInstance, RouteOptions } from 'fastify';
import { isInternalPath } from '../access/route-check';
import { Answers } from './answers';
import { Door } from './door';
import { RoutePlan, RoutePlans } from './route-plans';

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

/** Behind what all routes have. */
function put<H extends 'onRequest' | 'preHandler'>(
  route: RouteOptions,
  hook: H,
  handler: NonNullable<RouteOptions[H]>,
): void {
  Object.assign(route, { [hook]: [route[hook] ?? [], handler].flat() });
}
