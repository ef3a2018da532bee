import { ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { decide } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';
import { BadRequest, ChartlyError, Forbidden, NotFound, Unauthenticated } from '#libs/errors/errors';
import { Limits } from '../limits/limits';
import { ALLOW, ANY_CALLER, AnyCallerKind, INGEST, ProjectConfig, PUBLIC } from './allow';
import { Denials } from './denials';
import { GuardedRequest } from './presented-credential';
import { resourceIn, ResourceLabels } from './resource-of';
import { isInternalPath } from './route-check';

/** Authenticates and authorizes every public route; one that declares nothing is refused. */
@Injectable()
export class AccessGuard extends AuthGuard('credential') {
  constructor(
    private readonly reflector: Reflector,
    private readonly denials: Denials,
    private readonly limits: Limits,
    private readonly labels: ResourceLabels,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (isInternalPath(request.routeOptions.url ?? '')) return true; // kept from the public by the listener itself
    if (this.reflector.get<boolean | undefined>(PUBLIC, handler)) return true;
    const permission = this.reflector.get<Permission | undefined>(ALLOW, handler);
    const anyCaller = this.reflector.get<AnyCallerKind | undefined>(ANY_CALLER, handler);
    if (!permission && !anyCaller)
      throw new Forbidden('route.undeclared', 'This route declares no permission, so nobody may call it.');
    request.staleAllowed = this.reflector.get<boolean | undefined>(INGEST, handler) === true;
    await super.canActivate(context);
    const { principal } = request;
    if (!principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    await this.limits.ofCaller(request, context.switchToHttp().getResponse(), principal, projectOf(request));
    if (permission) await this.authorize(request, permission);
    if (anyCaller === 'person' && principal.kind !== 'user') {
      throw new Forbidden(
        'auth.no_user',
        'Only a person who is logged in has sessions, a password and passkeys; a key has none.',
      );
    }
    return true;
  }

  override handleRequest<P = Principal>(error: unknown, principal: P | false): P {
    if (error instanceof ChartlyError) throw error;
    if (error instanceof Error) throw error;
    if (!principal) throw new Unauthenticated('auth.invalid', 'The credential is unknown, revoked or expired.');
    return principal;
  }

  override getAuthenticateOptions(): { property: string; session: false } {
    return { property: 'principal', session: false };
  }

  private async authorize(request: GuardedRequest, permission: Permission): Promise<void> {
    const { principal } = request;
    if (!principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    const project = projectOf(request);
    const params = request.params as Readonly<Record<string, string | undefined>>; // fastify's params of a matched route
    let verdict = decide(principal, permission, project, resourceIn(params));
    if (verdict === 'denied') {
      verdict = decide(
        principal,
        permission,
        project,
        await this.labels.complete(principal, permission, project, params),
      );
    }
    if (verdict === 'allowed') return;
    await this.denials.record(request, { permission, project });
    if (verdict === 'stranger') throw new NotFound('project.unknown', `There is no project "${project}".`);
    throw new Forbidden('auth.denied', `This takes the permission "${permission}", which ${principal.name} lacks.`, {
      permission,
    });
  }
}

function projectOf(request: GuardedRequest): string | undefined {
  const { project } = request.params as { project?: string }; // fastify's params of a matched route
  const { projectHeader } = request.routeOptions.config as ProjectConfig; // set by @RouteConfig, empty elsewhere
  if (projectHeader === undefined) return project;
  const named = request.headers[projectHeader];
  if (typeof named === 'string' && NAME_PATTERN.test(named)) return named;
  throw new BadRequest('project.missing', `Name the project in the header "${projectHeader}".`);
}
