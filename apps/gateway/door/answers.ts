import { Injectable, Logger, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Forbidden } from '#libs/errors/errors';
import { late } from '#libs/transport/deadline';
import { sendProblem } from '#libs/transport/problem.filter';
import { RequestCall } from '#libs/transport/request-call';
import { Denials } from '../access/denials';
import { GuardedRequest } from '../access/presented-credential';
import { Awaited, Due } from './due';
import { PlannedRoute, RoutePlan } from './route-plans';

/** Streams that somebody watches: they wait more than they work, and hold no place. */
const WATCHED = 'text/event-stream';

/** Has a controller answer, within the time that its route has. */
@Injectable()
export class Answers {
  private readonly logger = new Logger('Http');
  private readonly due = new Due();

  constructor(
    private readonly denials: Denials,
    private readonly adapter: HttpAdapterHost,
  ) {}

  handler(plan: RoutePlan, { handling }: PlannedRoute): (request: FastifyRequest, reply: FastifyReply) => void {
    const { status, headers, sendsItself, call } = handling;
    return (request, reply) => {
      const answer = new Answer(this, this.due, plan, request, reply);
      void reply.code(status);
      for (const { name, value } of headers) void reply.header(name, value);
      try {
        const given = call(request, reply);
        if (given instanceof Promise)
          given.then(
            (value) => answer.give(value, sendsItself),
            (thrown) => answer.refuse(thrown),
          );
        else answer.give(given, sendsItself);
      } catch (thrown) {
        answer.refuse(thrown);
      }
    };
  }

  send(reply: FastifyReply, value: unknown): void {
    if (value instanceof StreamableFile) this.adapter.httpAdapter.reply(reply, value);
    else void reply.send(value);
  }

  /** What a handler refuses is told to the audit log first. */
  refuse(request: GuardedRequest, reply: FastifyReply, thrown: unknown): void {
    const send = (): void => sendProblem(thrown, request, reply, this.logger);
    if (thrown instanceof Forbidden)
      void this.denials.recordRefusal(request, thrown).then(send); // which never throws
    else send();
  }
}

/**
 * One answer: the first of what the handler gives, what it throws, and its time being over. The call lasts for as long as
 * the handler works, also when nobody waits for it any more: what it still asks for then is refused.
 */
class Answer implements Awaited {
  private readonly call: RequestCall;
  private isClosed = false;

  constructor(
    private readonly answers: Answers,
    private readonly due: Due,
    private readonly plan: RoutePlan,
    private readonly request: GuardedRequest,
    private readonly reply: FastifyReply,
  ) {
    this.call = RequestCall.of(request, reply);
    this.call.whenGone(() => this.close());
    due.add(this, plan.deadlineMs);
  }

  expire(): void {
    this.call.run(() => {
      if (this.close()) this.answers.refuse(this.request, this.reply, late(this.plan.name));
      this.call.abort();
    }); // and not as the call that was there when somebody began to look for what is due
  }

  give(value: unknown, isSent: boolean): void {
    this.call.end();
    if (this.close() && !isSent) this.send(value);
    else release(value, isSent);
  }

  refuse(thrown: unknown): void {
    this.call.end();
    if (this.close()) this.answers.refuse(this.request, this.reply, thrown);
  }

  private send(value: unknown): void {
    if (value instanceof StreamableFile && value.getHeaders().type?.startsWith(WATCHED)) this.call.release();
    try {
      this.answers.send(this.reply, value);
    } catch (thrown) {
      release(value, false);
      this.answers.refuse(this.request, this.reply, thrown); // a header that cannot be sent
    }
  }

  /** False when there is an answer already, or nobody who would read one. */
  private close(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    this.due.done(this, this.plan.deadlineMs);
    return true;
  }
}

/** A stream that nobody will read lets go of what it reads from. */
function release(value: unknown, isSent: boolean): void {
  if (!isSent && value instanceof StreamableFile) value.getStream().destroy();
}
