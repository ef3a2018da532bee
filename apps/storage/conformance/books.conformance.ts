import fc from 'fast-check';
import { IMPORT_PREFIX } from '#libs/contracts/append-id';
import { InstallDataset } from '#libs/contracts/storage.contract';
import { ReferenceDataset, ReferenceMode, ReferenceRow } from './reference.conformance';
import { Engine, Row, Trial } from './trial.conformance';

const HOUR_US = 3_600_000_000n;
const RUNS = 20;
/** A slow engine stops looking for a smaller history that fails. */
const SHRINKING_MS = 120_000;

const COLUMNS: InstallDataset['columns'] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'version', type: 'int', nullable: false },
  { name: 'deleted', type: 'bool', nullable: true },
  { name: 'value', type: 'int', nullable: false },
];

const MODES: Readonly<Record<ReferenceMode, Partial<InstallDataset>>> = {
  time: {},
  key: { dedupe: 'key' },
  version: { mode: 'merge', versionColumn: 'version', deletedColumn: 'deleted' },
};

const row = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'é', '𝄞'),
  hour: fc.integer({ min: -2, max: 5 }),
  version: fc.integer({ min: 0, max: 6 }),
  deleted: fc.boolean(),
  value: fc.integer({ min: 0, max: 100 }),
});

type Step =
  | { readonly do: 'append'; readonly batches: readonly (readonly ReferenceRow[])[] }
  | { readonly do: 'repeat' | 'replace'; readonly back: number; readonly rows: readonly ReferenceRow[] }
  | { readonly do: 'roll up' | 'reopen' };

const rows = fc.array(row, { maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      batches: fc.array(rows, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('repeat' as const, 'replace' as const), back: fc.nat(5), rows }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'roll up' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);

/** Random histories against the reference: every receipt, every row, every rollup and the dataset's line agree. */
export function booksBalance(engine: () => Engine): void {
  describe('the books', () => {
    it('tell the rows of imports from those of pipelines', async () => {
      const trial = await Trial.begin(engine());
      const event = (id: string): Row => ({ id, at: '2026-01-01T00:00:00Z', value: 1 });
      await trial.append([event('a')], { appendId: 'batch/1/1' });
      expect(await trial.totals()).not.toHaveProperty('imported');
      await trial.append([event('a'), event('b'), event('c')], { appendId: `${IMPORT_PREFIX}x` });
      expect(await trial.totals()).toMatchObject({ stored: 3, held: 3, imported: 2 });
    });

    it.each<ReferenceMode>(['time', 'key', 'version'])(
      'balance after any history of appends, repetitions and replays, for identity by %s',
      async (mode) => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => agree(engine(), mode, steps)),
          { numRuns: RUNS, interruptAfterTimeLimit: SHRINKING_MS, markInterruptAsFailure: false },
        );
      },
    );
  });
}

async function agree(engine: Engine, mode: ReferenceMode, steps: readonly Step[]): Promise<void> {
  const trial = await Trial.begin(engine, { columns: COLUMNS, ...MODES[mode] });
  const measures = [
    { name: 'n', fn: 'count' as const },
    { name: 'sum', fn: 'sum' as const, column: 'value' },
  ];
  await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: 3_600_000, by: ['id'], measures });
  const reference = new ReferenceDataset(mode);
  const ids: string[] = [];
  const newId = (): string => ids[ids.push(`batch-${ids.length}`) - 1]!;
  for (const each of steps) {
    if (each.do === 'append') {
      const named = each.batches.map((batch) => ({ id: newId(), batch }));
      const got = await Promise.all(named.map(({ id, batch }) => trial.append(batch.map(asRow), { appendId: id })));
      expect(got).toEqual(named.map(({ id, batch }) => reference.append(id, batch)));
    } else if (each.do === 'repeat' || each.do === 'replace') {
      const earlier = ids.at(-1 - each.back);
      if (earlier === undefined) continue;
      const replaces = each.do === 'replace' ? [earlier] : [];
      const id = each.do === 'replace' ? newId() : earlier;
      const got = await trial.append(each.rows.map(asRow), {
        appendId: id,
        ...(replaces.length > 0 ? { replaces } : {}),
      });
      expect(got).toEqual(reference.append(id, each.rows, replaces));
    } else if (each.do === 'roll up') {
      await trial.rollUp('hourly', 3);
    } else {
      await engine.reopen();
    }
    expect(await trial.totals()).toEqual(reference.totals());
  }
  expect(await liveRows(trial)).toEqual(expectedRows(reference));
  expect(await hourly(trial)).toEqual(expectedHourly(reference));
}

const asRow = ({ id, hour, version, deleted, value }: ReferenceRow): Row => ({
  id,
  at: BigInt(hour) * HOUR_US,
  version,
  deleted: deleted ? true : null,
  value,
});

const timeOf = (hour: number): string => new Date(hour * 3_600_000).toISOString();

async function liveRows(trial: Trial): Promise<string[]> {
  return (await trial.rows(['id', 'at', 'version', 'value'])).map((cells) => JSON.stringify(cells)).sort();
}

const expectedRows = (reference: ReferenceDataset): string[] =>
  reference
    .live()
    .map(({ id, hour, version, value }) => JSON.stringify([id, timeOf(hour), version, value]))
    .sort();

async function hourly(trial: Trial): Promise<string[]> {
  return (await trial.query({ rollup: 'hourly' })).rows.map((cells) => JSON.stringify(cells)).sort();
}

function expectedHourly(reference: ReferenceDataset): string[] {
  const groups = new Map<string, { group: [string, string]; n: number; sum: number }>();
  for (const { id, hour, value } of reference.live()) {
    const name = `${hour} ${id}`;
    const { n, sum } = groups.get(name) ?? { n: 0, sum: 0 };
    groups.set(name, { group: [timeOf(hour), id], n: n + 1, sum: sum + value });
  }
  return [...groups.values()].map(({ group, n, sum }) => JSON.stringify([...group, n, sum])).sort();
}
