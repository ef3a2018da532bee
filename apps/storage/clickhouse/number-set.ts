/** Runs that are told as ranges; the rest is told number by number. */
const RANGES_MAX = 1_000;
/** From how many numbers on a range is shorter than its numbers. */
const RANGE_MIN = 3n;

interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * The condition under which a column holds none of these numbers. A replay replaces many appends in a row: as ranges they
 * make a short statement, where their numbers would make one that the engine does not take.
 */
export function noneOfSql(column: string, numbers: readonly bigint[]): string | undefined {
  if (numbers.length === 0) return undefined;
  const ranges = rangesOf(numbers);
  const long = ranges
    .filter(({ from, to }) => to - from + 1n >= RANGE_MIN)
    .sort((one, other) => Number(other.to - other.from - (one.to - one.from)))
    .slice(0, RANGES_MAX);
  const told = new Set(long);
  const rest = ranges.filter((range) => !told.has(range)).flatMap(numbersOf);
  return [
    ...long.map(({ from, to }) => `${column} NOT BETWEEN ${from} AND ${to}`),
    ...(rest.length === 0 ? [] : [`${column} NOT IN (${rest.join(', ')})`]),
  ].join(' AND ');
}

function rangesOf(numbers: readonly bigint[]): Range[] {
  const sorted = [...new Set(numbers)].sort((one, other) => (one < other ? -1 : 1));
  const ranges: { from: bigint; to: bigint }[] = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last && number === last.to + 1n) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges;
}

const numbersOf = ({ from, to }: Range): bigint[] =>
  Array.from({ length: Number(to - from) + 1 }, (_, at) => from + BigInt(at));
