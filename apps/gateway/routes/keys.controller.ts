import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { IsArray, IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { ApiKeys, AuthContract, BootstrapToken, CreatedKey, CreateKey } from '#libs/contracts/auth.contract';
import { IsId } from '#libs/contracts/fields';
import { Grant, Principal, PRINCIPAL_KINDS, Scope } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { Allow, AnyCaller, Audited, Public } from '../access/allow';
import type { GuardedRequest } from '../access/presented-credential';
import { RotateBody } from './accounts.controller';
import { Describe } from '../openapi/route-docs';

/** A key that holds a role itself; one for a service account is made under its path. */
export class KeyBody extends OmitType(CreateKey, ['account'] as const) {}

class KeyParams {
  @IsId() key: string;
}

export class WhoAmI {
  @IsIn(PRINCIPAL_KINDS) kind: Principal['kind'];
  @IsString() id: string;
  @IsString() name: string;
  @IsArray() grants: readonly Grant[];
  /** How much of it the key may use. */
  @IsOptional() @IsObject() scope?: Scope;
}

@Controller('v1')
export class KeysController {
  constructor(private readonly auth: AuthContract) {}

  @Post('setup')
  @HttpCode(201)
  @Public()
  @Audited('setup.use')
  @Describe({
    summary: 'Exchanges the one-time setup token for the first admin key.',
    status: 201,
    takes: BootstrapToken,
    gives: CreatedKey,
    problems: [401],
    open: true,
  })
  setup(@Body() body: BootstrapToken): Promise<CreatedKey> {
    return this.auth.bootstrap(body);
  }

  @Get('whoami')
  @AnyCaller()
  @Describe({ summary: 'Who the credential stands for, and what it holds.', gives: WhoAmI })
  whoami(@Req() { principal }: GuardedRequest): WhoAmI {
    if (!principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    const { kind, id, name, grants, scope } = principal;
    return { kind, id, name, grants, ...(scope ? { scope } : {}) };
  }

  @Post('keys')
  @HttpCode(201)
  @Allow('keys:write')
  @Audited('keys.create')
  @Describe({
    summary: 'Makes an API key. Its text is shown here once and never again.',
    status: 201,
    takes: KeyBody,
    gives: CreatedKey,
    idempotencyKey: true,
  })
  create(@Body() body: KeyBody): Promise<CreatedKey> {
    return this.auth.createKey(body);
  }

  @Get('keys')
  @Allow('keys:read')
  @Describe({ summary: 'Lists API keys, without their secrets.', gives: ApiKeys })
  list(): Promise<ApiKeys> {
    return this.auth.keys({});
  }

  @Post('keys/:key/rotate')
  @HttpCode(201)
  @Allow('keys:write')
  @Audited('keys.rotate')
  @Describe({
    summary: 'Makes a new key in the place of another, which goes on for the overlap.',
    status: 201,
    takes: RotateBody,
    gives: CreatedKey,
    problems: [409],
    idempotencyKey: true,
  })
  rotate(@Param() { key }: KeyParams, @Body() { overlapHours }: RotateBody): Promise<CreatedKey> {
    return this.auth.rotateKey({ id: key, overlapHours });
  }

  @Delete('keys/:key')
  @HttpCode(204)
  @Allow('keys:write')
  @Audited('keys.revoke')
  @Describe({ summary: 'Revokes an API key; it stops working within 5 s.', status: 204 })
  async revoke(@Param() { key }: KeyParams): Promise<void> {
    await this.auth.revokeKey({ id: key });
  }
}
