import { Injectable } from '@nestjs/common';
import { ChartlyConfig } from '#libs/config/config';
import { DeclaredRoute, RouteCheck } from '../access/route-check';
import { Priority } from './admission';

/** How much time an answer may take, by what kind it is. The whole of `CHARTLY_REQUEST_TIMEOUT` is for writes. */
const DEADLINES_MS: Readonly<Record<Priority, number>> = {
  health: 5_000,
  control: 90_000,
  query: 35_000,
  bulk: 90_000,
};

export interface RoutePolicy {
  readonly priority: Priority;
  readonly deadlineMs: number;
  /** Takes no credential: declared so, or a page of our own. */
  readonly isPublic: boolean;
  /** Goes on with the last known decision while auth is away. */
  readonly staleAllowed: boolean;
}

/** What holds for each route, whoever calls it. */
@Injectable()
export class RoutePolicies {
  private policies?: ReadonlyMap<string, RoutePolicy>;

  constructor(
    private readonly routes: RouteCheck,
    private readonly config: ChartlyConfig,
  ) {}

  /**
   * The policy of a route by its method and its path as it is declared, a HEAD's as its GET's; pages and documents of our
   * own count as control.
   */
  of(method: string, path: string): RoutePolicy {
    this.policies ??= new Map(
      this.routes.routes().map((route) => [`${route.method} ${route.path}`, this.policyOf(priorityOf(route), route)]),
    );
    const isHealth = path === '/health' || path === '/ready';
    return (
      this.policies.get(`${method === 'HEAD' ? 'GET' : method} ${path}`) ??
      this.policyOf(isHealth ? 'health' : 'control', OUR_PAGE)
    );
  }

  private policyOf(
    priority: Priority,
    { isPublic, isIngest }: Pick<DeclaredRoute, 'isPublic' | 'isIngest'>,
  ): RoutePolicy {
    return {
      priority,
      isPublic,
      staleAllowed: isIngest,
      deadlineMs: Math.min(this.config.requestTimeoutMs, DEADLINES_MS[priority]),
    };
  }
}

const OUR_PAGE = { isPublic: true, isIngest: false };

const QUERIES: ReadonlySet<string> = new Set(['data:read', 'quarantine:read', 'queries:read', 'queries:write']);

/** What takes data in comes last, what reads stored data before it, what steers the system first. */
function priorityOf({ permission, path }: DeclaredRoute): Priority {
  if (permission === 'events:write' || path.startsWith('/v1/hooks/')) return 'bulk';
  return permission !== undefined && QUERIES.has(permission) ? 'query' : 'control';
}
