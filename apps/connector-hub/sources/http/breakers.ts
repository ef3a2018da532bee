/** Failures in a row after which nobody asks a host for a while. */
const FAILURES_MAX = 5;
const REST_MS = 30_000;
const HOSTS_MAX = 1_000;

type Breaker =
  | { readonly kind: 'closed'; readonly failures: number }
  /** Nobody asks before `until`; then one does, and the others wait for what comes of it. */
  | { readonly kind: 'open'; readonly until: number };

/** Spares hosts that do not answer: after failures in a row, whoever asked, one try at a time until one succeeds. */
export class Breakers {
  private readonly byOrigin = new Map<string, Breaker>();

  /** How long nobody should ask, in milliseconds; 0 lets the caller try, who must tell what came of it. */
  waitMs(origin: string, now: number): number {
    const breaker = this.byOrigin.get(origin);
    if (breaker?.kind !== 'open') return 0;
    if (now < breaker.until) return breaker.until - now;
    this.byOrigin.set(origin, { kind: 'open', until: now + REST_MS });
    return 0;
  }

  succeeded(origin: string): void {
    this.byOrigin.delete(origin);
  }

  failed(origin: string, now: number): void {
    const breaker = this.byOrigin.get(origin);
    const failures = breaker?.kind === 'closed' ? breaker.failures + 1 : breaker ? FAILURES_MAX : 1;
    if (this.byOrigin.size >= HOSTS_MAX) this.byOrigin.clear();
    this.byOrigin.set(
      origin,
      failures < FAILURES_MAX ? { kind: 'closed', failures } : { kind: 'open', until: now + REST_MS },
    );
  }
}
