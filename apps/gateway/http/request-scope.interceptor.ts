import { CallHandler, ExecutionContext, Injectable, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, Observable } from 'rxjs';
import { ChartlyConfig } from '#libs/config/config';
import { withCall } from '#libs/transport/call-context';
import { traceparentOf } from '#libs/telemetry/traceparent';
import { ANONYMOUS } from '#libs/contracts/principal';
import { idempotencyOf } from './idempotency-key';
import { GuardedRequest } from '../access/credential.strategy';

/** Runs each request as a call: with who asks, until when, and an end when the caller hangs up. */
@Injectable()
export class RequestScope implements NestInterceptor {
  constructor(private readonly config: ChartlyConfig) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    const reply = http.getResponse<FastifyReply>();
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const call = {
      principal: request.principal ?? ANONYMOUS,
      requestId: request.id,
      traceparent: traceparentOf(request.headers.traceparent),
      deadline: Date.now() + this.config.requestTimeoutMs,
      signal: gone.signal,
      idempotency: idempotencyOf(request),
    };
    return from(withCall(call, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}
