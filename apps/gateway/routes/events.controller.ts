import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { AcceptReceipt, ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { BadRequest } from '#libs/errors/errors';
import { Allow, Ingest } from '../access/allow';
import { BodyConfig, kindOf } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';
import { PipelineParams } from './params.dto';

const EVENTS_BODY: BodyConfig = { raw: ['json', 'ndjson'] };
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

@Controller('v1/projects/:project/pipelines/:pipeline/events')
export class EventsController {
  constructor(private readonly hub: ConnectorHubContract) {}

  @Post()
  @HttpCode(202)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(EVENTS_BODY)
  @Describe({
    summary: 'Takes events: NDJSON, a JSON array or one JSON object. 202 means that they are committed.',
    status: 202,
    gives: AcceptReceipt,
    takesRaw: ['application/x-ndjson', 'application/json'],
    problems: [409],
  })
  accept(
    @Param() { project, pipeline }: PipelineParams,
    @Body() body: Uint8Array,
    @Headers('content-type') contentType: string,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<AcceptReceipt> {
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      throw new BadRequest('idempotency.malformed', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
    }
    const format = kindOf(contentType) === 'ndjson' ? 'ndjson' : 'json';
    return this.hub.accept({ project, pipeline, format, body, idempotencyKey });
  }
}
