/** Samples of one series in the order of time; milliseconds since 1970. */
export interface Samples {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

type OverTime = (samples: Samples, startMs: number, endMs: number) => number | undefined;

/** Functions of a range selector, as Prometheus computes them (promql/functions.go); undefined where there is no answer. */
export const OVER_TIME: Readonly<Record<string, OverTime>> = {
  rate: (samples, start, end) => extrapolated(samples, start, end, { counter: true, perSecond: true }),
  increase: (samples, start, end) => extrapolated(samples, start, end, { counter: true, perSecond: false }),
  delta: (samples, start, end) => extrapolated(samples, start, end, { counter: false, perSecond: false }),
  irate: (samples) => lastTwo(samples, (before, after, seconds) => (after < before ? after : after - before) / seconds),
  idelta: (samples) => lastTwo(samples, (before, after) => after - before),
  avg_over_time: ({ values }) => some(values, (all) => sum(all) / all.length),
  sum_over_time: ({ values }) => some(values, sum),
  min_over_time: ({ values }) => some(values, (all) => all.reduce((a, b) => Math.min(a, b))),
  max_over_time: ({ values }) => some(values, (all) => all.reduce((a, b) => Math.max(a, b))),
  count_over_time: ({ values }) => some(values, (all) => all.length),
  last_over_time: ({ values }) => values.at(-1),
  present_over_time: ({ values }) => some(values, () => 1),
  changes: ({ values }) => some(values, (all) => all.filter((value, at) => at > 0 && value !== all[at - 1]).length),
  resets: ({ values }) => some(values, (all) => all.filter((value, at) => at > 0 && value < all[at - 1]!).length),
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const some = (values: readonly number[], of: (values: readonly number[]) => number): number | undefined =>
  values.length === 0 ? undefined : of(values);

function lastTwo(
  { times, values }: Samples,
  of: (before: number, after: number, seconds: number) => number,
): number | undefined {
  const [before, after] = values.slice(-2);
  const [from, to] = times.slice(-2);
  if (before === undefined || after === undefined || from === undefined || to === undefined) return undefined;
  return of(before, after, (to - from) / 1_000);
}

/** What the samples say of the whole range: they are extrapolated to its ends where they come near enough. */
function extrapolated(
  { times, values }: Samples,
  startMs: number,
  endMs: number,
  { counter, perSecond }: { readonly counter: boolean; readonly perSecond: boolean },
): number | undefined {
  if (values.length < 2) return undefined;
  const [first, last] = [values[0]!, values.at(-1)!];
  const drops = counter ? sum(values.map((value, at) => (at > 0 && value < values[at - 1]! ? values[at - 1]! : 0))) : 0;
  const result = last - first + drops;
  const sampled = (times.at(-1)! - times[0]!) / 1_000;
  const between = sampled / (values.length - 1);
  let toStart = (times[0]! - startMs) / 1_000;
  const toEnd = (endMs - times.at(-1)!) / 1_000;
  if (counter && result > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / result));
  const near = between * 1.1;
  const whole = sampled + (toStart < near ? toStart : between / 2) + (toEnd < near ? toEnd : between / 2);
  return (result * (whole / sampled)) / (perSecond ? (endMs - startMs) / 1_000 : 1);
}
