/** How often it is looked whether something is due. Unit: milliseconds. */
const LOOK_MS = 50;

/** Something that has a time to be done in. */
export interface Awaited {
  /** Its time is over. */
  expire(): void;
}

/**
 * What is waited for, each for a time of which there are few different ones. A timer for each request costs more than the
 * rest of what holds it to its time; here one looks after all, and finds each within {@link LOOK_MS} of its end.
 */
export class Due {
  /** By time to be done in: those that began first stand first, and so are due first. */
  private readonly byTime = new Map<number, Map<Awaited, number>>();
  private looking?: NodeJS.Timeout;

  /** Has `one` expire after `ms`, unless it is done before. */
  add(one: Awaited, ms: number): void {
    let waiting = this.byTime.get(ms);
    if (!waiting) this.byTime.set(ms, (waiting = new Map()));
    waiting.set(one, performance.now() + ms);
    this.looking ??= setInterval(() => this.look(), LOOK_MS);
  }

  done(one: Awaited, ms: number): void {
    this.byTime.get(ms)?.delete(one);
  }

  private look(): void {
    const now = performance.now();
    let waits = false;
    for (const waiting of this.byTime.values()) {
      for (const [one, at] of waiting) {
        if (at > now) break;
        waiting.delete(one);
        one.expire();
      }
      waits ||= waiting.size > 0;
    }
    if (waits) return;
    clearInterval(this.looking);
    this.looking = undefined;
  }
}
