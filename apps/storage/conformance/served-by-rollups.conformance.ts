import { ColumnDef } from '#libs/contracts/columns';
import { Cell, PlanMeasure, QueryPlan, QueryRows } from '#libs/contracts/query-plan';
import { Engine, Row, Trial } from './trial.conformance';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const HALF_PAST = String((START + HOUR_MS / 2) * 1_000);

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'kind', type: 'string', nullable: true },
  { name: 'value', type: 'int', nullable: true },
  { name: 'load', type: 'double', nullable: false },
];
const COUNTS: PlanMeasure[] = [
  { name: 'n', fn: 'count' },
  { name: 'values', fn: 'count', column: 'value' },
  { name: 'total', fn: 'sum', column: 'value' },
  { name: 'least', fn: 'min', column: 'value' },
  { name: 'most', fn: 'max', column: 'value' },
  { name: 'loads', fn: 'sum', column: 'load' },
];
const LAST: PlanMeasure = { name: 'newest', fn: 'last', column: 'value' };

const events = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, own) => {
    const at = from + own;
    return {
      id: `e${at}`,
      at: new Date(START + at * 17 * 60_000).toISOString(),
      kind: [null, 'a', 'b', 'c'][at % 4],
      value: at % 7 === 0 ? null : (at % 13) - 5,
      load: (at % 11) / 3,
    };
  });

/** Rollups by the hour and the day, and by the hour and the kind; the last rows of all came after they were computed. */
async function withRollups(engine: Engine): Promise<Trial> {
  const trial = await Trial.begin(engine, { columns: COLUMNS });
  const rollups = [
    ['hourly', HOUR_MS, [], [...COUNTS, LAST]],
    ['daily', 24 * HOUR_MS, [], COUNTS],
    ['by_kind', HOUR_MS, ['kind'], COUNTS],
  ] as const;
  for (const [rollup, bucketMs, by, measures] of rollups) {
    await trial.store.installRollup({ ...trial.ref, rollup, bucketMs, by: [...by], measures: [...measures] });
  }
  await trial.append(events(0, 300));
  for (const [rollup] of rollups) await trial.rollUp(rollup);
  await trial.append(events(300, 20));
  return trial;
}

/** The same to the last digit, but for doubles that were added up in another order. */
function alike(own: Cell | undefined, raw: Cell | undefined): boolean {
  if (typeof own !== 'number' || typeof raw !== 'number') return own === raw;
  return Math.abs(own - raw) <= 1e-12 * Math.max(1, Math.abs(raw));
}

async function both(trial: Trial, plan: Partial<QueryPlan>): Promise<QueryRows> {
  const [own, raw] = [await trial.query(plan), await trial.query({ ...plan, raw: true })];
  expect(raw.usedRollup).toBeUndefined();
  expect(own.columns).toEqual(raw.columns);
  expect(own.coverage).toEqual(raw.coverage);
  const differing = own.rows.filter((row, at) => !row.every((cell, place) => alike(cell, raw.rows[at]?.[place])));
  expect([own.rows.length, differing]).toEqual([raw.rows.length, []]);
  return own;
}

/** Questions that a rollup says the answer of, unasked. */
export function servesFromRollups(engine: () => Engine): void {
  describe('a question that a rollup answers', () => {
    const x = (fn: PlanMeasure['fn'], column = 'value'): PlanMeasure[] => [{ name: 'x', fn, column }];

    it('is served by the one with the fewest rows that says what raw rows would, and by none that would not', async () => {
      const trial = await withRollups(engine());
      const used = async (plan: Partial<QueryPlan>): Promise<string | undefined> =>
        (await both(trial, { fromUs: HALF_PAST, ...plan })).usedRollup;
      const day = (zone: string): Partial<QueryPlan> => ({ bucket: { unit: 'day', zone } });
      expect(await used({ measures: x('sum') })).toBe('daily');
      expect(await used({ measures: x('avg'), bucket: { unit: 'month' } })).toBe('daily');
      expect(await used({ measures: x('max'), ...day('Europe/Berlin') })).toBe('hourly');
      expect(await used({ measures: x('max'), dimensions: ['kind'] })).toBe('by_kind');
      expect(await used({ measures: x('last'), bucket: { widthMs: HOUR_MS } })).toBe('hourly');
      expect(await used({ measures: x('last') })).toBeUndefined();
      expect(await used({ measures: x('max'), ...day('Asia/Kathmandu') })).toBeUndefined();
      expect(await used({ measures: x('stddev') })).toBeUndefined();
      expect(await used({ measures: x('max'), dimensions: ['id'] })).toBeUndefined();
      expect(await used({ measures: x('max'), bucket: { widthMs: 1_000 } })).toBeUndefined();
    });

    it('is served by a rollup of the same calendar, by its own buckets and by longer ones that these make up', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS });
      const zone = 'Asia/Kathmandu';
      const install = (rollup: string, unit: 'day' | 'month', measures: PlanMeasure[]): Promise<void> =>
        trial.store.installRollup({ ...trial.ref, rollup, unit, zone, by: [], measures });
      await install('days', 'day', [...COUNTS, { name: 'half', fn: 'quantile', column: 'value', q: 0.5 }]);
      await install('months', 'month', [{ name: 'total', fn: 'sum', column: 'value' }]);
      await trial.append(events(0, 4_000)); // some 47 days
      for (const rollup of ['days', 'months']) await trial.rollUp(rollup);
      await trial.append([{ id: 'late', at: '2026-01-07T18:20:00Z', value: 1_000, load: 1 }]);
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

    it('has the answer that raw rows have: over cut ends, dirty buckets, filters, groups and the rest of them', async () => {
      const trial = await withRollups(engine());
      const measures = [...COUNTS, { name: 'mean', fn: 'avg', column: 'load' } as const];
      const plans: Partial<QueryPlan>[] = [
        {},
        { fromUs: HALF_PAST },
        { fromUs: HALF_PAST, toUs: String((START + 50.5 * HOUR_MS) * 1_000), bucket: { widthMs: 6 * HOUR_MS } },
        { bucket: { unit: 'week', zone: 'Europe/Berlin' } },
        { dimensions: ['kind'], bucket: { widthMs: 24 * HOUR_MS } },
        { dimensions: ['kind'], having: [{ column: 'n', op: 'gt', value: 79 }] },
        { dimensions: ['kind'], order: [{ by: 'total', descending: true }], limit: 2 },
        {
          filters: [
            {
              or: [
                { column: 'kind', op: 'eq', value: 'a' },
                { column: 'kind', op: 'is_null' },
              ],
            },
          ],
        },
        { filters: [{ column: 'kind', op: 'eq', value: 'nobody' }] },
        { dimensions: ['kind'], groups: { groups: [['a'], [null]], fold: true }, bucket: { unit: 'day' } },
        { dimensions: ['kind'], groups: { groups: [['b']], fold: false } },
      ];
      for (const plan of plans) {
        const own = await both(trial, { measures, ...plan });
        expect(own.usedRollup).toBeDefined();
      }
      const whole = await trial.query({ measures });
      expect(whole).toMatchObject({ usedRollup: 'daily' });
      expect(whole.repairedBuckets).toBeGreaterThan(0);
      expect(whole.rowsScanned).toBeLessThan((await trial.query({ measures, raw: true })).rowsScanned);
    });

    it('says nothing of rows that are kept no more', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS, retainMs: 24 * HOUR_MS });
      await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: HOUR_MS, by: [], measures: COUNTS });
      await trial.append(events(0, 200));
      expect(await trial.store.expire(BigInt(START + 48.5 * HOUR_MS) * 1_000n)).toBeGreaterThan(0);
      for (const plan of [{}, { bucket: { widthMs: HOUR_MS } }, { fromUs: HALF_PAST }]) {
        expect((await both(trial, { measures: COUNTS, ...plan })).usedRollup).toBe('hourly');
      }
      expect((await trial.query({ rollup: 'hourly' })).rows.length).toBeGreaterThan(40);
    });
  });
}
