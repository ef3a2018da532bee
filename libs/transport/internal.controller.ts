import { Body, Controller, Logger, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { BadRequest, ChartlyError, NotFound, UnsupportedMediaType } from '#libs/errors/errors';
import { asChartlyError, toWire } from '#libs/errors/wire';
import { CallContext, withCall } from './call-context';
import { decode, encode, WIRE_CONTENT_TYPE } from './codec';
import { CLIENT_HEADER, readClient } from './client-header';
import { IDEMPOTENCY_HEADER, readIdempotency } from './idempotency-header';
import { callerOf } from './internal-gate';
import { LocalServices } from './local-services';
import { STREAM_CONTENT_TYPE, toFrames } from './stream-frames';
import { validateCall } from './validate-call';

/** The server side of every contract; on the internal listener alone, and not at all where one process hosts all. */
@Controller('internal')
@ApiExcludeController()
export class InternalController {
  private readonly logger = new Logger('Internal');

  constructor(private readonly services: LocalServices) {}

  @Post(':service/:method')
  async call(
    @Param('service') service: string,
    @Param('method') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const context = contextOf(request, reply);
      const method = this.services.method(service, name);
      if (!method) throw new NotFound('service.unknown_method', `This process has no ${service}.${name}.`);
      const input = await validateCall(method.wire.takes, payloadOf(body));
      if (method.kind === 'stream') {
        const items = withCall(context, () => method.stream(input));
        const frames = toFrames(items, (thrown) => this.told(thrown, `${service}.${name}`));
        return void reply
          .header('content-type', STREAM_CONTENT_TYPE)
          .send(Readable.from(frames, { objectMode: false }));
      }
      const answer = await withCall(context, () => method.call(input));
      await reply.status(200).header('content-type', WIRE_CONTENT_TYPE).send(encode(answer));
    } catch (thrown) {
      const error = this.told(thrown, `${service}.${name}`);
      await reply
        .status(error.status)
        .header('content-type', WIRE_CONTENT_TYPE)
        .send(encode(toWire(error)));
    }
  }

  /** What the caller gets to know; what is ours alone goes to the log. */
  private told(thrown: unknown, name: string): ChartlyError {
    const error = asChartlyError(thrown);
    if (error.status === 500) this.logger.error({ err: error.details.cause ?? error }, `${name} failed`);
    return error;
  }
}

/** The call that a request carries: for whom, until when, and its end when the caller hangs up. */
function contextOf(request: FastifyRequest, reply: FastifyReply): CallContext {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const leftMs = Number(request.headers['chartly-deadline-ms'] ?? Number.NaN);
  const { traceparent, 'x-request-id': requestId } = request.headers;
  return {
    principal: callerOf(request).principal,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    client: readClient(request.headers[CLIENT_HEADER]),
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    deadline: leftMs >= 0 ? Date.now() + leftMs : undefined,
    signal: gone.signal,
    idempotency: readIdempotency(request.headers[IDEMPOTENCY_HEADER]),
  };
}

function payloadOf(body: unknown): unknown {
  if (!(body instanceof Uint8Array)) {
    throw new UnsupportedMediaType('call.unsupported', `A call's body is ${WIRE_CONTENT_TYPE}.`);
  }
  try {
    return decode(body);
  } catch (cause) {
    throw new BadRequest('call.malformed', "The call's body cannot be read.", { cause });
  }
}
