import { RE2JS } from 're2js';
import { budget } from './budget';

const PATTERN_MAX_CHARS = 1_000;
/** Instructions that a pattern may become: `(x{30}){30}` is short and has 900. */
const PROGRAM_MAX_SIZE = 3_000;
const PATTERNS_MAX = 256;
/** What looking for a pattern costs beside its text. */
const SEARCH_STEPS = 40;
/** Steps that a character of the text costs: one, and one for so many instructions that may be under way at once. */
const INSTRUCTIONS_PER_STEP = 2;
/** What a match costs beside being found, and how much of the rest a step pays for. */
const NEXT_SEARCH_STEPS = 20;
const CHARS_AHEAD_PER_STEP = 16;
/** What making a pattern costs, for each of its characters: some 10 µs, for classes of thousands of letters. */
const COMPILE_STEPS_PER_CHAR = 600;

interface Known {
  readonly pattern: RE2JS;
  readonly stepsPerChar: number;
}

/** Patterns that were used last. What they cost does not depend on whether they are in here. */
const patterns = new Map<string, Known>();

/** A regular expression on the RE2 engine, whose time grows with the text alone. Throws for what RE2 does not take. */
export const linearPattern = (source: string): RE2JS => known(source).pattern;

/** Takes from the budget what looking for a pattern in a text may take. */
export function spendOnSearch(text: string, source: string): void {
  budget.spend(SEARCH_STEPS + Math.ceil(text.length * known(source).stepsPerChar));
}

/** The same for going on behind a match: nobody can tell from a pattern how far ahead it looks. */
export function spendOnNextSearch(remaining: number): void {
  budget.spend(NEXT_SEARCH_STEPS + Math.ceil(remaining / CHARS_AHEAD_PER_STEP));
}

/** Takes from the budget what making a pattern takes that is not the same for every record. */
export function spendOnPattern(source: unknown): void {
  if (typeof source === 'string') budget.spend(source.length * COMPILE_STEPS_PER_CHAR);
}

function known(source: string): Known {
  const found = patterns.get(source);
  if (found) return found;
  if (source.length > PATTERN_MAX_CHARS) throw new Error(`a pattern may have ${PATTERN_MAX_CHARS} characters`);
  const pattern = RE2JS.compile(source);
  const size = pattern.programSize();
  if (size > PROGRAM_MAX_SIZE) throw new Error(`a pattern may have ${PROGRAM_MAX_SIZE} instructions; repeat less`);
  const made = { pattern, stepsPerChar: 1 + size / INSTRUCTIONS_PER_STEP };
  if (patterns.size >= PATTERNS_MAX) patterns.delete(patterns.keys().next().value ?? '');
  patterns.set(source, made);
  return made;
}
