import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { RequestCall } from '#libs/transport/request-call';
import { Authorization, requirePerson } from '../access/authorization';
import { Callers } from '../access/callers';
import { GuardedRequest } from '../access/presented-credential';
import { projectOf } from '../access/project-of';
import { idempotencyOf } from '../http/idempotency-key';
import { checkParameters, requireParts } from '../http/parameters';
import { Admission } from '../limits/admission';
import { Limits } from '../limits/limits';
import { PlannedRoute, RoutePlan } from './route-plans';

/** A step that is done at once gives nothing, one that waits a promise. Both are refused with what refuses the request. */
type Step = Promise<void> | undefined;
type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

/**
 * What a public request meets on its way in, in this order: room for it, its address's limit, who sends it; then its body is
 * read; then its sender's limits, their permission, its parameters. Nothing waits for what is known already.
 */
@Injectable()
export class Door {
  constructor(
    private readonly admission: Admission,
    private readonly limits: Limits,
    private readonly callers: Callers,
    private readonly authorization: Authorization,
  ) {}

  /** Before anything of the body is read: the memory and the time that one takes are for those who may send one. */
  enter(plan: RoutePlan): Hook {
    return asHook((request, reply) => {
      RequestCall.of(request, reply).hold(this.admission.enter(plan.priority));
      const taken = this.limits.ofAddress(request);
      if (plan.isPublic) return taken;
      return taken ? taken.then(() => this.identify(plan, request, reply)) : this.identify(plan, request, reply);
    });
  }

  /** Once the body is there, and before it is looked at. */
  admit(plan: RoutePlan, route: PlannedRoute): Hook {
    return asHook((request, reply) => {
      requireParts(request);
      const authorized = plan.isPublic ? undefined : this.authorize(route, request);
      return authorized
        ? authorized.then(() => begin(plan, route, request, reply))
        : begin(plan, route, request, reply);
    });
  }

  private identify({ staleAllowed }: RoutePlan, request: GuardedRequest, reply: FastifyReply): Step {
    try {
      const caller = this.callers.of(request, staleAllowed);
      if (!(caller instanceof Promise)) request.principal = caller;
      else return caller.then((found) => void (request.principal = found), closing);
    } catch (thrown) {
      closing(thrown);
    }

    function closing(thrown: unknown): never {
      closeUnread(request, reply);
      throw thrown;
    }
  }

  private authorize(route: PlannedRoute, request: GuardedRequest): Step {
    const { principal } = request;
    if (!principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
    const project = projectOf(request, route.projectHeader);
    const taken = this.limits.ofCaller(request, principal, project);
    return taken
      ? taken.then(() => this.decide(route, request, principal, project))
      : this.decide(route, request, principal, project);
  }

  /** Deny by default: whoever passes holds the permission that the route names, or is who it is about. */
  private decide(
    { permission, anyCaller }: PlannedRoute,
    request: GuardedRequest,
    principal: Principal,
    project: string | undefined,
  ): Step {
    if (permission !== undefined) return this.authorization.check(request, principal, permission, project);
    if (anyCaller !== 'anybody') requirePerson(principal);
  }
}

/** From here on what is done is done for the caller. */
function begin(plan: RoutePlan, route: PlannedRoute, request: GuardedRequest, reply: FastifyReply): undefined {
  checkParameters(request, route.knownQuery);
  const idempotency = idempotencyOf(request);
  RequestCall.of(request, reply).begin({ deadline: Date.now() + plan.deadlineMs, idempotency });
}

/** What comes of the body of a request that is refused before it is read. */
export function closeUnread({ headers }: FastifyRequest, reply: FastifyReply): void {
  const { 'content-length': length, 'transfer-encoding': transfer } = headers;
  if (length !== undefined || transfer !== undefined) void reply.header('connection', 'close');
}

/** A hook of the server's; `done` is called outside of `step`, so that what comes after is not taken for a part of it. */
function asHook(step: (request: GuardedRequest, reply: FastifyReply) => Step): Hook {
  return (request, reply, done) => {
    let waited: Step;
    try {
      waited = step(request, reply);
    } catch (thrown) {
      return done(thrown as Error); // steps throw errors alone
    }
    if (waited === undefined) done();
    else waited.then(() => done(), done);
  };
}
