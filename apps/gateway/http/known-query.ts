import { DeclaredRoute } from '../access/route-check';
import { routeArguments } from '../openapi/route-arguments';
import { OPEN_QUERY } from './open-query';

/** The query parameters that a route takes; undefined when its DTO says so, or its service. */
export function knownQueryOf({ controller, instance, name }: DeclaredRoute): ReadonlySet<string> | undefined {
  if (Reflect.getMetadata(OPEN_QUERY, Reflect.get(instance, name) as object) === true) return undefined;
  const { query, queryNames } = routeArguments(controller, name);
  return query ? undefined : new Set(queryNames);
}
