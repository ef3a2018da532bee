import { Fill } from '#libs/contracts/analytics.contract';
import { Cell } from '#libs/contracts/query-plan';
import { Point } from './series';

/**
 * A group's points, one for each of `starts`: those that are missing hold what `fill` says. `linear` lies on the line
 * between the numbers before and after, by time; before the first and after the last there is none.
 */
export function filled(
  points: readonly Point[],
  starts: readonly bigint[],
  fill: Fill,
  isNumber: readonly boolean[],
): Point[] {
  const known = new Map(points.map((point) => [point.startUs, point]));
  const all = starts.map((startUs) => known.get(startUs) ?? { startUs, values: undefined });
  return all.map(({ startUs, values }, at) => {
    if (values) return { startUs, values };
    return { startUs, values: isNumber.map((numeric, measure) => missing(all, at, measure, fill, numeric)) };
  });
}

interface Place {
  readonly startUs: bigint;
  readonly values: readonly Cell[] | undefined;
}

function missing(all: readonly Place[], at: number, measure: number, fill: Fill, numeric: boolean): Cell {
  if (fill === 'zero') return numeric ? 0 : null;
  if (fill === 'null') return null;
  const before = nearest(all, at, measure, -1);
  if (fill === 'previous' || !before) return fill === 'previous' ? (before?.cell ?? null) : null;
  const after = nearest(all, at, measure, 1);
  if (!after || !numeric) return null;
  const share = Number(all[at]!.startUs - before.startUs) / Number(after.startUs - before.startUs); // `at` is in it
  return Number(before.cell) + (Number(after.cell) - Number(before.cell)) * share;
}

/** The nearest point with a value on one side. */
function nearest(
  all: readonly Place[],
  from: number,
  measure: number,
  step: 1 | -1,
): { readonly startUs: bigint; readonly cell: Cell } | undefined {
  for (let at = from + step; at >= 0 && at < all.length; at += step) {
    const { values, startUs } = all[at]!; // within
    const cell = values?.[measure] ?? null;
    if (cell !== null) return { startUs, cell };
  }
  return undefined;
}
