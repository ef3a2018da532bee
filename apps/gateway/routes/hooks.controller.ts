import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Matches } from 'class-validator';
import { AcceptReceipt, ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { Audited, Public } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';

const HOOK_BODY: BodyConfig = { raw: ['json', 'ndjson', 'csv', 'cloudevents', 'cloudevents-batch', 'xml'] };
const NAME = '[a-z][a-z0-9_-]{0,62}';
/** Our own credentials, which are nobody's business behind the gateway. */
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization']);

class HookParams {
  /** `PROJECT.PIPELINE`. */
  @Matches(new RegExp(`^${NAME}\\.${NAME}$`)) hook: string;
}

@Controller('v1/hooks')
export class HooksController {
  constructor(private readonly hub: ConnectorHubContract) {}

  @Post(':hook')
  @HttpCode(202)
  @Public()
  @Audited('secrets.use')
  @RouteConfig(HOOK_BODY)
  @Describe({
    summary:
      'Takes what a webhook sends, signed as the hook section of its pipeline says. 202 means that it is committed.',
    status: 202,
    gives: AcceptReceipt,
    takesRaw: [
      'application/json',
      'application/x-ndjson',
      'text/csv',
      'application/cloudevents+json',
      'application/xml',
    ],
    params: { hook: '`PROJECT.PIPELINE`, as `default.orders`.' },
    problems: [401, 409],
    open: true,
    never: [404],
  })
  call(
    @Param() { hook }: HookParams,
    @Body() body: Uint8Array,
    @Headers() headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<AcceptReceipt> {
    const [project = '', pipeline = ''] = hook.split('.');
    return this.hub.deliver({ project, pipeline, headers: singleHeaders(headers), body });
  }
}

/** What comes more than once is no signature; it is left out. */
const singleHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && !CREDENTIALS.has(name) ? [[name, value]] : [],
    ),
  );
