import { QueryRequest } from '#libs/contracts/analytics.contract';
import { ChartlyError } from '#libs/errors/errors';
import { planOf, requireOneTarget } from './plan-of-question';

const target = { dataset: 'metrics' };
const ask = (question: Partial<QueryRequest>) =>
  planOf({ project: 'default', dataset: 'metrics', ...question }, target);

function fieldsOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    return (thrown.details.fields ?? []).map(({ path }) => path);
  }
}

describe('planOf', () => {
  it('reads times with any offset to the microsecond', () => {
    expect(ask({ from: '2026-01-31T13:00:00.123456+01:00' }).fromUs).toBe('1769860800123456');
    expect(ask({ to: '1969-12-31T23:59:59.5Z' }).toUs).toBe('-500000');
  });

  it('reads buckets, measures and order', () => {
    expect(
      ask({ bucket: '1h', measures: { n: 'count()', p: 'quantile(v, 0.9)' }, order: [{ by: 'n', direction: 'desc' }] }),
    ).toMatchObject({
      bucketMs: 3_600_000,
      measures: [
        { name: 'n', fn: 'count' },
        { name: 'p', fn: 'quantile', column: 'v', q: 0.9 },
      ],
      order: [{ by: 'n', descending: true }],
      limit: 1_000,
    });
  });

  it('names every field that is wrong', () => {
    expect(fieldsOf(() => ask({ from: 'yesterday', bucket: '1 hour', measures: { n: 'most(v)' } }))).toEqual([
      'from',
      'bucket',
      'measures.n',
    ]);
    expect(fieldsOf(() => ask({ dimensions: ['host'] }))).toEqual(['measures']);
    expect(fieldsOf(() => ask({ columns: ['id'], measures: { n: 'count()' } }))).toEqual(['columns']);
  });

  it('wants exactly one of dataset and rollup', () => {
    expect(fieldsOf(() => requireOneTarget({ project: 'default' }))).toEqual(['dataset']);
    expect(fieldsOf(() => requireOneTarget({ project: 'default', dataset: 'a', rollup: 'b' }))).toEqual(['dataset']);
    expect(fieldsOf(() => requireOneTarget({ project: 'default', rollup: 'b' }))).toEqual([]);
  });
});
