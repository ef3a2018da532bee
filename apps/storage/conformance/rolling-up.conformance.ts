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

/** What an engine promises that reads rollups unasked. */
export function servesFromRollups(engine: () => Engine): void {
  describe('a question', () => {
    it('is served by a rollup of the same calendar, by its own buckets and by longer ones that these make up', async () => {
      const trial = await Trial.begin(engine());
      const zone = 'Asia/Kathmandu';
      const install = (rollup: string, unit: 'day' | 'month', measures: PlanMeasure[]): Promise<void> =>
        trial.store.installRollup({ ...trial.ref, rollup, unit, zone, by: [], measures });
      await install('days', 'day', [...MEASURES, { name: 'half', fn: 'quantile', column: 'value', q: 0.5 }]);
      await install('months', 'month', [{ name: 'total', fn: 'sum', column: 'value' }]);
      await trial.append(events(0, 4_000)); // some 47 days
      for (const rollup of ['days', 'months']) await trial.rollUp(rollup);
      await trial.append([{ id: 'late', at: '2026-01-07T18:20:00Z', value: 1_000 }]);
      const asked = async (fn: PlanMeasure['fn'], unit: 'day' | 'week' | 'month' | 'year', own = zone) => {
        const q = fn === 'quantile' ? { q: 0.5 } : {};
        const plan = {
          measures: [{ name: 'x', fn, column: 'value', ...q }],
          bucket: { unit, zone: own },
          fromUs: String(Date.parse('2026-01-05T18:00:00Z') * 1_000),
          toUs: String(Date.parse('2026-02-11T06:00:00Z') * 1_000),
        };
        const [answer, raw] = [await trial.query(plan), await trial.query({ ...plan, raw: true })];
        expect(answer.rows).toEqual(raw.rows);
        return answer.usedRollup;
      };
      expect(await asked('quantile', 'day')).toBe('days');
      expect(await asked('quantile', 'week')).toBeUndefined();
      expect(await asked('max', 'week')).toBe('days');
      expect(await asked('max', 'year')).toBe('days');
      expect(await asked('sum', 'day')).toBe('days');
      expect(await asked('sum', 'month')).toBe('days'); // no whole month lies in the range
      expect(await asked('max', 'week', 'Asia/Kolkata')).toBeUndefined();
    });

    it('is served by a rollup where that says what raw rows would, and not where it would not', async () => {
      const trial = await withRollups(engine);
      await trial.append(events(0, 300));
      for (const rollup of ROLLUPS) await trial.rollUp(rollup);
      await trial.append(events(300, 1));
      const ask = (fn: PlanMeasure['fn'], unit?: 'day' | 'month', zone = 'UTC') =>
        trial.query({
          measures: [{ name: 'x', fn, column: 'value' }],
          ...(unit ? { bucket: { unit, zone } } : {}),
          fromUs: String(Date.parse('2026-01-01T00:30:00Z') * 1_000),
        });
      expect((await ask('sum')).usedRollup).toBe('daily');
      expect((await ask('avg', 'month')).usedRollup).toBe('daily');
      expect((await ask('max', 'day', 'Europe/Berlin')).usedRollup).toBe('hourly');
      expect((await ask('max', 'day', 'Asia/Kathmandu')).usedRollup).toBeUndefined();
      expect((await ask('stddev')).usedRollup).toBeUndefined();
      const [own, raw] = [
        await ask('sum', 'day'),
        await trial.query({
          measures: [{ name: 'x', fn: 'sum', column: 'value' }],
          bucket: { unit: 'day' },
          fromUs: String(Date.parse('2026-01-01T00:30:00Z') * 1_000),
          raw: true,
        }),
      ];
      expect(own.rows).toEqual(raw.rows);
      expect(own.rowsScanned).toBeLessThan(raw.rowsScanned);
    });
  });
}
