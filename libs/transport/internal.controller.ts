import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { NotFound, Unauthenticated } from '#libs/errors/errors';
import { asChartlyError, toWire } from '#libs/errors/wire';
import { databaseError } from '#libs/database/database-errors';
import { withCall } from './call-context';
import { decode, encode, WIRE_CONTENT_TYPE } from './codec';
import { LocalServices } from './local-services';
import { TokenVerifier } from './service-token';
import { validateCall } from './validate-call';

/** The server side of every contract; on the internal listener alone, and not at all where one process hosts all. */
@Controller('internal')
@ApiExcludeController()
export class InternalController {
  constructor(
    private readonly services: LocalServices,
    private readonly verifier: TokenVerifier,
  ) {}

  @Post(':service/:method')
  async call(
    @Param('service') service: string,
    @Param('method') method: string,
    @Body() body: Uint8Array,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.header('content-type', WIRE_CONTENT_TYPE);
    try {
      await reply.status(200).send(encode(await this.answer(service, method, body, request, reply)));
    } catch (thrown) {
      const error = databaseError(thrown) ?? asChartlyError(thrown);
      if (error.status === 500) request.log.error({ err: error.details.cause ?? error }, `${service}.${method} failed`);
      await reply.status(error.status).send(encode(toWire(error)));
    }
  }

  private async answer(
    service: string,
    name: string,
    body: Uint8Array,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const audience = SERVICES.find((known): known is ServiceName => known === service);
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token || !audience) throw new Unauthenticated('service.token', 'The call carries no service token.');
    const { principal } = this.verifier.verify(token, audience);
    const method = this.services.method(service, name);
    if (!method) throw new NotFound('service.unknown_method', `This process has no ${service}.${name}.`);
    const input = await validateCall(method.wire.takes, decode(body));
    const leftMs = Math.min(
      Number(request.headers['chartly-deadline-ms']) || method.wire.timeoutMs,
      method.wire.timeoutMs,
    );
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const { traceparent } = request.headers;
    const context = {
      principal,
      requestId: typeof request.headers['x-request-id'] === 'string' ? request.headers['x-request-id'] : undefined,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      deadline: Date.now() + leftMs,
      signal: gone.signal,
    };
    return withCall(context, () => method.call(input));
  }
}
