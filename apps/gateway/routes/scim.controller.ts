import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { SCIM_RESOURCES, ScimRequest } from '#libs/contracts/auth-scim';
import { AuthContract } from '#libs/contracts/auth.contract';
import { IsShortText } from '#libs/contracts/fields';
import { BadRequest } from '#libs/errors/errors';
import { Allow, Audited } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { parseJsonBody } from '../http/json-body';

const SCIM_TYPE = 'application/scim+json';
const SCIM_BODY: BodyConfig = { raw: ['json', 'scim'] };

class ResourceParams {
  @IsIn(SCIM_RESOURCES) resource: ScimRequest['resource'];
}

class ResourceIdParams extends ResourceParams {
  @IsShortText(100) id: string;
}

class ListQuery {
  @IsOptional() @IsShortText(1_000) filter?: string;
  @IsOptional() @Type(() => Number) @IsInt() startIndex?: number;
  @IsOptional() @Type(() => Number) @IsInt() count?: number;
  /** Taken and of no effect: every attribute is given. */
  @IsOptional() @IsShortText(1_000) attributes?: string;
  @IsOptional() @IsShortText(1_000) excludedAttributes?: string;
}

/** RFC 7643 §5: what of SCIM there is here. */
const CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    { type: 'oauthbearertoken', name: 'API key', description: 'A key in the header: "Authorization: Bearer ck_..."' },
  ],
};

/** SCIM 2.0 (RFC 7644), by which a directory keeps users and groups up to date. Its own document is the RFC. */
@Controller('scim/v2')
@ApiExcludeController()
export class ScimController {
  constructor(private readonly auth: AuthContract) {}

  @Get('ServiceProviderConfig')
  @Allow('users:read')
  config(@Res({ passthrough: true }) reply: FastifyReply): object {
    void reply.header('content-type', SCIM_TYPE);
    return CONFIG;
  }

  @Get('ResourceTypes')
  @Allow('users:read')
  resourceTypes(@Res({ passthrough: true }) reply: FastifyReply): object {
    void reply.header('content-type', SCIM_TYPE);
    const types = SCIM_RESOURCES.map((plural) => plural.replace(/s$/, '')).map((name) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: name,
      name,
      endpoint: `/${name}s`,
      schema: `urn:ietf:params:scim:schemas:core:2.0:${name}`,
    }));
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: types.length,
      startIndex: 1,
      itemsPerPage: types.length,
      Resources: types,
    };
  }

  @Get(':resource')
  @Allow('users:read')
  list(
    @Param() { resource }: ResourceParams,
    @Query() { filter, startIndex, count }: ListQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pass({ verb: 'GET', resource, filter, startIndex, count }, reply);
  }

  @Post(':resource')
  @HttpCode(201)
  @Allow('users:write')
  @Audited('users.create', 'groups.put')
  @RouteConfig(SCIM_BODY)
  create(@Param() { resource }: ResourceParams, @Body() body: Uint8Array, @Res() reply: FastifyReply): Promise<void> {
    return this.pass({ verb: 'POST', resource, body: objectIn(body) }, reply);
  }

  @Get(':resource/:id')
  @Allow('users:read')
  get(@Param() { resource, id }: ResourceIdParams, @Res() reply: FastifyReply): Promise<void> {
    return this.pass({ verb: 'GET', resource, id }, reply);
  }

  @Put(':resource/:id')
  @Allow('users:write')
  @Audited('users.update', 'groups.put')
  @RouteConfig(SCIM_BODY)
  replace(
    @Param() { resource, id }: ResourceIdParams,
    @Body() body: Uint8Array,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pass({ verb: 'PUT', resource, id, body: objectIn(body) }, reply);
  }

  @Patch(':resource/:id')
  @Allow('users:write')
  @Audited('users.update', 'groups.put')
  @RouteConfig(SCIM_BODY)
  change(
    @Param() { resource, id }: ResourceIdParams,
    @Body() body: Uint8Array,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pass({ verb: 'PATCH', resource, id, body: objectIn(body) }, reply);
  }

  @Delete(':resource/:id')
  @HttpCode(204)
  @Allow('users:write')
  @Audited('users.delete', 'groups.delete')
  remove(@Param() { resource, id }: ResourceIdParams, @Res() reply: FastifyReply): Promise<void> {
    return this.pass({ verb: 'DELETE', resource, id }, reply);
  }

  private async pass(request: ScimRequest, reply: FastifyReply): Promise<void> {
    const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
    const { status, body } = await this.auth.scim(given as unknown as ScimRequest); // the same, without what is not there
    void reply.status(status);
    if (body === undefined) return void (await reply.send());
    await reply.header('content-type', SCIM_TYPE).send(JSON.stringify(body));
  }
}

function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const body: unknown = parseJsonBody(Buffer.from(bytes));
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new BadRequest('scim.malformed', 'A SCIM resource is a JSON object.');
}
