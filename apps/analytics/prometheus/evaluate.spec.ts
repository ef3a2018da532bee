import { evaluate, StoredSeries, Value, Work } from './evaluate';
import { parsePromQl } from './promql';

const SERIES = 100;
const many: StoredSeries[] = Array.from({ length: SERIES }, (_, at) => ({
  labels: { __name__: 'x', host: String(at) },
  times: Array.from({ length: 100 }, (_unused, sample) => sample * 1_000),
  values: Array.from({ length: 100 }, () => at),
}));

const ask = (query: string, limit?: number): Value =>
  evaluate(parsePromQl(query), 100_000, () => many, new Work(limit));

describe('the work of an expression', () => {
  it.each(['clamp_min', 'clamp_max'])('computes the bound of %s once, however deep they nest', (fn) => {
    const nested = Array.from({ length: 10 }).reduce<string>((inner) => `${fn}(x, scalar(${inner}))`, 'sum(x)');
    expect(() => ask(nested, 10_000)).not.toThrow();
  });

  it('ends with a sentence when it takes too much', () => {
    expect(() => ask('rate(x[5m])', 9_000)).toThrow(/Take a wider step/);
    expect(() => ask('rate(x[5m])', 11_000)).not.toThrow();
    expect(() => ask('x + x', 100)).toThrow(expect.objectContaining({ code: 'promql.too_much_work', status: 422 }));
  });

  it('reads at most 20 selectors and 32 levels', () => {
    const selectors = (count: number): string => `max(${'x) + max('.repeat(count - 1)}x)`;
    expect(() => parsePromQl(selectors(20))).not.toThrow();
    expect(() => parsePromQl(selectors(21))).toThrow('at most 20 selectors');
    expect(() => parsePromQl(`${'abs('.repeat(31)}x${')'.repeat(31)}`)).not.toThrow();
    expect(() => parsePromQl(`${'abs('.repeat(32)}x${')'.repeat(32)}`)).toThrow('at most 32 deep');
  });
});
