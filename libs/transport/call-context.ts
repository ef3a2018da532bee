import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Principal } from '#libs/contracts/principal';

/** What travels with a call from service to service, beside its payload. */
export interface CallContext {
  /** Who asked in the first place. */
  readonly principal: Principal;
  readonly requestId?: string;
  /** Where the request came from. */
  readonly client?: RequestClient;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** When the caller stops waiting. Unit: milliseconds since 1970. */
  readonly deadline?: number;
  /** Aborts when the caller hangs up or its deadline passes. */
  readonly signal?: AbortSignal;
  /** What the caller may send again, and get the first answer for (rule 7). */
  readonly idempotency?: IdempotencyKey;
}

/** What a listener sees of who calls; personal data. */
export interface RequestClient {
  /** An IP address. */
  readonly address: string;
  /** The `User-Agent`, cut to 200 characters. */
  readonly agent?: string;
}

export interface IdempotencyKey {
  /** The route with its project and names: a key means something within it alone. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of the body, in hex. */
  readonly digest: string;
}

/** Work that nobody asked for: sweeps, schedules, relays. */
export const BACKGROUND: CallContext = {
  principal: { kind: 'service', id: 'chartly', name: 'Chartly itself', grants: [] },
};

/** What log lines say of the request that they are written for. */
export interface RequestLine {
  readonly req: { readonly id: string; readonly method: string; readonly url: string };
  readonly traceId: string;
}

/**
 * The time of one call. Timers and loops that a call sets off carry it on for as long as they live, so it has an end:
 * what goes on after the call is background work, with no deadline that passed long ago. Its log lines still say which
 * request set it off.
 */
export abstract class Scope {
  private over = false;

  static current(): CallContext {
    const scope = scopes.getStore();
    return scope === undefined || scope.over ? BACKGROUND : scope.context();
  }

  static line(): RequestLine | undefined {
    return scopes.getStore()?.line();
  }

  /** Of the request that the call is part of; undefined for background work. */
  abstract line(): RequestLine | undefined;

  protected abstract context(): CallContext;

  run<T>(work: () => T): T {
    return scopes.run(this, work);
  }

  /** Whether what is done right now is done within this one. */
  get isCurrent(): boolean {
    return scopes.getStore() === this;
  }

  end(): void {
    this.over = true;
  }
}

const scopes = new AsyncLocalStorage<Scope>();

/** A call whose context is known from its beginning. */
export class CallScope extends Scope {
  private readonly within = Scope.line();

  constructor(private readonly given: CallContext) {
    super();
  }

  line(): RequestLine | undefined {
    return this.within;
  }

  protected context(): CallContext {
    return this.given;
  }
}

/** The call that is being served; background work's own where there is none. */
export const currentCall = (): CallContext => Scope.current();

/** What a log line that is written right now says of its request; undefined for background work. */
export const currentLine = (): RequestLine | undefined => Scope.line();

/** Does `work` as the given call, which is over when the promise that it gives is settled. */
export function withCall<T>(context: CallContext, work: () => T): T {
  const scope = new CallScope(context);
  const end = (): void => scope.end();
  try {
    const result = scope.run(work);
    if (result instanceof Promise) result.then(end, end);
    else end();
    return result;
  } catch (thrown) {
    end();
    throw thrown;
  }
}

/**
 * `work` as the call that is being served now, whoever runs it later. For what waits in a queue: it would be run as the
 * call before it, with that one's principal, deadline and idempotency key.
 */
export const asThisCall = <T>(work: () => T): (() => T) => AsyncResource.bind(work);
