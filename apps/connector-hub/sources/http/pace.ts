const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds between two requests at a rate like `60/m`; 0 for none. */
export function intervalMs(rate: string | undefined): number {
  const [, count, unit = ''] = /^(\d+)\/(s|m|h)$/.exec(rate ?? '') ?? [];
  return count === undefined ? 0 : (UNIT_MS[unit] ?? 0) / Number(count);
}

/** When each pipeline may next ask its source. */
export class Pace {
  private readonly next = new Map<string, number>();

  /** How long to wait before the next request, which is counted as made then. */
  take(pipeline: string, rate: string | undefined, now: number): number {
    const at = Math.max(now, this.next.get(pipeline) ?? 0);
    this.next.set(pipeline, at + intervalMs(rate));
    return at - now;
  }

  /** The source asked for a pause. */
  hold(pipeline: string, until: number): void {
    this.next.set(pipeline, Math.max(until, this.next.get(pipeline) ?? 0));
  }
}
