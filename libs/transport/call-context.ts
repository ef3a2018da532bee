import { AsyncLocalStorage } from 'node:async_hooks';
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
const BACKGROUND: CallContext = {
  principal: { kind: 'service', id: 'chartly', name: 'Chartly itself', grants: [] },
};

/**
 * The time of one call. Timers and loops that a call sets off carry it on for as long as they live, so it has an end:
 * what goes on after the call is background work, with no deadline that passed long ago.
 */
export class CallScope {
  private over = false;

  constructor(private readonly context: CallContext) {}

  static current(): CallContext {
    const scope = scopes.getStore();
    return scope === undefined || scope.over ? BACKGROUND : scope.context;
  }

  run<T>(work: () => T): T {
    return scopes.run(this, work);
  }

  end(): void {
    this.over = true;
  }
}

const scopes = new AsyncLocalStorage<CallScope>();

/** The call that is being served; background work's own where there is none. */
export const currentCall = (): CallContext => CallScope.current();

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
