/** So many requests in a window; also how many may come at once. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The rate that a text like `100/s` names; undefined for `off`. Throws RangeError for anything else. */
export function parseRate(text: string): Rate | undefined {
  if (text === 'off') return undefined;
  const [, count, unit = ''] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? [];
  if (count === undefined) throw new RangeError(`"${text}" is not a rate like 100/s.`);
  return { count: Number(count), perMs: UNITS[unit]! }; // the pattern allows no other unit
}

/** What a bucket says to one more request. Times in milliseconds. */
export interface Verdict {
  readonly allowed: boolean;
  /** How many more would pass right now. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetMs: number;
  /** Until one would pass; 0 when it did. */
  readonly retryAfterMs: number;
}

/**
 * One more request to a token bucket, as the generic cell rate algorithm has it (ITU-T I.371): the bucket is one number,
 * the time at which it is full again.
 */
export function take(fullAt: number | undefined, now: number, { count, perMs }: Rate): Verdict & { fullAt: number } {
  const interval = perMs / count;
  const begin = Math.max(fullAt ?? now, now);
  const end = begin + interval;
  const early = end - perMs - now;
  if (early > ROUNDING_MS) {
    return { allowed: false, remaining: 0, resetMs: begin - now, retryAfterMs: early, fullAt: begin };
  }
  const remaining = Math.max(0, Math.floor((perMs - (end - now)) / interval + ROUNDING_MS));
  return { allowed: true, remaining, resetMs: end - now, retryAfterMs: 0, fullAt: end };
}

/** Sums of fractions of a millisecond are off by less than this. */
const ROUNDING_MS = 1e-6;
