import { RollupSpec, rollupBucketOf } from './rollup';
import { rollupProblems } from './rollup-rules';

const rollup = (given: Partial<RollupSpec> = {}): RollupSpec => ({
  name: 'sums',
  bucket: '1h',
  measures: { n: 'count()' },
  ...given,
});
const daily = rollup({ name: 'daily', bucket: 'day', timezone: 'Europe/Berlin' });
const monthly = rollup({ name: 'monthly', bucket: 'month', timezone: 'Europe/Berlin' });

describe("a pipeline's rollups", () => {
  it('have buckets of a width, or of a unit of the calendar', () => {
    expect(rollupProblems([rollup(), daily, monthly, rollup({ name: 'yearly', bucket: 'year' })])).toEqual([]);
    expect(rollupBucketOf(monthly)).toEqual({ unit: 'month', zone: 'Europe/Berlin' });
    expect(rollupBucketOf(rollup({ bucket: 'week' }))).toEqual({ unit: 'week', zone: 'UTC' });
    expect(rollupBucketOf(rollup({ bucket: 'day' }))).toEqual({ bucketMs: 86_400_000 });
  });

  it.each([
    [rollup({ bucket: '500ms' }), 'bucket', 'is shorter than 1s'],
    [rollup({ timezone: 'Europe/Berlin' }), 'timezone', 'goes with a bucket of the calendar alone'],
    [{ ...monthly, timezone: 'Mars/Olympus' }, 'timezone', '"Mars/Olympus" is no IANA time zone'],
    [rollup({ measures: { n: 'most()' } }), 'measures.n', 'most'],
  ])('say what is wrong: %j', (wrong, member, message) => {
    expect(rollupProblems([wrong])).toEqual([
      { path: `spec.rollups[0].${member}`, message: expect.stringContaining(message) },
    ]);
  });

  it('have a name of their own', () => {
    expect(rollupProblems([daily, daily])).toMatchObject([{ path: 'spec.rollups[1].name' }]);
  });

  it('begin together now and then where rows are not kept for ever', () => {
    const utcDays = rollup({ name: 'utc', bucket: '1d' });
    const weekly = { ...daily, name: 'weekly', bucket: 'week' };
    expect(rollupProblems([rollup(), daily, weekly, monthly], '90d')).toEqual([]);
    expect(rollupProblems([utcDays, monthly])).toEqual([]);
    expect(rollupProblems([rollup(), utcDays, monthly], '90d')).toEqual([
      {
        path: 'spec.rollups[2].bucket',
        message: expect.stringContaining('give days and longer ones the same timezone'),
      },
    ]);
    expect(rollupProblems([weekly, { ...daily, name: 'yearly', bucket: 'year' }], '90d')).toHaveLength(1);
  });
});
