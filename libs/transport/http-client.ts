import { BrokenCircuitError, circuitBreaker, CircuitBreakerPolicy, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { setTimeout } from 'node:timers/promises';
import { Dispatcher, Pool } from 'undici';
import { ServiceName, WireMethod } from '#libs/contracts/contract';
import { ChartlyError, PayloadTooLarge, Unavailable } from '#libs/errors/errors';
import { fromWire, WireError } from '#libs/errors/wire';
import { CallContext, currentCall } from './call-context';
import { CLIENT_HEADER, clientHeader } from './client-header';
import { IDEMPOTENCY_HEADER, idempotencyHeader } from './idempotency-header';
import { decode, encode, WIRE_CONTENT_TYPE } from './codec';
import { hungUp, late, nearestDeadline, streamWithin } from './deadline';
import { TokenSigner } from './service-token';
import { fromFrames, STREAM_CONTENT_TYPE } from './stream-frames';

const CONNECT_TIMEOUT_MS = 1_000;
const CONNECTIONS = 32;
const BREAK_AFTER = 5;
const HALF_OPEN_MS = 1_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
const RETRY_AFTER_MS = 2_000;
/** A person who waits gets a clear answer soon; background work waits for its peer as long as the call allows. */
const PATIENCE_MS = 2_000;

/** One exchange: what is sent, as whom, and until when. */
interface Exchange {
  readonly method: string;
  readonly body: Buffer;
  readonly context: CallContext;
  readonly deadline: number;
}

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
    const deadline = nearestDeadline(context, wire.timeoutMs);
    const exchange = { method, body: encode(input), context, deadline };
    return this.persist(exchange, wire, () => this.unary(exchange));
  }

  /** One call that answers with a stream; tried again as {@link call} is, but not once the stream began. */
  stream(method: string, wire: WireMethod, input: object): AsyncIterable<object> {
    return streamWithin(this.nameOf(method), wire.timeoutMs, () => this.items(method, wire, input));
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async *items(method: string, wire: WireMethod, input: object): AsyncGenerator<object> {
    const context = currentCall();
    const deadline = context.deadline ?? Number.POSITIVE_INFINITY;
    const exchange = { method, body: encode(input), context, deadline };
    const body = await this.persist(exchange, wire, () => this.open(exchange));
    try {
      yield* fromFrames(this.nameOf(method), body);
    } catch (thrown) {
      throw thrown instanceof ChartlyError ? thrown : this.unavailable(thrown);
    } finally {
      body.on('error', () => undefined).destroy(); // hangs up on a peer that has more to tell
    }
  }

  private async persist<T>(
    { context, deadline, method }: Exchange,
    wire: WireMethod,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const patienceMs = context.requestId === undefined ? wire.timeoutMs : PATIENCE_MS;
    const patience = Math.min(deadline, Date.now() + patienceMs);
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = nextWait(waitMs)) {
      try {
        return await this.breaker.execute(attempt);
      } catch (thrown) {
        if (!(thrown instanceof Away || thrown instanceof BrokenCircuitError)) throw thrown;
        const neverSent = thrown instanceof BrokenCircuitError || thrown.neverSent;
        const mayRetry = wire.idempotent || neverSent;
        if (!mayRetry || Date.now() + waitMs > patience) throw this.unavailable(thrown);
      }
      await setTimeout(waitMs, undefined, { signal: context.signal }).catch(() => {
        throw hungUp(this.nameOf(method));
      });
    }
  }

  private async unary(exchange: Exchange): Promise<unknown> {
    const leftMs = exchange.deadline - Date.now();
    if (leftMs <= 0) throw late(this.nameOf(exchange.method));
    const timeout = AbortSignal.timeout(leftMs);
    const { signal: caller } = exchange.context;
    const signal = caller ? AbortSignal.any([timeout, caller]) : timeout;
    return this.explained(exchange, timeout, async () => {
      const response = await this.request(exchange, signal, { headersTimeout: leftMs, bodyTimeout: leftMs });
      return await answerOf(response);
    });
  }

  private async open(exchange: Exchange): Promise<Dispatcher.ResponseData['body']> {
    const { signal } = exchange.context;
    return this.explained(exchange, undefined, async () => {
      const response = await this.request(exchange, signal, { headersTimeout: 0, bodyTimeout: 0 });
      if (response.headers['content-type'] === STREAM_CONTENT_TYPE) return response.body;
      await answerOf(response);
      throw new Away('answered no stream', false);
    });
  }

  /** What went wrong, in terms of calls: the peer's own error, a deadline, a caller that left, or a peer that is away. */
  private async explained<T>(
    { method, context }: Exchange,
    timeout: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof ChartlyError || thrown instanceof Away) throw thrown;
      if (timeout?.aborted) throw late(this.nameOf(method));
      if (context.signal?.aborted) throw hungUp(this.nameOf(method));
      const code = codeOf(thrown);
      throw new Away(code, NEVER_SENT.has(code));
    }
  }

  private request(
    { method, body, context, deadline }: Exchange,
    signal: AbortSignal | undefined,
    timeouts: { headersTimeout: number; bodyTimeout: number },
  ): Promise<Dispatcher.ResponseData> {
    const leftMs = deadline - Date.now();
    return this.pool.request({
      method: 'POST',
      path: `/internal/${this.service}/${method}`,
      body,
      signal,
      ...timeouts,
      headers: {
        'content-type': WIRE_CONTENT_TYPE,
        authorization: `Bearer ${this.signer.tokenFor(this.service, context.principal)}`,
        ...(Number.isFinite(leftMs) ? { 'chartly-deadline-ms': String(Math.max(0, Math.floor(leftMs))) } : {}),
        ...(context.requestId === undefined ? {} : { 'x-request-id': context.requestId }),
        ...(context.client === undefined ? {} : { [CLIENT_HEADER]: clientHeader(context.client) }),
        ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
        ...(context.idempotency === undefined ? {} : { [IDEMPOTENCY_HEADER]: idempotencyHeader(context.idempotency) }),
      },
    });
  }

  private nameOf(method: string): string {
    return `${this.service}.${method}`;
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

const NEVER_SENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EAI_AGAIN']);

async function answerOf({ headers, statusCode, body }: Dispatcher.ResponseData): Promise<unknown> {
  const bytes = new Uint8Array(await body.arrayBuffer());
  if (headers['content-type'] !== WIRE_CONTENT_TYPE) {
    if (statusCode === 413) throw new PayloadTooLarge('call.too_large', 'The call is larger than a service takes.');
    throw new Away(`answered ${statusCode}`, false);
  }
  const answer = decode(bytes);
  if (statusCode === 200) return answer;
  throw fromWire(answer as WireError); // only our own server answers in this type
}

/** Decorrelated jitter: anywhere between the first wait and thrice the last one. */
const nextWait = (ms: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_FIRST_MS + Math.random() * (3 * ms - RETRY_FIRST_MS));

function codeOf(thrown: unknown): string {
  const code: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
