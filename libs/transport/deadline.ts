import { DeadlineExceeded } from '#libs/errors/errors';
import { CallContext, CallScope, currentCall, withCall } from './call-context';

/** The nearer of what the caller allows and what the called thing takes. Unit: milliseconds since 1970. */
export const nearestDeadline = ({ deadline }: CallContext, timeoutMs: number): number =>
  Math.min(deadline ?? Number.POSITIVE_INFINITY, Date.now() + timeoutMs);

export const late = (name: string): DeadlineExceeded =>
  new DeadlineExceeded('service.deadline', `"${name}" did not answer in time. Whether it was done is not known.`);

export const hungUp = (name: string): DeadlineExceeded =>
  new DeadlineExceeded('service.cancelled', `The caller of "${name}" hung up before it answered.`);

/**
 * Does `work` as a call of its own, with the nearer of the caller's deadline and `timeoutMs`. Throws DeadlineExceeded
 * when that passes or the caller hangs up; `work` learns of both by its context's signal. Who begins a call, and has a
 * caller that hangs up by `hangUp`, spares it a signal made of two.
 */
export async function withDeadline<T>(
  name: string,
  timeoutMs: number,
  work: () => T | Promise<T>,
  hangUp?: AbortController,
): Promise<T> {
  const outer = currentCall();
  const deadline = nearestDeadline(outer, timeoutMs);
  if (deadline <= Date.now()) throw late(name);
  const ended = hangUp ?? new AbortController();
  const signal = outer.signal ? AbortSignal.any([outer.signal, ended.signal]) : ended.signal;
  const result = withCall({ ...outer, deadline, signal }, async () => work());
  return before(deadline, name, result, outer.signal ?? hangUp?.signal, () => ended.abort());
}

/**
 * The items of `open`'s stream, read as one call. Each item comes within `timeoutMs` and all within the caller's
 * deadline, else DeadlineExceeded. Whoever stops reading ends the stream at its source.
 */
export function streamWithin<T>(name: string, timeoutMs: number, open: () => AsyncIterable<T>): AsyncIterable<T> {
  const outer = currentCall();
  const ended = new AbortController();
  const signal = outer.signal ? AbortSignal.any([outer.signal, ended.signal]) : ended.signal;
  const scope = new CallScope({ ...outer, signal });
  return read();

  async function* read(): AsyncGenerator<T> {
    const source = scope.run(() => open()[Symbol.asyncIterator]());
    let stuck = false;
    try {
      for (;;) {
        stuck = true;
        const step = scope.run(() => source.next());
        const item = await before(nearestDeadline(outer, timeoutMs), name, step, outer.signal);
        stuck = false;
        if (item.done) return;
        yield item.value;
      }
    } finally {
      ended.abort();
      const closed = scope.run(async () => source.return?.());
      if (stuck)
        closed.catch(() => undefined); // a source that hangs, or threw, has nothing to add
      else await closed;
      scope.end();
    }
  }
}

function before<T>(
  deadline: number,
  name: string,
  work: Promise<T>,
  caller: AbortSignal | undefined,
  onEnd?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: DeadlineExceeded): void => {
      reject(reason); // before whoever listens to the end gives another reason
      onEnd?.();
    };
    const abort = (): void => giveUp(hungUp(name));
    const timer = setTimeout(() => giveUp(late(name)), Math.max(0, deadline - Date.now()));
    if (caller?.aborted) abort();
    caller?.addEventListener('abort', abort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    };
    work.then(resolve, reject).finally(settle);
  });
}
