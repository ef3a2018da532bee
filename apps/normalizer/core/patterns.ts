import { RE2JS } from 're2js';

const PATTERN_MAX_CHARS = 1_000;
const PATTERNS_MAX = 256;

const patterns = new Map<string, RE2JS>();

/** A regular expression on the RE2 engine, whose time grows with the text alone. Throws for what RE2 does not take. */
export function linearPattern(source: string): RE2JS {
  const known = patterns.get(source);
  if (known) return known;
  if (source.length > PATTERN_MAX_CHARS) throw new Error(`a pattern may have ${PATTERN_MAX_CHARS} characters`);
  const pattern = RE2JS.compile(source);
  if (patterns.size >= PATTERNS_MAX) patterns.delete(patterns.keys().next().value ?? '');
  patterns.set(source, pattern);
  return pattern;
}
