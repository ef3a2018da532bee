import { BrokenCircuitError, circuitBreaker, CircuitBreakerPolicy, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { ServiceName, WireMethod } from '#libs/contracts/contract';
import { ChartlyError, DeadlineExceeded, Unavailable } from '#libs/errors/errors';
import { fromWire, WireError } from '#libs/errors/wire';
import { CallContext, currentCall } from './call-context';
import { decode, encode, WIRE_CONTENT_TYPE } from './codec';
import { TokenSigner } from './service-token';

const CONNECT_TIMEOUT_MS = 1_000;
const CONNECTIONS = 32;
const BREAK_AFTER = 5;
const HALF_OPEN_MS = 1_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
const RETRY_AFTER_MS = 2_000;
/** A person who waits gets a clear answer soon; background work waits for its peer as long as the call allows. */
const PATIENCE_MS = 2_000;

/** Calls one other service over HTTP. */
export class HttpServiceClient {
  private readonly pool: Pool;
  private readonly breaker: CircuitBreakerPolicy;

  constructor(
    private readonly service: ServiceName,
    url: string,
    private readonly signer: TokenSigner,
  ) {
    this.pool = new Pool(url, { connections: CONNECTIONS, connect: { timeout: CONNECT_TIMEOUT_MS }, pipelining: 1 });
    this.breaker = circuitBreaker(
      handleWhen((error) => error instanceof Away),
      { halfOpenAfter: HALF_OPEN_MS, breaker: new ConsecutiveBreaker(BREAK_AFTER) },
    );
  }

  /**
   * One call. An idempotent one is tried again while its peer is away and time is left; the answer of a peer that is
   * there is final. Throws the peer's own error, Unavailable `service.unavailable` or DeadlineExceeded.
   */
  async call(method: string, wire: WireMethod, input: object): Promise<unknown> {
    const context = currentCall();
    const deadline = Math.min(context.deadline ?? Number.POSITIVE_INFINITY, Date.now() + wire.timeoutMs);
    const patience = Math.min(deadline, Date.now() + (context.requestId === undefined ? wire.timeoutMs : PATIENCE_MS));
    const body = encode(input);
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = nextWait(waitMs)) {
      try {
        return await this.breaker.execute(() => this.once(method, body, context, deadline));
      } catch (thrown) {
        const away = thrown instanceof Away || thrown instanceof BrokenCircuitError;
        if (!away) throw thrown;
        const neverSent = thrown instanceof BrokenCircuitError || thrown.neverSent;
        const mayRetry = wire.idempotent || neverSent;
        if (!mayRetry || Date.now() + waitMs > patience) throw this.unavailable(thrown);
        await pause(waitMs, context.signal);
      }
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async once(method: string, body: Buffer, context: CallContext, deadline: number): Promise<unknown> {
    const leftMs = deadline - Date.now();
    if (leftMs <= 0) throw this.late(method);
    const timeout = AbortSignal.timeout(leftMs);
    const signal = context.signal ? AbortSignal.any([timeout, context.signal]) : timeout;
    try {
      const response = await this.pool.request({
        method: 'POST',
        path: `/internal/${this.service}/${method}`,
        body,
        signal,
        headersTimeout: leftMs,
        bodyTimeout: leftMs,
        headers: {
          'content-type': WIRE_CONTENT_TYPE,
          authorization: `Bearer ${this.signer.tokenFor(this.service, context.principal)}`,
          'chartly-deadline-ms': String(Math.floor(leftMs)),
          ...(context.requestId === undefined ? {} : { 'x-request-id': context.requestId }),
          ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
        },
      });
      const bytes = new Uint8Array(await response.body.arrayBuffer());
      if (response.headers['content-type'] !== WIRE_CONTENT_TYPE)
        throw new Away(`answered ${response.statusCode}`, false);
      const answer = decode(bytes);
      if (response.statusCode === 200) return answer;
      throw fromWire(answer as WireError); // only our own server answers in this type
    } catch (thrown) {
      if (thrown instanceof ChartlyError || thrown instanceof Away) throw thrown;
      if (timeout.aborted) throw this.late(method);
      if (context.signal?.aborted) throw this.late(method);
      const code = codeOf(thrown);
      throw new Away(code, code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ENOTFOUND');
    }
  }

  private late(method: string): DeadlineExceeded {
    return new DeadlineExceeded('service.deadline', `"${this.service}" did not answer ${method} in time.`);
  }

  private unavailable(cause: unknown): Unavailable {
    return new Unavailable('service.unavailable', `The service "${this.service}" does not answer. Try again shortly.`, {
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
  }
}

/** The peer is not there, or something stands between us and it. */
class Away extends Error {
  constructor(
    reason: string,
    /** The request never left, so that nothing can have come of it. */
    readonly neverSent: boolean,
  ) {
    super(reason);
  }
}

const nextWait = (ms: number): number => Math.min(RETRY_MAX_MS, ms * (1.5 + Math.random()));

const pause = (ms: number, signal?: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

function codeOf(thrown: unknown): string {
  const code: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
