import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Cell, QueryRows } from '#libs/contracts/query-plan';
import { textOf } from '#libs/query/cell-order';

/** One group of an answer in the order of its buckets. */
export interface Series {
  /** Its dimensions, and `other` where there is one. */
  readonly keys: readonly Cell[];
  readonly points: readonly Point[];
}

export interface Point {
  /** The bucket's start in microseconds since 1970 UTC; 0 where there are no buckets. */
  readonly startUs: bigint;
  /** The aggregates, as the plan lists them. */
  readonly values: readonly Cell[];
}

/** How an answer's columns lie: perhaps a bucket, then the keys, then the aggregates. */
export interface Layout {
  readonly bucketed: boolean;
  readonly keys: number;
}

/** An answer's rows by group, each group's in the order of time. */
export function seriesOf({ rows }: Pick<QueryRows, 'rows'>, { bucketed, keys }: Layout): Map<string, Series> {
  const groups = new Map<string, { keys: readonly Cell[]; points: Point[] }>();
  const first = bucketed ? 1 : 0;
  for (const row of rows) {
    const own = row.slice(first, first + keys);
    const name = JSON.stringify(own);
    const group = groups.get(name) ?? { keys: own, points: [] };
    groups.set(name, group);
    const startUs = bucketed ? (microsOfRfc3339(textOf(row[0])) ?? 0n) : 0n;
    group.points.push({ startUs, values: row.slice(first + keys) });
  }
  for (const { points } of groups.values()) points.sort((a, b) => (a.startUs < b.startUs ? -1 : 1));
  return groups;
}
