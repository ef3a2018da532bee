import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { SCIM_RESOURCES, ScimRequest } from '#libs/contracts/auth-scim';
import { AuthContract } from '#libs/contracts/auth.contract';
import { IsShortText } from '#libs/contracts/fields';
import { ChartlyConfig } from '#libs/config/config';
import { BadRequest } from '#libs/errors/errors';
import { Allow, Audited } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { parseJsonBody } from '../http/json-body';
import { listOf, resourceTypes, schemas, scimError, serviceProviderConfig } from './scim-discovery';

const SCIM_TYPE = 'application/scim+json';
const SCIM_BODY: BodyConfig = { raw: ['json', 'scim'] };

class ResourceParams {
  @IsIn(SCIM_RESOURCES) resource: ScimRequest['resource'];
}

class ResourceIdParams extends ResourceParams {
  @IsShortText(100) id: string;
}

class AttributesQuery {
  @IsOptional() @IsShortText(1_000) attributes?: string;
  @IsOptional() @IsShortText(1_000) excludedAttributes?: string;
}

class ListQuery extends AttributesQuery {
  @IsOptional() @IsShortText(1_000) filter?: string;
  @IsOptional() @Type(() => Number) @IsInt() startIndex?: number;
  @IsOptional() @Type(() => Number) @IsInt() count?: number;
}

class DiscoveryParams {
  @IsShortText(200) id: string;
}

/** What is there is known by itself and is not searched (RFC 7644 §4). */
class DiscoveryQuery {
  @IsOptional() @IsShortText(1_000) filter?: string;
}

/** SCIM 2.0 (RFC 7644), by which a directory keeps users and groups up to date. Its own document is the RFC. */
@Controller('scim/v2')
@ApiExcludeController()
export class ScimController {
  private readonly base: string;

  constructor(
    private readonly auth: AuthContract,
    { publicUrl }: ChartlyConfig,
  ) {
    this.base = `${publicUrl.replace(/\/$/, '')}/scim/v2`;
  }

  @Get('ServiceProviderConfig')
  @Allow('users:read')
  config(@Query() { filter }: DiscoveryQuery, @Res() reply: FastifyReply): Promise<void> {
    return discovered(reply, filter, serviceProviderConfig(this.base));
  }

  @Get('ResourceTypes')
  @Allow('users:read')
  resourceTypes(@Query() { filter }: DiscoveryQuery, @Res() reply: FastifyReply): Promise<void> {
    return discovered(reply, filter, listOf(resourceTypes(this.base)));
  }

  @Get('ResourceTypes/:id')
  @Allow('users:read')
  resourceType(
    @Param() params: DiscoveryParams,
    @Query() { filter }: DiscoveryQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return discovered(
      reply,
      filter,
      resourceTypes(this.base).find(({ id }) => id === params.id),
    );
  }

  @Get('Schemas')
  @Allow('users:read')
  schemas(@Query() { filter }: DiscoveryQuery, @Res() reply: FastifyReply): Promise<void> {
    return discovered(reply, filter, listOf(schemas(this.base)));
  }

  @Get('Schemas/:id')
  @Allow('users:read')
  schema(
    @Param() params: DiscoveryParams,
    @Query() { filter }: DiscoveryQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return discovered(
      reply,
      filter,
      schemas(this.base).find(({ id }) => id === params.id),
    );
  }

  @Get(':resource')
  @Allow('users:read')
  list(@Param() { resource }: ResourceParams, @Query() query: ListQuery, @Res() reply: FastifyReply): Promise<void> {
    return this.pass({ verb: 'GET', resource, ...query }, reply);
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
  get(
    @Param() { resource, id }: ResourceIdParams,
    @Query() query: AttributesQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pass({ verb: 'GET', resource, id, ...query }, reply);
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
    if (status === 201) void reply.header('location', locationOf(body));
    await reply.header('content-type', SCIM_TYPE).send(JSON.stringify(body));
  }
}

const locationOf = (body: object): string | undefined => (body as { meta?: { location?: string } }).meta?.location; // as auth makes resources

/** RFC 7644 §4: what is not there is a 404, and a filter a 403. */
async function discovered(reply: FastifyReply, filter: string | undefined, body: object | undefined): Promise<void> {
  const answer =
    filter !== undefined
      ? { status: 403, body: scimError(403, 'This is not searched: leave the filter out.') }
      : body === undefined
        ? { status: 404, body: scimError(404, 'There is no such resource.') }
        : { status: 200, body };
  await reply.status(answer.status).header('content-type', SCIM_TYPE).send(JSON.stringify(answer.body));
}

function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const body: unknown = parseJsonBody(Buffer.from(bytes));
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new BadRequest('scim.malformed', 'A SCIM resource is a JSON object.');
}
