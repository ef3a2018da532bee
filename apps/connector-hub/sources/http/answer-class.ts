import { ChartlyError, Unavailable, Unprocessable } from '#libs/errors/errors';

/** What to make of a source's answer. */
export type AnswerClass =
  | { readonly kind: 'page' }
  | { readonly kind: 'unchanged' }
  /** The source asks for a pause; it does not count as a failure. */
  | { readonly kind: 'throttled'; readonly waitMs: number }
  /** It may go away by itself. */
  | { readonly kind: 'transient'; readonly error: ChartlyError }
  /** The credentials do not do. */
  | { readonly kind: 'auth'; readonly error: ChartlyError }
  /** The same request would fail again. */
  | { readonly kind: 'permanent'; readonly error: ChartlyError };

const THROTTLE_MS = 5_000;
const THROTTLE_MAX_MS = 3_600_000;

/** Sorts an answer by its status (RFC 9110), and a pause by its Retry-After in seconds or as a date. */
export function classify(status: number, retryAfter: string | undefined, now: number): AnswerClass {
  if (status === 304) return { kind: 'unchanged' };
  if (status >= 200 && status < 300) return { kind: 'page' };
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return { kind: 'throttled', waitMs: waitOf(retryAfter, now) };
  }
  if (status === 408 || status === 425 || status >= 500) {
    return { kind: 'transient', error: new Unavailable('pull.failed', `The source answered ${status}.`) };
  }
  if (status === 401 || status === 403 || status === 407) {
    const message = `The source answered ${status}: check the credentials of its connection.`;
    return { kind: 'auth', error: new Unprocessable('pull.auth', message) };
  }
  const message = `The source answered ${status}: check the URL and the query of the source.`;
  return { kind: 'permanent', error: new Unprocessable('pull.refused', message) };
}

function waitOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return THROTTLE_MS;
  const waitMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(waitMs) ? THROTTLE_MS : Math.min(THROTTLE_MAX_MS, Math.max(0, waitMs));
}
