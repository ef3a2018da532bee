import { Injectable } from '@nestjs/common';
import { ProjectConfig } from '../access/allow';
import { DeclaredRoute, RouteCheck } from '../access/route-check';
import { RoutePolicies, RoutePolicy } from '../limits/route-policy';
import { knownQueryOf } from '../http/known-query';
import { Handling, handlingOf } from './handling';

/** What each request of a route meets, worked out once: before the route is served, and not for each request. */
export interface RoutePlan extends RoutePolicy {
  /** `GET /v1/projects/:project/runs`. */
  readonly name: string;
  /** The route of a controller; undefined for a page of ours, which a plugin serves. */
  readonly route?: PlannedRoute;
}

export interface PlannedRoute extends Pick<DeclaredRoute, 'permission' | 'anyCaller'> {
  readonly handling: Handling;
  /** The header that names the project, where the path cannot. */
  readonly projectHeader?: string;
  /** Query parameters that it takes; undefined when its DTO, or its service, says so. */
  readonly knownQuery: ReadonlySet<string> | undefined;
}

/** What plugins serve to anybody: the description of the API, and the pages that show it. */
const OUR_PAGES = ['/docs', '/openapi.json', '/openapi.yaml'];
/** Where CORS is on, its plugin answers each preflight here. */
const PREFLIGHT = 'OPTIONS *';

@Injectable()
export class RoutePlans {
  private routes?: ReadonlyMap<string, DeclaredRoute>;

  constructor(
    private readonly check: RouteCheck,
    private readonly policies: RoutePolicies,
  ) {}

  /**
   * The plan of a route of the server's. Throws for one that nobody declared: what nothing is known of is served to nobody
   * (rule 20).
   */
  of(method: string, url: string, config: ProjectConfig): RoutePlan {
    const name = `${method} ${url}`;
    const policy = this.policies.of(method, url);
    const declared = this.declared(method, url);
    if (declared) {
      const { permission, anyCaller, isPublic } = declared;
      if ([isPublic, anyCaller !== undefined, permission !== undefined].filter(Boolean).length === 1) {
        const handling = handlingOf(declared);
        const { projectHeader } = config;
        return {
          ...policy,
          name,
          route: { permission, anyCaller, handling, projectHeader, knownQuery: knownQueryOf(declared) },
        };
      }
    } else if (name === PREFLIGHT || OUR_PAGES.some((page) => url === page || url.startsWith(`${page}/`))) {
      return { ...policy, name };
    }
    throw new Error(
      `${name} declares not exactly one of @Allow, @AnyCaller, @AnyPerson and @Public, so it is not served.`,
    );
  }

  /** A HEAD is the GET without its body. */
  private declared(method: string, url: string): DeclaredRoute | undefined {
    this.routes ??= new Map(this.check.routes().map((route) => [`${route.method} ${route.path}`, route]));
    return this.routes.get(`${method === 'HEAD' ? 'GET' : method} ${url}`);
  }
}
