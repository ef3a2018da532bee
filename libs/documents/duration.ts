const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const DURATION = /^(\d+)(ms|s|m|h|d|w)$/;

export const DURATION_PATTERN = DURATION.source;

/** Milliseconds of a duration like `250ms`, `30s`, `5m`, `6h`, `7d`, `2w`; undefined when the text is not one. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]; // the pattern admits no other unit
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Milliseconds of a duration that a schema has already checked. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration like 30s, 5m or 6h.`);
  return ms;
}
