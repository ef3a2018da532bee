/** Our functions under names of their own, because the built-in ones cannot be replaced; people read them without. */
export const OURS = 'chartly_';
const SENTENCE_MAX_CHARS = 500;

/** An expression that cannot be compiled, and why. */
export class CelMistake extends Error {}

/** The library's `summary` is its message without the drawing of the place. */
export function sentenceOf(error: unknown): string {
  const summary: unknown = error instanceof Error && 'summary' in error ? error.summary : undefined;
  const text = typeof summary === 'string' ? summary : error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).replaceAll(OURS, '').slice(0, SENTENCE_MAX_CHARS);
}
