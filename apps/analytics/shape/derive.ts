import { Cell } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { aggregateKey, neededAggregates } from '../question/plan-of-question';
import { MeasureCall } from '../question/measure-call';
import { Point } from './series';

/** What computing a measure of a group's points takes. */
export interface Basis {
  /** Where each aggregate lies in a point's values, by its key. */
  readonly places: ReadonlyMap<string, number>;
  /** How long a point's bucket is. Unit: seconds. */
  readonly secondsOf: (point: Point) => number;
}

export const placesOf = (measures: ReadonlyMap<string, MeasureCall>): ReadonlyMap<string, number> =>
  new Map(neededAggregates({ measures }).map((aggregate, at) => [aggregateKey(aggregate), at]));

/** A measure at each of a group's points, in the order of time. What lacks a value has null for an answer. */
export function derived(call: MeasureCall, points: readonly Point[], basis: Basis): Cell[] {
  switch (call.kind) {
    case 'aggregate': {
      const at = basis.places.get(aggregateKey(call.aggregate)) ?? -1;
      return points.map(({ values }) => values[at] ?? null);
    }
    case 'rate':
      return numbers(call.of, points, basis).map(
        (value, at) => (value === null ? null : finite(value / basis.secondsOf(points[at]!))), // one value a point
      );
    case 'delta':
    case 'increase':
      return numbers(call.of, points, basis).map((value, at, all) => {
        const before = at === 0 ? null : (all[at - 1] ?? null);
        if (value === null || before === null) return null;
        return call.kind === 'increase' && value < before ? value : value - before;
      });
    case 'cumulative':
      return cumulative(numbers(call.of, points, basis));
    case 'moving_avg':
      return movingAverage(numbers(call.of, points, basis), call.rows);
    case 'ratio': {
      const to = numbers(call.to, points, basis);
      return numbers(call.of, points, basis).map((value, at) => {
        const below = to[at] ?? null;
        return value === null || below === null ? null : finite(value / below);
      });
    }
  }
}

/** The type of a measure's column; undefined when it computes with what is no number. */
export function derivedType(
  call: MeasureCall,
  types: readonly ColumnType[],
  basis: Pick<Basis, 'places'>,
): ColumnType | undefined {
  if (call.kind === 'aggregate') return types[basis.places.get(aggregateKey(call.aggregate)) ?? -1];
  const inner = [call.of, ...(call.kind === 'ratio' ? [call.to] : [])].map((one) => derivedType(one, types, basis));
  if (inner.some((type) => type !== 'int' && type !== 'double')) return undefined;
  const keeps = call.kind === 'delta' || call.kind === 'increase' || call.kind === 'cumulative';
  return keeps ? inner[0] : 'double';
}

const numbers = (call: MeasureCall, points: readonly Point[], basis: Basis): (number | null)[] =>
  derived(call, points, basis).map((cell) => (cell === null ? null : Number(cell)));

/** Divided by nothing there is no answer. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function cumulative(values: readonly (number | null)[]): (number | null)[] {
  let total: number | null = null;
  return values.map((value) => {
    if (value !== null) total = (total ?? 0) + value;
    return total;
  });
}

function movingAverage(values: readonly (number | null)[], rows: number): (number | null)[] {
  return values.map((_, at) => {
    const window = values.slice(Math.max(0, at - rows + 1), at + 1).filter((value) => value !== null);
    return window.length === 0 ? null : window.reduce((sum, value) => sum + value, 0) / window.length;
  });
}
