import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { microsOfRfc3339, rfc3339OfMicros } from '#libs/calendar/instants';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { InstallDataset } from '#libs/contracts/storage.contract';
import { BUCKET_UNITS, BucketUnit } from '#libs/documents/bucket-units';
import { Engine, refusal, Row, Trial } from './trial.conformance';

const RUNS = 8;
/** A slow engine stops looking for a smaller history that fails. */
const SHRINKING_MS = 120_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const COLUMNS: InstallDataset['columns'] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'version', type: 'int', nullable: false },
  { name: 'value', type: 'int', nullable: false },
];
const MEASURES: PlanMeasure[] = [
  { name: 'n', fn: 'count' },
  { name: 'sum', fn: 'sum', column: 'value' },
];

/** Zones, each with a night in which its clocks do something. */
const NIGHTS: readonly (readonly [zone: string, near: string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-31T23:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'], // a day without midnight
  ['America/St_Johns', '2010-11-07T02:31:00Z'], // back over midnight, a minute into the next day
  ['Pacific/Apia', '2011-12-30T10:00:00Z'], // a day left out
  ['Asia/Kathmandu', '1985-12-31T18:30:00Z'],
  ['Australia/Lord_Howe', '1969-12-31T14:00:00Z'],
];

interface ReferenceRow {
  readonly id: string;
  readonly atMs: number;
  readonly version: number;
  readonly value: number;
}

type Step =
  | { readonly do: 'append'; readonly rows: readonly (Omit<ReferenceRow, 'atMs'> & { readonly minutes: number })[] }
  | { readonly do: 'roll up'; readonly rollup: string; readonly buckets: number }
  | { readonly do: 'erase'; readonly id: string }
  | { readonly do: 'reopen' };

const minutes = fc.oneof(
  fc.integer({ min: -180, max: 180 }),
  fc.integer({ min: -3 * 1_440, max: 3 * 1_440 }),
  fc.integer({ min: -500 * 1_440, max: 500 * 1_440 }),
);
const row = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  minutes,
  version: fc.integer({ min: 0, max: 6 }),
  value: fc.integer({ min: -50, max: 50 }),
});
const ROLLUPS = ['hourly', 'daily', 'monthly', 'yearly', 'weekly'];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), rows: fc.array(row, { maxLength: 12 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('roll up' as const),
      rollup: fc.constantFrom(...ROLLUPS),
      buckets: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), id: fc.constantFrom('a', 'b') }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);

/** What rollups by the calendar promise, against days as plain as they can be told. */
export function rollsUpByCalendar(engine: () => Engine): void {
  describe('a rollup by the calendar of a zone', () => {
    it('has days of 23 and 25 hours, and is brought up to date by the buckets that changed', async () => {
      const trial = await Trial.begin(engine());
      const rollup = { ...trial.ref, rollup: 'daily', unit: 'day' as const, zone: 'Europe/Berlin', by: [] };
      await trial.store.installRollup({ ...rollup, measures: [{ name: 'n', fn: 'count' }] });
      const everyHour = Array.from({ length: 72 }, (_, hour) => ({
        id: `h${hour}`,
        at: new Date(Date.parse('2026-03-27T23:30:00Z') + hour * HOUR_MS).toISOString(),
      }));
      await trial.append(everyHour);
      await trial.rollUp('daily');
      const days = [
        ['2026-03-27T23:00:00.000Z', 24],
        ['2026-03-28T23:00:00.000Z', 23],
        ['2026-03-29T22:00:00.000Z', 24],
        ['2026-03-30T22:00:00.000Z', 1],
      ];
      expect(await trial.query({ rollup: 'daily' })).toMatchObject({ rows: days, repairedBuckets: 0 });
      await trial.append([{ id: 'late', at: '2026-03-29T21:59:59.999999Z' }]);
      const revised = await trial.query({ rollup: 'daily', bucket: { unit: 'day', zone: 'Europe/Berlin' } });
      expect(revised).toMatchObject({ rows: days.map(([day, n], at) => [day, at === 1 ? 24 : n]), repairedBuckets: 1 });
      const another = trial.query({ rollup: 'daily', bucket: { unit: 'day' } });
      expect(await refusal(another)).toMatchObject({ message: expect.stringContaining('a day of Europe/Berlin') });
    });

    it('takes rows out at the start of a month by its clocks, and keeps what it says of them', async () => {
      const trial = await Trial.begin(engine(), { retainMs: DAY_MS });
      const monthly = { ...trial.ref, rollup: 'monthly', unit: 'month' as const, zone: 'Europe/Berlin', by: [] };
      await trial.store.installRollup({ ...monthly, measures: [{ name: 'n', fn: 'count' }] });
      const us = (text: string): bigint => microsOfRfc3339(text) ?? 0n;
      await trial.append([
        { id: 'march', at: '2026-03-31T21:59:59Z' },
        { id: 'april', at: '2026-03-31T22:00:00Z' },
        { id: 'may', at: '2026-04-30T22:00:00Z' },
      ]);
      await trial.store.expire(us('2026-04-30T12:00:00Z'));
      expect(await trial.totals()).toMatchObject({ expired: 1, held: 2 });
      expect((await trial.rows(['id'])).flat()).toEqual(['april', 'may']);
      await trial.append([{ id: 'later', at: '2026-04-02T00:00:00Z' }]);
      await trial.rollUp('monthly');
      expect((await trial.query({ rollup: 'monthly' })).rows).toEqual([
        ['2026-02-28T23:00:00.000Z', 1],
        ['2026-03-31T22:00:00.000Z', 2],
        ['2026-04-30T22:00:00.000Z', 1],
      ]);
      const verified = await trial.store.verifyRollup({ ...trial.ref, rollup: 'monthly' });
      expect(verified).toMatchObject({ mismatches: 0, buckets: 2 });
    });

    it('says what rows say after any history, in every zone, and so does every question of its calendar', async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...NIGHTS), fc.array(step, { minLength: 1, maxLength: 8 }), (night, steps) =>
          agree(engine(), night, steps),
        ),
        { numRuns: RUNS, interruptAfterTimeLimit: SHRINKING_MS, markInterruptAsFailure: false },
      );
    });
  });
}

async function agree(engine: Engine, [zone, near]: (typeof NIGHTS)[number], steps: readonly Step[]): Promise<void> {
  const trial = await Trial.begin(engine, { columns: COLUMNS, mode: 'merge', versionColumn: 'version' });
  const install = (rollup: string, bucket: { bucketMs: number } | { unit: BucketUnit; zone: string }): Promise<void> =>
    trial.store.installRollup({ ...trial.ref, rollup, ...bucket, by: ['id'], measures: MEASURES });
  await install('hourly', { bucketMs: HOUR_MS });
  await install('daily', { unit: 'day', zone });
  await install('monthly', { unit: 'month', zone });
  await install('yearly', { unit: 'year', zone });
  const rows = new Map<string, ReferenceRow>();
  let isBackfilled = false;
  for (const each of steps) {
    switch (each.do) {
      case 'append': {
        const arriving = each.rows.map(({ minutes: after, ...rest }) => ({
          ...rest,
          atMs: Date.parse(near) + after * MINUTE_MS,
        }));
        await trial.append(arriving.map(asRow));
        for (const one of arriving) if (one.version > (rows.get(one.id)?.version ?? -1)) rows.set(one.id, one);
        break;
      }
      case 'roll up':
        if (each.rollup === 'weekly' && !isBackfilled) await install('weekly', { unit: 'week', zone });
        isBackfilled ||= each.rollup === 'weekly';
        await trial.rollUp(each.rollup, each.buckets);
        break;
      case 'erase': {
        const filters = [{ column: 'id', op: 'eq' as const, value: each.id }];
        await trial.store.erase({ ...trial.ref, eraseId: randomUUID(), filters });
        rows.delete(each.id);
        break;
      }
      case 'reopen':
        await engine.reopen();
    }
  }
  const live = [...rows.values()];
  const kept = { day: 'daily', month: 'monthly', year: 'yearly', ...(isBackfilled ? { week: 'weekly' } : {}) };
  for (const [unit, rollup] of Object.entries(kept) as [BucketUnit, string][]) {
    const answer = await trial.query({ rollup });
    expect(labelled(answer.rows, zone, unit)).toEqual(expected(live, zone, unit));
    expect(await trial.store.verifyRollup({ ...trial.ref, rollup })).toMatchObject({ mismatches: 0, examples: [] });
  }
  for (const unit of BUCKET_UNITS) {
    const fromMs = Date.parse(near) - 40 * DAY_MS - 90 * MINUTE_MS;
    const asked = { bucket: { unit, zone }, dimensions: ['id'], measures: MEASURES, fromUs: `${fromMs}000` };
    const answer = await trial.query(asked);
    const later = live.filter(({ atMs }) => atMs >= fromMs);
    expect(labelled(answer.rows, zone, unit)).toEqual(expected(later, zone, unit));
  }
}

const asRow = ({ id, atMs, version, value }: ReferenceRow): Row => ({
  id,
  at: BigInt(atMs) * 1_000n,
  version,
  value,
});

/** Rows of an answer by the names of their buckets; each bucket must begin where its name does. */
function labelled(rows: readonly (readonly unknown[])[], zone: string, unit: BucketUnit): string[] {
  return rows
    .map(([bucket, ...rest]) => {
      const startMs = Number((microsOfRfc3339(String(bucket)) ?? 0n) / 1_000n);
      const label = labelOf(zone, unit, startMs);
      const before = labelOf(zone, unit, startMs - 1_000);
      if (before >= label)
        throw new Error(`${rfc3339OfMicros(BigInt(startMs) * 1_000n)} begins no ${unit} of ${zone}.`);
      return JSON.stringify([label, ...rest]);
    })
    .sort();
}

function expected(rows: readonly ReferenceRow[], zone: string, unit: BucketUnit): string[] {
  const groups = new Map<string, { readonly group: string[]; readonly values: number[] }>();
  for (const { id, atMs, value } of rows) {
    const group = [labelOf(zone, unit, atMs), id];
    const kept = groups.get(group.join()) ?? { group, values: [] };
    kept.values.push(value);
    groups.set(group.join(), kept);
  }
  return [...groups.values()]
    .map(({ group, values }) => JSON.stringify([...group, values.length, values.reduce((sum, one) => sum + one, 0)]))
    .sort();
}

/** The name of the bucket that an instant falls in: of the latest day that the zone's clocks have shown by then. */
function labelOf(zone: string, unit: BucketUnit, ms: number): string {
  const recent = Array.from({ length: 121 }, (_, minute) => dayShown(zone, ms - minute * MINUTE_MS));
  const day = recent.reduce((latest, one) => (one > latest ? one : latest));
  const [year, month] = day.split('-');
  switch (unit) {
    case 'day':
      return day;
    case 'week': {
      const date = new Date(`${day}T00:00:00Z`);
      return new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
    }
    case 'month':
      return `${year}-${month}`;
    case 'quarter':
      return `${year}-q${Math.ceil(Number(month) / 3)}`;
    case 'year':
      return year ?? '';
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dayShown(zone: string, ms: number): string {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  formats.set(zone, format);
  return format.format(ms);
}
