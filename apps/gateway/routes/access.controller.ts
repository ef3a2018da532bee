import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { AuditContract } from '#libs/contracts/audit.contract';
import { AuthContract } from '#libs/contracts/auth.contract';
import { AbleList, Simulate, Simulated, WhoCan } from '#libs/contracts/auth-roles';
import { IsName } from '#libs/contracts/fields';
import { decide } from '#libs/contracts/permissions';
import { Permission, PERMISSIONS, Principal } from '#libs/contracts/principal';
import { Forbidden, Unauthenticated } from '#libs/errors/errors';
import { Allow, AnyCaller } from '../access/allow';
import { AskedAbout } from '../access/asked-about';
import { GrantReason, reasonsOf } from '../access/grant-reasons';
import type { GuardedRequest } from '../access/presented-credential';
import { historyOf, tookOf } from '../access/history';
import { RouteCheck } from '../access/route-check';
import { Describe } from '../openapi/route-docs';

const DAYS_MAX = 30;

class CanIQuery {
  @IsIn(PERMISSIONS) permission: Permission;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsName() name?: string;
  /** `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out. */
  @IsOptional() @IsString() @MaxLength(200) as?: string;
}

class WhoCanQuery extends WhoCan {}

/** A decision, and each grant's part in it. */
export class Decision {
  @IsString() as: string;
  @IsBoolean() allowed: boolean;
  /** `stranger`: holds nothing in the project, which therefore does not exist for it. */
  @IsIn(['allowed', 'denied', 'stranger']) verdict: 'allowed' | 'denied' | 'stranger';
  @IsArray() @ValidateNested({ each: true }) @Type(() => GrantReason) grants: GrantReason[];
}

/** A change of roles or bindings to try out against what was done. */
export class SimulateBody extends OmitType(Simulate, ['uses'] as const) {
  /** How far back to look, 1 to 30; 30 when left out. Unit: days. */
  @IsOptional() @IsInt() @Min(1) @Max(DAYS_MAX) days?: number;
}

/** Questions about access. */
@Controller('v1/access')
export class AccessController {
  constructor(
    private readonly auth: AuthContract,
    private readonly audit: AuditContract,
    private readonly askedAbout: AskedAbout,
    private readonly routes: RouteCheck,
  ) {}

  @Get('can-i')
  @AnyCaller()
  @Describe({
    summary: 'Whether somebody may do something, and why: each grant and what came of it.',
    gives: Decision,
    query: {
      permission: 'As `pipelines:write`.',
      project: 'Where; the system as a whole when left out.',
      name: 'Of the one thing that it is about.',
      as: 'Whom it is about: `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out.',
    },
    problems: [403, 404],
  })
  async canI(
    @Query() { permission, project, name, as }: CanIQuery,
    @Req() { principal: caller }: GuardedRequest,
  ): Promise<Decision> {
    if (!caller) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    const principal = await this.askedAbout.principal(caller, as);
    const verdict = decide(principal, permission, project, { name });
    const grants = reasonsOf(principal, permission, project, { name });
    return { as: principal.name, allowed: verdict === 'allowed', verdict, grants };
  }

  @Get('who-can')
  @Allow('roles:read')
  @Describe({
    summary: 'Everybody who may do something, and by what.',
    gives: AbleList,
    query: { permission: 'As `pipelines:write`.', project: 'Where.', name: 'Of the one thing that it is about.' },
  })
  whoCan(@Query() query: WhoCanQuery): Promise<AbleList> {
    return this.auth.whoCan({ ...query });
  }

  @Post('simulate')
  @HttpCode(200)
  @Allow('roles:write')
  @Describe({
    summary:
      'What a change of roles or bindings would have denied of what was done; changes nothing. Takes audit:read too.',
    takes: SimulateBody,
    gives: Simulated,
  })
  async simulate(
    @Body() { days = DAYS_MAX, ...change }: SimulateBody,
    @Req() { principal }: GuardedRequest,
  ): Promise<Simulated> {
    if (!principal || decide(principal, 'audit:read') !== 'allowed') throw lacks('audit:read', principal);
    return this.auth.simulate({ ...change, uses: await historyOf(this.audit, tookOf(this.routes.routes()), days) });
  }
}

const lacks = (permission: Permission, principal: Principal | undefined): Forbidden =>
  new Forbidden(
    'auth.denied',
    `This takes the permission "${permission}", which ${principal?.name ?? 'the caller'} lacks.`,
    {
      permission,
    },
  );
