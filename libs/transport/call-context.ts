import { AsyncLocalStorage } from 'node:async_hooks';
import { Principal } from '#libs/contracts/principal';

/** What travels with a call from service to service, beside its payload. */
export interface CallContext {
  /** Who asked in the first place. */
  readonly principal: Principal;
  readonly requestId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** When the caller stops waiting. Unit: milliseconds since 1970. */
  readonly deadline?: number;
  /** Aborts when the caller hangs up. */
  readonly signal?: AbortSignal;
}

const storage = new AsyncLocalStorage<CallContext>();

/** Work that nobody asked for: sweeps, schedules, relays. */
const BACKGROUND: CallContext = {
  principal: { kind: 'service', id: 'chartly', name: 'Chartly itself', grants: [] },
};

export const currentCall = (): CallContext => storage.getStore() ?? BACKGROUND;

export const withCall = <T>(context: CallContext, work: () => T): T => storage.run(context, work);
