import { QueryRequest } from '#libs/contracts/analytics.contract';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { ChartlyError } from '#libs/errors/errors';
import { plainPlan } from './plan-of-question';
import { Question } from './question';
import { readQuestion, requireOneTarget } from './read-question';

const NOW = 1_769_860_800_000_000n; // 2026-01-31T12:00:00Z
const read = (request: Partial<QueryRequest>): Question =>
  readQuestion({ project: 'default', dataset: 'metrics', ...request }, { dataset: 'metrics' }, NOW);

function fieldsOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    return (thrown.details.fields ?? []).map(({ path }) => path);
  }
}

const times = (request: Partial<QueryRequest>): (string | undefined)[] => {
  const { fromUs, toUs } = read(request);
  return [fromUs, toUs].map((us) => (us === undefined ? undefined : rfc3339OfMicros(us)));
};

describe('reading a question', () => {
  it('reads times with any offset to the microsecond', () => {
    expect(read({ from: '2026-01-31T13:00:00.123456+01:00' }).fromUs).toBe(1_769_860_800_123_456n);
    expect(read({ to: '1969-12-31T23:59:59.5Z' }).toUs).toBe(-500_000n);
  });

  it('reads dates by the clocks of the zone, and times relative to now', () => {
    const zone = 'Europe/Berlin';
    expect(times({ from: '2026-07-01', to: '2026-07-01 12:30', zone })).toEqual([
      '2026-06-30T22:00:00.000Z',
      '2026-07-01T10:30:00.000Z',
    ]);
    expect(times({ from: 'now-90m', to: 'now' })).toEqual(['2026-01-31T10:30:00.000Z', '2026-01-31T12:00:00.000Z']);
    expect(times({ from: 'now-7d/d', to: 'now/h', zone })).toEqual([
      '2026-01-23T23:00:00.000Z',
      '2026-01-31T12:00:00.000Z',
    ]);
    expect(times({ from: 'now-1M/M', to: 'now/M' })).toEqual(['2025-12-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']);
    for (const from of ['now-999999y', 'now--1d', '2026-02-30', 'yesterday', 'now-1x']) {
      expect(fieldsOf(() => read({ from }))).toEqual(['from']);
    }
  });

  it('reads buckets, measures and order', () => {
    const question = read({
      bucket: '1h',
      measures: { n: 'count()', p: 'quantile(v, 0.9)', q: 'quantiles(payload.size, 0.5, 0.999)' },
      order: [{ by: 'n', direction: 'desc' }],
    });
    expect(plainPlan(question)).toMatchObject({
      bucket: { widthMs: 3_600_000 },
      measures: [
        { name: 'n', fn: 'count' },
        { name: 'p', fn: 'quantile', column: 'v', q: 0.9 },
        { name: 'q_p50', fn: 'quantile', column: 'payload.size', q: 0.5 },
        { name: 'q_p99_9', fn: 'quantile', column: 'payload.size', q: 0.999 },
      ],
      order: [{ by: 'n', descending: true }],
      limit: 1_000,
    });
    expect(read({ bucket: 'month', zone: 'Asia/Tokyo', measures: { n: 'count()' } }).bucket).toEqual({
      kind: 'calendar',
      unit: 'month',
      zone: 'Asia/Tokyo',
    });
  });

  it('compares with a period as long by the calendar', () => {
    const { before } = read({
      from: '2026-03-01',
      to: '2026-04-01',
      zone: 'Europe/Berlin',
      compare: '1 month',
      measures: { n: 'count()' },
    });
    expect([before!.fromUs, before!.toUs].map(rfc3339OfMicros)).toEqual([
      '2026-01-31T23:00:00.000Z',
      '2026-02-28T23:00:00.000Z',
    ]);
  });

  it('names every field that is wrong', () => {
    expect(fieldsOf(() => read({ from: 'yesterday', bucket: '1 hour', measures: { n: 'most(v)' } }))).toEqual([
      'from',
      'bucket',
      'measures.n',
    ]);
    expect(fieldsOf(() => read({ dimensions: ['host'] }))).toEqual(['measures']);
    expect(fieldsOf(() => read({ columns: ['id'], measures: { n: 'count()' } }))).toEqual(['columns']);
    expect(fieldsOf(() => read({ fill: 'zero', measures: { n: 'count()' } }))).toEqual(['fill']);
    expect(fieldsOf(() => read({ compare: '1d', measures: { n: 'count()' } }))).toEqual(['compare']);
    expect(fieldsOf(() => read({ zone: 'Mars/Base' }))).toEqual(['zone']);
    expect(
      fieldsOf(() => read({ top: { by: 'x', count: 1 }, dimensions: ['host'], measures: { n: 'count()' } })),
    ).toEqual(['top.by']);
  });

  it.each([
    'sum()',
    'sum(a, b)',
    'quantile(v)',
    'quantile(v, 2)',
    'rate()',
    'rate(sum(v), 2)',
    'ratio(sum(v))',
    'count(',
  ])('refuses the measure %s with a sentence', (call) =>
    expect(fieldsOf(() => read({ measures: { n: call } }))).toEqual(['measures.n']),
  );

  it('wants exactly one of dataset and rollup', () => {
    expect(fieldsOf(() => requireOneTarget({ project: 'default' }))).toEqual(['dataset']);
    expect(fieldsOf(() => requireOneTarget({ project: 'default', dataset: 'a', rollup: 'b' }))).toEqual(['dataset']);
    expect(fieldsOf(() => requireOneTarget({ project: 'default', rollup: 'b' }))).toEqual([]);
  });
});
