import { DEPTH_MAX } from './frames';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{` (0x5b, 0x7b) differ in one bit only, as do `]` and `}`: masked, each pair is one byte. */
const CASE_MASK = 0xdf;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** A record whose depth is over the limit holds at least as many bytes that open something, and as many that close. */
const SHORTEST_DEEP_BYTES = 2 * (DEPTH_MAX + 1);

/**
 * True when `body[start, end)` nests deeper than {@link DEPTH_MAX}. Brackets in strings do not count; neither do the
 * ones of a text too short to close what it opens, which is no JSON anyway.
 */
export function tooDeep(body: Uint8Array, start: number, end: number): boolean {
  if (end - start < SHORTEST_DEEP_BYTES || !opensOften(body, start, end)) return false;
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = body[at]!; // at < end <= length
    if (byte === QUOTE) {
      at = endOfString(body, at + 1, end);
    } else if ((byte & CASE_MASK) === OPEN) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if ((byte & CASE_MASK) === CLOSE) {
      depth -= 1;
    }
  }
  return false;
}

/** The place of the quote that ends a string whose inside begins at `at`, or `end`. */
export function endOfString(body: Uint8Array, at: number, end: number): number {
  for (; at < end; at += 1) {
    const byte = body[at]!; // at < end <= length
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return end;
}

function opensOften(body: Uint8Array, start: number, end: number): boolean {
  let opened = 0;
  for (let at = start; at < end; at += 1) {
    if ((body[at]! & CASE_MASK) === OPEN) opened += 1; // at < end <= length
  }
  return opened > DEPTH_MAX;
}
