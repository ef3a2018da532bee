import { Controller, Get, Query, Req } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { decide } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';
import { NotFound, Unauthenticated } from '#libs/errors/errors';
import { Allow, AnyCallerKind } from '../access/allow';
import { AskedAbout } from '../access/asked-about';
import { GrantReason, reasonsOf } from '../access/grant-reasons';
import type { GuardedRequest } from '../access/presented-credential';
import { matchRoute, paramsOf } from '../access/match-route';
import { ResourceLabels } from '../access/resource-of';
import { DeclaredRoute, RouteCheck } from '../access/route-check';
import { PRIORITIES, Priority } from '../limits/admission';
import { LimitName, limitOf, Limits } from '../limits/limits';
import { RoutePolicies } from '../limits/route-policy';
import { Describe } from '../openapi/route-docs';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

class ExplainQuery {
  @IsIn(METHODS) method: (typeof METHODS)[number];
  @IsString() @MaxLength(1_000) @Matches(/^\/[\x21-\x7e]*$/, { message: 'path must begin with "/"' }) path: string;
  /** `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out. */
  @IsOptional() @IsString() @MaxLength(200) as?: string;
}

class AppliedLimit {
  @IsString() name: string;
  @IsInt() count: number;
  @IsInt() perSeconds: number;
}

const VERDICTS = ['public', 'allowed', 'denied', 'stranger'] as const;

/** What the gateway would do with a request, and why. */
export class RouteExplanation {
  /** The route as it is declared: `/v1/projects/:project/runs`. */
  @IsString() route: string;
  @IsString() handler: string;
  @IsBoolean() isPublic: boolean;
  @IsOptional() @IsString() permission?: string;
  @IsOptional() @IsString() project?: string;
  @IsIn(PRIORITIES) priority: Priority;
  @IsInt() deadlineMs: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => AppliedLimit) limits: AppliedLimit[];
  /** What whoever it was decided for holds, and what comes of each; empty where no permission is taken. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => GrantReason) grants: GrantReason[];
  /** Who it was decided for. */
  @IsString() as: string;
  @IsIn(VERDICTS) verdict: (typeof VERDICTS)[number];
  @IsString() reason: string;
}

@Controller('v1/routes')
export class RoutesController {
  constructor(
    private readonly routes: RouteCheck,
    private readonly policies: RoutePolicies,
    private readonly limits: Limits,
    private readonly askedAbout: AskedAbout,
    private readonly labels: ResourceLabels,
  ) {}

  @Get('explain')
  @Allow('system:read')
  @Describe({
    summary: 'What a request would meet: route, permission, limits, deadline and verdict. Makes no such request.',
    gives: RouteExplanation,
    query: {
      method: 'Its method.',
      path: 'Its path, without the query.',
      as: '`user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out.',
    },
    problems: [404],
  })
  async explain(
    @Query() { method, path, as }: ExplainQuery,
    @Req() request: GuardedRequest,
  ): Promise<RouteExplanation> {
    const route = matchRoute(this.routes.routes(), method, path);
    if (!route)
      throw new NotFound('route.unknown', `There is no ${method} ${path}. /openapi.json lists what there is.`);
    if (!request.principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    const principal = await this.askedAbout.principal(request.principal, as);
    const at = route.path.split('/').indexOf(':project');
    const project = at < 0 ? undefined : path.split('/')[at];
    const { priority, deadlineMs } = this.policies.of(method, route.path);
    const decided = await this.decided(route, principal, project, paramsOf(route.path, path));
    return {
      route: route.path,
      handler: route.handler,
      ...(route.permission === undefined ? {} : { permission: route.permission }),
      ...(project === undefined ? {} : { project }),
      isPublic: route.isPublic,
      priority,
      deadlineMs,
      limits: this.limitsOf(route.isPublic ? undefined : principal, project),
      as: principal.name,
      ...decided,
    };
  }

  private async decided(
    { isPublic, anyCaller, permission }: DeclaredRoute,
    principal: Principal,
    project: string | undefined,
    params: Readonly<Record<string, string>>,
  ): Promise<Pick<RouteExplanation, 'verdict' | 'reason' | 'grants'>> {
    if (isPublic) return { verdict: 'public', reason: 'Anybody may call it.', grants: [] };
    if (anyCaller !== undefined) return { ...ofCaller(anyCaller, principal), grants: [] };
    const taken = permission as Permission; // routes declare no others
    const resource = await this.labels.complete(principal, taken, project, params);
    const where = project === undefined ? 'the system' : `project "${project}"`;
    const verdict = decide(principal, taken, project, resource);
    const sentences = {
      allowed: `${principal.name} holds "${taken}" in ${where}.`,
      denied: `${principal.name} lacks "${taken}" in ${where}: 403.`,
      stranger: `${principal.name} holds nothing in ${where}, so that it does not exist for it: 404.`,
    };
    return { verdict, reason: sentences[verdict], grants: reasonsOf(principal, taken, project, resource) };
  }

  private limitsOf(principal: Principal | undefined, project: string | undefined): AppliedLimit[] {
    const whose = principal && limitOf(principal);
    const names: LimitName[] = [
      'address',
      ...(whose ? [whose] : []),
      ...(project === undefined ? [] : (['project'] as const)),
    ];
    return names.flatMap((name) => {
      const rate = this.limits.rates[name];
      return rate ? [{ name, count: rate.count, perSeconds: rate.perMs / 1_000 }] : [];
    });
  }
}

/** Of a route that takes no permission, since it is about the caller itself. */
function ofCaller(kind: AnyCallerKind, { name, kind: own }: Principal): Pick<RouteExplanation, 'verdict' | 'reason'> {
  if (kind === 'anybody')
    return { verdict: 'allowed', reason: 'Whoever is known may call it: it is about the caller.' };
  return own === 'user'
    ? { verdict: 'allowed', reason: `${name} may call it: it is about the person who is logged in.` }
    : { verdict: 'denied', reason: `${name} is no person who is logged in: 403.` };
}
