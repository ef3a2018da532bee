import { CallHandler, ExecutionContext, Injectable, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, Observable } from 'rxjs';
import { withDeadline } from '#libs/transport/deadline';
import { RoutePolicies } from '../limits/route-policy';
import { withCall } from '#libs/transport/call-context';
import { traceparentOf } from '#libs/telemetry/traceparent';
import { BadRequest, Forbidden } from '#libs/errors/errors';
import { isInternalPath } from '../access/route-check';
import { routeArguments } from '../openapi/route-arguments';
import { ANONYMOUS } from '#libs/contracts/principal';
import { OPEN_QUERY } from './open-query';
import { idempotencyOf } from './idempotency-key';
import { Denials } from '../access/denials';
import { GuardedRequest } from '../access/presented-credential';
import { clientOf } from '#libs/transport/request-client';

/** Runs each request as a call: with who asks, until when, and an end when the caller hangs up. */
@Injectable()
export class RequestScope implements NestInterceptor {
  private readonly knownQueries = new WeakMap<object, ReadonlySet<string> | 'its DTO says'>();

  constructor(
    private readonly policies: RoutePolicies,
    private readonly denials: Denials,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    const reply = http.getResponse<FastifyReply>();
    refuseNul(request.params);
    refuseNul(request.query);
    this.refuseUnknownQuery(context, request.query);
    const route = request.routeOptions.url ?? '';
    const { deadlineMs } = this.policies.of(request.method, route);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const call = {
      principal: request.principal ?? ANONYMOUS,
      requestId: request.id,
      client: clientOf(request),
      traceparent: traceparentOf(request.headers.traceparent),
      deadline: Date.now() + deadlineMs,
      idempotency: idempotencyOf(request),
    };
    const work = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    const answer = withCall(call, () => withDeadline(`${request.method} ${route}`, deadlineMs, work, gone));
    return from(answer.catch((thrown: unknown) => this.refused(request, thrown)));
  }

  private async refused(request: GuardedRequest, thrown: unknown): Promise<never> {
    if (thrown instanceof Forbidden) await this.denials.recordRefusal(request, thrown);
    throw thrown;
  }

  /** A query parameter that the route does not know is refused like an unknown field, and not overlooked. */
  private refuseUnknownQuery(context: ExecutionContext, query: unknown): void {
    const names = Object.keys(query ?? {});
    if (names.length === 0 || isInternalPath(context.switchToHttp().getRequest<GuardedRequest>().url)) return;
    const known = this.knownQuery(context);
    const unknown = known === 'its DTO says' ? undefined : names.find((name) => !known.has(name));
    if (unknown === undefined) return;
    throw new BadRequest('request.invalid', `${unknown}: this route knows no such query parameter.`, {
      fields: [{ path: unknown, message: 'unknown field' }],
    });
  }

  private knownQuery(context: ExecutionContext): ReadonlySet<string> | 'its DTO says' {
    const handler = context.getHandler();
    if (Reflect.getMetadata(OPEN_QUERY, handler) === true) return 'its DTO says';
    const kept = this.knownQueries.get(handler);
    if (kept) return kept;
    const { query, queryNames } = routeArguments(context.getClass<object>(), handler.name); // what holds routes is a class
    const known = query ? 'its DTO says' : new Set(queryNames);
    this.knownQueries.set(handler, known);
    return known;
  }
}

/** No text that is looked for can hold U+0000: no store of ours can. */
function refuseNul(parameters: unknown): void {
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (![value].flat().some((text) => typeof text === 'string' && text.includes('\0'))) continue;
    throw new BadRequest('request.invalid', `${name}: a text holds the character U+0000.`, {
      fields: [{ path: name, message: 'holds the character U+0000' }],
    });
  }
}
