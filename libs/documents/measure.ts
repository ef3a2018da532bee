export const MEASURE_FUNCTIONS = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'quantile',
  'distinct',
  'distinct_approx',
  'first',
  'last',
] as const;
export type MeasureFunction = (typeof MEASURE_FUNCTIONS)[number];

/** One aggregate over a column; `count` without a column counts rows, `quantile` carries its fraction `q` in [0, 1]. */
export interface Measure {
  readonly name: string;
  readonly fn: MeasureFunction;
  readonly column?: string;
  readonly q?: number;
}

const CALL = /^\s*([a-z_]+)\s*\(\s*(?:([A-Za-z_][A-Za-z0-9_]*)\s*(?:,\s*([0-9.]+)\s*)?)?\)\s*$/;

/**
 * Reads a measure as it stands in a document: `count()`, `max(magnitude)`, `quantile(magnitude, 0.95)`.
 * Returns the sentence that says what is wrong instead, when something is.
 */
export function parseMeasure(name: string, text: string): Measure | string {
  const match = CALL.exec(text);
  const fn = MEASURE_FUNCTIONS.find((candidate) => candidate === match?.[1]);
  if (!match || !fn) {
    return `"${text}" is not a measure. Write one of ${MEASURE_FUNCTIONS.join(', ')} around a column, as in max(price).`;
  }
  const [, , column, fraction] = match;
  if (column === undefined && fn !== 'count') return `"${text}" names no column: write ${fn}(column).`;
  if (fn === 'quantile') {
    const q = Number(fraction ?? Number.NaN);
    if (!(q >= 0 && q <= 1)) return `"${text}" needs a fraction between 0 and 1: write quantile(${column}, 0.95).`;
    return { name, fn, column, q };
  }
  if (fraction !== undefined) return `"${text}": ${fn} takes one column and nothing else.`;
  return column === undefined ? { name, fn } : { name, fn, column };
}
