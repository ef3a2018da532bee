import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS, Principal } from '#libs/contracts/principal';
import { pinTraceparent, traceIdOf } from '#libs/telemetry/traceparent';
import { BACKGROUND, CallContext, IdempotencyKey, RequestLine, Scope } from './call-context';
import { clientOf } from './request-client';

const CALL = Symbol('chartly:call');

interface CalledRequest extends FastifyRequest {
  [CALL]?: RequestCall;
  principal?: Principal;
}

/** What is known of a request once it is let in. */
interface Begun {
  /** Unit: milliseconds since 1970. */
  readonly deadline: number;
  readonly idempotency: IdempotencyKey | undefined;
}

/**
 * The call that a request of a listener is, from its first hook to its answer. What costs something (its context, its
 * signal, its trace) is made when somebody asks for it: many requests are answered without.
 */
export class RequestCall extends Scope {
  private begun?: Begun;
  private made?: CallContext;
  private told?: RequestLine;
  private gone?: AbortController;
  private isGone = false;
  private held?: () => void;
  private onGone?: () => void;

  constructor(
    private readonly request: CalledRequest,
    private readonly reply: FastifyReply,
  ) {
    super();
  }

  /** The one of a request, which is made when nobody asked for it before. */
  static of(request: CalledRequest, reply: FastifyReply): RequestCall {
    const known = request[CALL];
    if (known) return known;
    const call = new RequestCall(request, reply);
    request[CALL] = call;
    reply.raw.on('close', () => call.closed());
    return call;
  }

  /** From now on the call is the caller's own; before, what is done for it is our own work. */
  begin(begun: Begun): void {
    this.begun = begun;
  }

  /** What the request takes up until it is answered in full, or given up: `release` gives it back. */
  hold(release: () => void): void {
    this.held = release;
  }

  release(): void {
    this.held?.();
    this.held = undefined;
  }

  /** Has `told` be called when the sender hangs up before it has the whole answer. */
  whenGone(told: () => void): void {
    this.onGone = told;
  }

  /** Tells those who work for the call that nobody waits for it any more. */
  abort(): void {
    this.isGone = true;
    this.gone?.abort();
  }

  line(): RequestLine {
    return (this.told ??= {
      req: { id: this.request.id, method: this.request.method, url: this.request.url },
      traceId: traceIdOf(pinTraceparent(this.request.headers)),
    });
  }

  protected context(): CallContext {
    if (!this.begun) return BACKGROUND;
    return (this.made ??= {
      principal: this.request.principal ?? ANONYMOUS,
      requestId: this.request.id,
      client: clientOf(this.request),
      traceparent: pinTraceparent(this.request.headers),
      deadline: this.begun.deadline,
      signal: this.signal(),
      idempotency: this.begun.idempotency,
    });
  }

  private signal(): AbortSignal {
    this.gone ??= new AbortController();
    if (this.isGone) this.gone.abort();
    return this.gone.signal;
  }

  private closed(): void {
    this.release();
    if (this.reply.raw.writableFinished) return;
    this.onGone?.();
    this.abort();
  }
}

/** Makes each request that the server answers a call. */
export function registerRequestCalls(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => RequestCall.of(request, reply).run(done));
  fastify.addHook('preHandler', (request, reply, done) => {
    const call = RequestCall.of(request, reply);
    if (call.isCurrent) done();
    else call.run(done); // a body's arrival is nobody's call
  });
}
