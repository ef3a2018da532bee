import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { isBinaryMode, structuredOf } from '#libs/cloudevents/binary-mode';
import { AcceptReceipt, ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import type { RecordFormat } from '#libs/contracts/record-format';
import { BadRequest } from '#libs/errors/errors';
import { Allow, Ingest } from '../access/allow';
import { BodyConfig, kindOf } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';
import { PipelineParams } from './params.dto';

const EVENTS_BODY: BodyConfig = { raw: ['json', 'ndjson', 'csv', 'cloudevents', 'cloudevents-batch', 'xml'] };
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
    summary:
      'Takes events: NDJSON, a JSON array or one JSON object, CSV with a header row, XML, or CloudEvents 1.0 (structured, batched, or binary with `ce-` headers). 202 means that they are committed.',
    status: 202,
    gives: AcceptReceipt,
    takesRaw: [
      'application/x-ndjson',
      'application/json',
      'text/csv',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'application/xml',
    ],
    problems: [409],
  })
  accept(
    @Param() { project, pipeline }: PipelineParams,
    @Body() body: Uint8Array | undefined,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<AcceptReceipt> {
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      throw new BadRequest('idempotency.malformed', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
    }
    return this.hub.accept({ project, pipeline, idempotencyKey, ...payloadOf(headers, body ?? new Uint8Array()) });
  }
}

/** A structured CloudEvent says so in its Content-Type; one in binary mode becomes structured here. */
function payloadOf(
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
): { readonly format: RecordFormat; readonly body: Uint8Array } {
  const kind = kindOf(headers['content-type']);
  if (kind === 'cloudevents' || kind === 'cloudevents-batch') return { format: 'cloudevents', body };
  if (isBinaryMode(headers)) return { format: 'cloudevents', body: structuredOf(headers, body) };
  return { format: kind === 'ndjson' || kind === 'csv' || kind === 'xml' ? kind : 'json', body };
}
