import { PlanMeasure } from '#libs/contracts/query-plan';
import { Engine, Row, Trial } from './trial.conformance';

const HOUR_MS = 3_600_000;
const MEASURES: PlanMeasure[] = [
  { name: 'n', fn: 'count' },
  { name: 'values', fn: 'count', column: 'value' },
  { name: 'total', fn: 'sum', column: 'value' },
  { name: 'least', fn: 'min', column: 'value' },
  { name: 'most', fn: 'max', column: 'value' },
];

const events = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `e${from + at}`,
    at: new Date(Date.UTC(2026, 0, 1) + (from + at) * 17 * 60_000).toISOString(),
    value: (from + at) % 7 === 0 ? null : (from + at) % 13,
  }));
const withRollups = async (engine: () => Engine): Promise<Trial> => {
  const trial = await Trial.begin(engine());
  for (const [rollup, bucketMs, measures] of [
    ['hourly', HOUR_MS, MEASURES],
    ['daily', 24 * HOUR_MS, [...MEASURES, { name: 'mean', fn: 'avg', column: 'value' }]],
    ['weekly', 168 * HOUR_MS, [{ name: 'half', fn: 'quantile', column: 'value', q: 0.5 }]],
  ] as const) {
    await trial.store.installRollup({ ...trial.ref, rollup, bucketMs, by: [], measures: [...measures] });
  }
  return trial;
};
const ROLLUPS = ['hourly', 'daily', 'weekly'];

/** What keeping rollups promises, one sentence each. */
export function rollsUp(engine: () => Engine): void {
  describe('a rollup', () => {
    it('agrees with raw rows after appends, late rows and any order of upkeep, also where it is made of a finer one', async () => {
      const trial = await withRollups(engine);
      await trial.append(events(0, 500));
      for (const rollup of ROLLUPS) await trial.rollUp(rollup);
      await trial.append(events(300, 400)); // some of them again, some late, some new
      await trial.rollUp('daily', 2); // the hourly one that it is made of is dirty now
      await trial.rollUp('hourly', 30);
      for (const rollup of ROLLUPS) {
        const verified = await trial.store.verifyRollup({ ...trial.ref, rollup });
        expect(verified).toMatchObject({ mismatches: 0, examples: [] });
        await trial.rollUp(rollup);
        const whole = await trial.store.verifyRollup({ ...trial.ref, rollup });
        expect(whole).toMatchObject({ mismatches: 0, dirtyBuckets: 0 });
        expect(whole.buckets).toBeGreaterThan(0);
      }
    });

    it('is filled newest first when it is added to old data, and tells how far it is', async () => {
      const trial = await Trial.begin(engine());
      await trial.append(events(0, 200));
      await trial.store.installRollup({
        ...trial.ref,
        rollup: 'hourly',
        bucketMs: HOUR_MS,
        by: [],
        measures: MEASURES,
      });
      const state = async (): Promise<{ dirtyBuckets: number; cleanBuckets?: number }> =>
        (await trial.store.rollups({ project: trial.ref.project, progress: true })).rollups.find(
          ({ dataset }) => dataset === trial.ref.dataset,
        )!;
      const { dirtyBuckets } = await state();
      expect(await state()).toMatchObject({ cleanBuckets: 0 });
      await trial.rollUp('hourly', 10);
      expect(await state()).toMatchObject({ dirtyBuckets: dirtyBuckets - 10, cleanBuckets: 10 });
      const { rows, repairedBuckets } = await trial.query({ rollup: 'hourly' });
      expect(repairedBuckets).toBe(dirtyBuckets - 10);
      expect(rows.length).toBe(dirtyBuckets);
      const newest = await trial.query({
        rollup: 'hourly',
        fromUs: String(Date.parse('2026-01-03T00:00:00Z') * 1_000),
      });
      expect(newest.repairedBuckets).toBeLessThan(repairedBuckets);
    });
  });
}
