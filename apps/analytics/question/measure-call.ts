import { PlanMeasure } from '#libs/contracts/query-plan';
import { MEASURE_FUNCTIONS, MeasureFunction } from '#libs/documents/measure';

/** An aggregate that the engine computes. */
export type Aggregate = Omit<PlanMeasure, 'name'>;

/** A measure as it is called: an aggregate, or something computed of the answer's rows. */
export type MeasureCall =
  | { readonly kind: 'aggregate'; readonly aggregate: Aggregate }
  /** Of the measure within its bucket: per second. */
  | { readonly kind: 'rate'; readonly of: MeasureCall }
  /** Against the row before of the same group; `increase` takes a fall for a counter that began anew. */
  | { readonly kind: 'delta' | 'increase'; readonly of: MeasureCall }
  /** The sum of all rows of the group so far. */
  | { readonly kind: 'cumulative'; readonly of: MeasureCall }
  /** The mean over the last `rows` rows of the group, fewer at its start. */
  | { readonly kind: 'moving_avg'; readonly of: MeasureCall; readonly rows: number }
  | { readonly kind: 'ratio'; readonly of: MeasureCall; readonly to: MeasureCall };

const DERIVED = ['rate', 'delta', 'increase', 'cumulative', 'moving_avg', 'ratio'] as const;
type Derived = (typeof DERIVED)[number];

const DEPTH_MAX = 8;
const MOVING_MAX = 10_000;
const QUANTILES_MAX = 20;
const COLUMN = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])*$/;
const NUMBER = /^\d+(?:\.\d+)?$/;
const CALL = /^([a-z_0-9]+)\s*\(([\s\S]*)\)$/;
const PERCENTILE = /^p(\d{1,2}(?:_\d+)?)$/;

/** Says what is wrong with a call; caught where it is read. */
class CallProblem extends Error {}

/**
 * Reads a measure like `count()`, `p99(latency)`, `rate(increase(max(bytes)))`, `ratio(sum(errors), count())`. One call
 * may stand for several measures: `quantiles(latency, 0.5, 0.9)` for `NAME_p50` and `NAME_p90`. Gives the sentence that
 * says what is wrong instead, when something is.
 */
export function readMeasure(name: string, text: string): ReadonlyMap<string, MeasureCall> | string {
  try {
    const [fn, ...args] = partsOf(text);
    if (fn !== 'quantiles') return new Map([[name, read(text, 0)]]);
    const [column = '', ...fractions] = args;
    if (fractions.length === 0 || fractions.length > QUANTILES_MAX) {
      throw new CallProblem(
        `"${text}" needs a column and 1 to ${QUANTILES_MAX} fractions: quantiles(${column}, 0.5, 0.9).`,
      );
    }
    return new Map(
      fractions.map((fraction) => {
        const call = aggregate('quantile', [column, fraction], text);
        return [`${name}_p${String(Number((Number(fraction) * 100).toFixed(6))).replace('.', '_')}`, call];
      }),
    );
  } catch (thrown) {
    if (thrown instanceof CallProblem) return thrown.message;
    throw thrown;
  }
}

/** Every aggregate that a call needs of the engine. */
export function aggregatesOf(call: MeasureCall): Aggregate[] {
  if (call.kind === 'aggregate') return [call.aggregate];
  return [...aggregatesOf(call.of), ...(call.kind === 'ratio' ? aggregatesOf(call.to) : [])];
}

function read(text: string, depth: number): MeasureCall {
  const [fn, ...args] = partsOf(text);
  if (depth > DEPTH_MAX) throw new CallProblem(`Calls nest at most ${DEPTH_MAX} deep.`);
  if (isDerived(fn)) return derived(fn, args, text, depth);
  return aggregate(fn, args, text);
}

function derived(kind: Derived, args: readonly string[], text: string, depth: number): MeasureCall {
  const [first, second] = args;
  const inner = (arg: string | undefined): MeasureCall => {
    if (arg === undefined) throw new CallProblem(`"${text}" is of another measure, as in ${EXAMPLES[kind]}.`);
    return read(arg, depth + 1);
  };
  const most = kind === 'ratio' || kind === 'moving_avg' ? 2 : 1;
  if (args.length > most) throw new CallProblem(`"${text}" has too many arguments; write ${EXAMPLES[kind]}.`);
  if (kind === 'ratio') return { kind, of: inner(first), to: inner(second) };
  if (kind !== 'moving_avg') return { kind, of: inner(first) };
  const rows = Number(second ?? Number.NaN);
  if (!Number.isInteger(rows) || rows < 1 || rows > MOVING_MAX) {
    throw new CallProblem(`"${text}" needs how many rows it is over, 1 to ${MOVING_MAX}: ${EXAMPLES[kind]}.`);
  }
  return { kind, of: inner(first), rows };
}

function aggregate(fn: string, args: readonly string[], text: string): MeasureCall {
  const percentile = PERCENTILE.exec(fn)?.[1];
  if (percentile !== undefined) {
    return aggregate('quantile', [...args, String(Number(percentile.replace('_', '.')) / 100)], text);
  }
  const known = MEASURE_FUNCTIONS.find((one) => one === fn);
  if (!known) {
    throw new CallProblem(
      `"${text}" is not a measure. Write one of ${MEASURE_FUNCTIONS.join(', ')} around a column, as in max(price), or ${DERIVED.join(', ')} around a measure.`,
    );
  }
  const [column, fraction, ...more] = args;
  if (column === undefined && known !== 'count')
    throw new CallProblem(`"${text}" names no column: write ${fn}(column).`);
  if (column !== undefined && !COLUMN.test(column)) throw new CallProblem(`"${text}": "${column}" is not a column.`);
  return { kind: 'aggregate', aggregate: { fn: known, ...withColumn(known, column, [fraction, ...more], text) } };
}

function withColumn(
  fn: MeasureFunction,
  column: string | undefined,
  [fraction, ...more]: readonly (string | undefined)[],
  text: string,
): Pick<Aggregate, 'column' | 'q'> {
  const named = column === undefined ? {} : { column };
  if (fn !== 'quantile') {
    if (fraction !== undefined) throw new CallProblem(`"${text}": ${fn} takes one column and nothing else.`);
    return named;
  }
  const q = fraction !== undefined && NUMBER.test(fraction) ? Number(fraction) : Number.NaN;
  if (!(q >= 0 && q <= 1) || more.length > 0) {
    throw new CallProblem(`"${text}" needs one fraction between 0 and 1: write quantile(${column}, 0.95).`);
  }
  return { ...named, q };
}

/** A call's name and its arguments, which may be calls. */
function partsOf(text: string): [fn: string, ...args: string[]] {
  const [, fn, inner] = CALL.exec(text.trim()) ?? [];
  if (fn === undefined || inner === undefined) {
    throw new CallProblem(`"${text}" is not a measure: write a call, as in max(price).`);
  }
  const args: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= inner.length; at += 1) {
    const letter = inner[at];
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (depth < 0) throw new CallProblem(`"${text}" closes a bracket that it did not open.`);
    if ((letter === ',' && depth === 0) || at === inner.length) {
      args.push(inner.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (depth !== 0) throw new CallProblem(`"${text}" does not close every bracket.`);
  return args.length === 1 && args[0] === '' ? [fn] : [fn, ...args];
}

const EXAMPLES: Readonly<Record<Derived, string>> = {
  rate: 'rate(sum(bytes))',
  delta: 'delta(last(level))',
  increase: 'increase(max(requests_total))',
  cumulative: 'cumulative(count())',
  moving_avg: 'moving_avg(avg(price), 7)',
  ratio: 'ratio(sum(errors), count())',
};

const isDerived = (fn: string): fn is Derived => DERIVED.some((one) => one === fn);
