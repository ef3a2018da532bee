import { Labels } from '#libs/contracts/prometheus';
import { Unprocessable } from '#libs/errors/errors';
import { OVER_TIME, Samples } from './over-time';
import { Expression, promProblem, Selector } from './promql';

/** How old the last sample of a series may be for an instant selector. Unit: milliseconds. */
export const LOOKBACK_MS = 5 * 60_000;

export interface StoredSeries extends Samples {
  readonly labels: Labels;
}

export interface Element {
  readonly labels: Labels;
  readonly value: number;
}

export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'vector'; readonly elements: readonly Element[] };

/** The series that a selector means, each with its samples. */
export type Lookup = (selector: Selector) => readonly StoredSeries[];

/** Samples touched and elements made that one question may cost, over all of its times: about a second or two. */
export const WORK_MAX = 20_000_000;

/** What one question may still cost. */
export class Work {
  constructor(private left = WORK_MAX) {}

  /** Throws Unprocessable `promql.too_much_work` when nothing is left. */
  spend(units: number): void {
    this.left -= units;
    if (this.left >= 0) return;
    throw new Unprocessable(
      'promql.too_much_work',
      `The expression takes more than ${WORK_MAX} steps over its samples. Take a wider step, a shorter range or fewer series.`,
    );
  }
}

const scalar = (value: number): Value => ({ kind: 'scalar', value });
const vector = (elements: readonly Element[]): Value => ({ kind: 'vector', elements });
const NAME = '__name__';

/**
 * An expression's value at a time. Throws BadRequest `promql.unsupported` for what is not answered here, Unprocessable
 * `promql.too_much_work`.
 */
export function evaluate(expression: Expression, atMs: number, lookup: Lookup, work: Work): Value {
  const value = valueOf(expression, atMs, lookup, work);
  work.spend(1 + (value.kind === 'vector' ? value.elements.length : 0));
  return value;
}

function valueOf(expression: Expression, atMs: number, lookup: Lookup, work: Work): Value {
  const inner = (one: Expression): Value => evaluate(one, atMs, lookup, work);
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value);
    case 'selector':
      return vector(instant(expression, atMs, lookup, work));
    case 'negate':
      return mapped(inner(expression.of), (value) => -value);
    case 'call':
      return called(expression.fn, expression.args, atMs, lookup, work);
    case 'aggregate':
      return vector(aggregated(expression, inner));
    case 'binary':
      return combined(expression, inner(expression.left), inner(expression.right));
  }
}

function instant(selector: Selector, atMs: number, lookup: Lookup, work: Work): Element[] {
  if (selector.rangeMs !== undefined) throw promProblem('A range selector stands in a function like rate(...).');
  const at = atMs - selector.offsetMs;
  return lookup(selector).flatMap(({ labels, times, values }) => {
    work.spend(1);
    const last = countUpTo(times, at) - 1;
    return last >= 0 && times[last]! > at - LOOKBACK_MS ? [{ labels, value: values[last]! }] : [];
  });
}

/** How many of the sorted times are not after `at`. */
function countUpTo(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const unnamed = ({ [NAME]: _name, ...rest }: Labels): Labels => rest;

function mapped(value: Value, of: (value: number) => number): Value {
  if (value.kind === 'scalar') return scalar(of(value.value));
  return vector(value.elements.map(({ labels, value: own }) => ({ labels: unnamed(labels), value: of(own) })));
}

const MATH: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  sqrt: Math.sqrt,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sgn: Math.sign,
};

function called(fn: string, args: readonly Expression[], atMs: number, lookup: Lookup, work: Work): Value {
  const [first, second] = args;
  const over = Object.hasOwn(OVER_TIME, fn) ? OVER_TIME[fn] : undefined;
  if (over) {
    if (first?.kind !== 'selector' || first.rangeMs === undefined || args.length !== 1)
      throw promProblem(`${fn} is of one range selector, as in ${fn}(x[5m]).`);
    const end = atMs - first.offsetMs;
    const start = end - first.rangeMs;
    return vector(
      lookup(first).flatMap(({ labels, times, values }) => {
        const [from, to] = [countUpTo(times, start), countUpTo(times, end)];
        work.spend(1 + to - from);
        const value = over({ times: times.slice(from, to), values: values.slice(from, to) }, start, end);
        return value === undefined ? [] : [{ labels: fn === 'last_over_time' ? labels : unnamed(labels), value }];
      }),
    );
  }
  const value = (one: Expression | undefined): Value => {
    if (!one) throw promProblem(`${fn} lacks an argument.`);
    return evaluate(one, atMs, lookup, work);
  };
  const number = (one: Expression | undefined): number => {
    const own = value(one);
    if (own.kind !== 'scalar') throw promProblem(`${fn} takes a number there.`);
    return own.value;
  };
  if (Object.hasOwn(MATH, fn)) return mapped(value(first), MATH[fn]!);
  switch (fn) {
    case 'time':
      return scalar(atMs / 1_000);
    case 'vector':
      return vector([{ labels: {}, value: number(first) }]);
    case 'scalar': {
      const own = value(first);
      return own.kind === 'scalar' ? own : scalar(own.elements.length === 1 ? own.elements[0]!.value : Number.NaN);
    }
    case 'clamp_min': {
      const bound = number(second);
      return mapped(value(first), (own) => Math.max(own, bound));
    }
    case 'clamp_max': {
      const bound = number(second);
      return mapped(value(first), (own) => Math.min(own, bound));
    }
    case 'sort':
    case 'sort_desc': {
      const own = value(first);
      if (own.kind === 'scalar') throw promProblem(`${fn} is of a vector.`);
      return vector([...own.elements].sort((a, b) => (fn === 'sort' ? a.value - b.value : b.value - a.value)));
    }
    default:
      throw promProblem(`The function ${fn} is not answered here; docs/query.md lists what is.`);
  }
}

function aggregated(
  { op, parameter, of, labels: names, without }: Expression & { kind: 'aggregate' },
  inner: (one: Expression) => Value,
): Element[] {
  const value = inner(of);
  if (value.kind === 'scalar') throw promProblem(`${op} is of a vector.`);
  const given = parameter && inner(parameter);
  if (given && given.kind !== 'scalar') throw promProblem(`${op} takes a number first.`);
  const groups = new Map<string, { labels: Labels; elements: Element[] }>();
  for (const element of value.elements) {
    const kept = pick(element.labels, (name) =>
      without ? name !== NAME && !names.includes(name) : names.includes(name),
    );
    const key = keyOf(kept);
    const group = groups.get(key) ?? { labels: kept, elements: [] };
    groups.set(key, group);
    group.elements.push(element);
  }
  return [...groups.values()].flatMap(({ labels, elements }) => {
    const values = elements.map((one) => one.value);
    if (op === 'topk' || op === 'bottomk') {
      const sorted = [...elements].sort((a, b) => (op === 'topk' ? b.value - a.value : a.value - b.value));
      return sorted.slice(0, Math.max(0, given?.value ?? 0));
    }
    return [{ labels, value: aggregate(op, values, given?.value) }];
  });
}

function aggregate(op: string, values: readonly number[], parameter: number | undefined): number {
  const total = values.reduce((a, b) => a + b, 0);
  const mean = total / values.length;
  switch (op) {
    case 'sum':
      return total;
    case 'avg':
      return mean;
    case 'min':
      return values.reduce((a, b) => Math.min(a, b));
    case 'max':
      return values.reduce((a, b) => Math.max(a, b));
    case 'count':
      return values.length;
    case 'group':
      return 1;
    case 'stdvar':
    case 'stddev': {
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return op === 'stdvar' ? variance : Math.sqrt(variance);
    }
    case 'quantile': {
      const sorted = [...values].sort((a, b) => a - b);
      const place = (parameter ?? Number.NaN) * (sorted.length - 1);
      if (!(place >= 0 && place <= sorted.length - 1)) return place < 0 ? -Infinity : place > 0 ? Infinity : Number.NaN;
      const low = sorted[Math.floor(place)]!;
      return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place));
    }
    default:
      throw promProblem(`The aggregation ${op} is not answered here; docs/query.md lists what is.`);
  }
}

const COMPUTES: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};
const COMPARES: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function combined({ op, bool, on, ignoring }: Expression & { kind: 'binary' }, left: Value, right: Value): Value {
  const matchKey = ({ labels }: Element): string =>
    keyOf(pick(labels, (name) => (on ? on.includes(name) : name !== NAME && !ignoring.includes(name))));
  if (op === 'and' || op === 'or' || op === 'unless') {
    if (left.kind === 'scalar' || right.kind === 'scalar') throw promProblem(`${op} stands between vectors.`);
    const there = new Set(right.elements.map(matchKey));
    if (op !== 'or') return vector(left.elements.filter((one) => there.has(matchKey(one)) === (op === 'and')));
    const here = new Set(left.elements.map(matchKey));
    return vector([...left.elements, ...right.elements.filter((one) => !here.has(matchKey(one)))]);
  }
  const computes = COMPUTES[op];
  const compares = COMPARES[op];
  if (!computes && !compares) throw promProblem(`The operator ${op} is not answered here.`);
  /** The labels and value that two values come to; nothing where a comparison leaves the element out. */
  const pair = (labels: Labels, kept: number, a: number, b: number): Element[] => {
    if (computes) return [{ labels: unnamed(labels), value: computes(a, b) }];
    const holds = compares!(a, b);
    if (bool) return [{ labels: unnamed(labels), value: Number(holds) }];
    return holds ? [{ labels, value: kept }] : [];
  };
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    if (compares && !bool) throw promProblem('Comparing two numbers takes the bool modifier.');
    return scalar(computes ? computes(left.value, right.value) : Number(compares!(left.value, right.value)));
  }
  if (right.kind === 'scalar')
    return vector(asVector(left).flatMap(({ labels, value }) => pair(labels, value, value, right.value)));
  if (left.kind === 'scalar')
    return vector(right.elements.flatMap(({ labels, value }) => pair(labels, value, left.value, value)));
  const others = new Map<string, Element>();
  for (const one of right.elements) {
    if (others.has(matchKey(one)))
      throw promProblem('Several series match on the right; many-to-one matching is not answered here.');
    others.set(matchKey(one), one);
  }
  const seen = new Set<string>();
  return vector(
    left.elements.flatMap((one) => {
      const other = others.get(matchKey(one));
      if (!other) return [];
      if (seen.has(matchKey(one)))
        throw promProblem('Several series match on the left; many-to-one matching is not answered here.');
      seen.add(matchKey(one));
      const labels = on
        ? pick(one.labels, (name) => on.includes(name))
        : pick(one.labels, (name) => !ignoring.includes(name));
      return pair(computes || bool ? labels : one.labels, one.value, one.value, other.value);
    }),
  );
}

const asVector = (value: Value): readonly Element[] => (value.kind === 'vector' ? value.elements : []);

const pick = (labels: Labels, keeps: (name: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => keeps(name)));

export const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
