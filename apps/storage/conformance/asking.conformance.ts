import { Cell, QueryPlan } from '#libs/contracts/query-plan';
import { ColumnDef } from '#libs/contracts/columns';
import { Engine, Row, Trial } from './trial.conformance';

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'host', type: 'string', nullable: true },
  { name: 'usage', type: 'double', nullable: true },
  { name: 'hits', type: 'int', nullable: true },
  { name: 'tags', type: 'json', nullable: true },
];

const ROWS = [
  { id: '1', at: '2026-03-28T22:30:00Z', host: 'a', usage: 1.5, hits: 10, tags: '{"zone":"eu","n":[1,2.5]}' },
  { id: '2', at: '2026-03-28T23:30:00Z', host: 'a', usage: 2.5, hits: 20, tags: '{"zone":"us","n":"7"}' },
  { id: '3', at: '2026-03-29T21:30:00Z', host: 'b', usage: 0.1, hits: null, tags: '{"zone":null}' },
  { id: '4', at: '2026-03-29T22:30:00Z', host: null, usage: null, hits: 5, tags: '{"zone":{"x":1}}' },
  { id: '5', at: '2026-04-01T00:00:00Z', host: 'c', usage: 0.2, hits: 9007199254740993n, tags: null },
  { id: '6', at: '2026-04-01T00:00:00Z', host: 'a', usage: null, hits: 1, tags: null },
];

/** A plan means the same to every engine. Doubles agree within 1e-12 of their size. */
export function answersAlike(engine: () => Engine): void {
  const ask = async (plan: Partial<QueryPlan>): Promise<readonly (readonly Cell[])[]> => {
    const trial = await Trial.begin(engine(), { columns: COLUMNS });
    await trial.append(ROWS);
    return (await trial.query(plan)).rows;
  };
  const close = (value: number): unknown => expect.closeTo(value, 12);

  describe('an answer', () => {
    it('counts, sums, and measures how values spread; what is null counts for nothing', async () => {
      const measures: QueryPlan['measures'] = [
        { name: 'rows', fn: 'count' },
        { name: 'values', fn: 'count', column: 'usage' },
        { name: 'sum', fn: 'sum', column: 'usage' },
        { name: 'total', fn: 'sum', column: 'hits' },
        { name: 'mean', fn: 'avg', column: 'usage' },
        { name: 'spread', fn: 'stddev', column: 'usage' },
        { name: 'median', fn: 'quantile', column: 'usage', q: 0.5 },
        { name: 'p90', fn: 'quantile', column: 'usage', q: 0.9 },
        { name: 'least', fn: 'min', column: 'host' },
        { name: 'most', fn: 'max', column: 'hits' },
        { name: 'hosts', fn: 'distinct', column: 'host' },
        { name: 'first', fn: 'first', column: 'usage' },
        { name: 'last', fn: 'last', column: 'usage' },
      ];
      expect(await ask({ measures })).toEqual([
        [6, 4, close(4.3), '9007199254741029', close(1.075), close(1.14418821295566), close(0.85), close(2.2)].concat([
          'a',
          '9007199254740993',
          3,
          1.5,
          0.2,
        ]),
      ]);
    });

    it('says null or 0 of no rows at all, and of a single value that it does not spread', async () => {
      const measures: QueryPlan['measures'] = [
        { name: 'n', fn: 'count' },
        { name: 'sum', fn: 'sum', column: 'usage' },
        { name: 'spread', fn: 'stddev', column: 'usage' },
        { name: 'last', fn: 'last', column: 'host' },
        { name: 'hosts', fn: 'distinct', column: 'host' },
      ];
      expect(await ask({ measures, toUs: '0' })).toEqual([[0, null, null, null, 0]]);
      const one = [{ column: 'id', op: 'eq' as const, value: '3' }];
      expect(await ask({ measures, filters: one })).toEqual([[1, close(0.1), null, 'b', 1]]);
    });

    it('cuts times before 1970 into buckets as it cuts those after', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS });
      const old = { ...ROWS[0], id: 'old', at: '1969-12-31T23:30:00Z' };
      await trial.append([old, { ...old, id: 'older', at: '1901-02-03T04:05:06.000007Z' }]);
      const n: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
      const starts = async (widthMs: number): Promise<unknown[]> =>
        (await trial.query({ measures: n, bucket: { widthMs } })).rows.map(([start]) => start);
      expect(await starts(7_200_000)).toEqual(['1901-02-03T04:00:00.000Z', '1969-12-31T22:00:00.000Z']);
      expect(await starts(86_400_000)).toEqual(['1901-02-03T00:00:00.000Z', '1969-12-31T00:00:00.000Z']);
    });

    it('cuts days and months by the calendar of a zone, over a change to summer time', async () => {
      const measures: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
      const zone = 'Europe/Berlin';
      expect(await ask({ measures, bucket: { unit: 'day', zone } })).toEqual([
        ['2026-03-27T23:00:00.000Z', 1],
        ['2026-03-28T23:00:00.000Z', 2],
        ['2026-03-29T22:00:00.000Z', 1],
        ['2026-03-31T22:00:00.000Z', 2],
      ]);
      expect(await ask({ measures, bucket: { unit: 'month', zone } })).toEqual([
        ['2026-02-28T23:00:00.000Z', 4],
        ['2026-03-31T22:00:00.000Z', 2],
      ]);
      expect(
        await ask({ measures, bucket: { widthMs: 3_600_000 }, order: [{ by: 'bucket', descending: true }], limit: 1 }),
      ).toEqual([['2026-04-01T00:00:00.000Z', 2]]);
    });

    it('groups by columns and json paths, nulls last, and keeps groups that pass', async () => {
      const n: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
      expect(await ask({ measures: n, dimensions: ['host'] })).toEqual([
        ['a', 3],
        ['b', 1],
        ['c', 1],
        [null, 1],
      ]);
      expect(await ask({ measures: n, dimensions: ['host'], having: [{ column: 'n', op: 'gt', value: 1 }] })).toEqual([
        ['a', 3],
      ]);
      expect(await ask({ measures: n, dimensions: ['tags.zone'] })).toEqual([
        ['eu', 1],
        ['us', 1],
        ['{"x":1}', 1],
        [null, 3],
      ]);
      const sum: QueryPlan['measures'] = [{ name: 'sum', fn: 'sum', column: 'tags.n[1]' }];
      expect(await ask({ measures: sum })).toEqual([[2.5]]);
    });

    it('keeps the named groups and makes one of the others', async () => {
      const measures: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
      const groups = { groups: [['a'], [null]], fold: true };
      expect(await ask({ measures, dimensions: ['host'], groups })).toEqual([
        ['a', false, 3],
        [null, false, 1],
        [null, true, 2],
      ]);
      expect(await ask({ measures, dimensions: ['host'], groups: { ...groups, fold: false } })).toEqual([
        ['a', 3],
        [null, 1],
      ]);
    });

    it.each<[string, QueryPlan['filters'], string[]]>([
      ['compares', [{ column: 'hits', op: 'ge', value: 10 }], ['1', '2', '5']],
      ['leaves nulls out of ne and not', [{ not: { column: 'host', op: 'eq', value: 'a' } }], ['3', '5']],
      ['looks among values', [{ column: 'host', op: 'not_in', value: ['a', 'b'] }], ['5']],
      ['looks into texts', [{ column: 'tags.zone', op: 'starts_with', value: 'e' }], ['1']],
      ['matches patterns', [{ column: 'id', op: 'matches', value: '^[24]$' }], ['2', '4']],
      [
        'joins conditions',
        [
          {
            or: [
              { column: 'host', op: 'is_null' },
              { column: 'usage', op: 'lt', value: 0.15 },
            ],
          },
        ],
        ['3', '4'],
      ],
      ['reads times', [{ column: 'at', op: 'gt', value: '2026-03-29T22:00:00Z' }], ['4', '5', '6']],
    ])('%s', async (_, filters, ids) => {
      expect((await ask({ columns: ['id'], filters })).flat()).toEqual(ids);
    });

    it('tells the last value of each series: of several at its time the greatest, null where that row has none', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS });
      await trial.append([
        ...ROWS,
        { id: '7', at: '2026-03-29T21:30:00Z', host: 'b', usage: 0.7, hits: 3, tags: null },
        { id: '8', at: '1960-01-01T00:00:00Z', host: 'd', usage: -1, hits: -2, tags: null },
      ]);
      const last = { name: 'usage', fn: 'last' as const, column: 'usage' };
      const asked = { dimensions: ['host'], measures: [last, { name: 'hits', fn: 'last' as const, column: 'hits' }] };
      const all = await trial.query(asked);
      expect(all.rows).toEqual([
        ['a', null, 1],
        ['b', 0.7, 3],
        ['c', 0.2, '9007199254740993'],
        ['d', -1, -2],
        [null, null, 5],
      ]);
      expect(all.rowsScanned).toBe(8);
      const until = String(Date.parse('2026-03-29T22:00:00Z') * 1_000);
      expect((await trial.query({ ...asked, toUs: until })).rows).toEqual([
        ['a', 2.5, 20],
        ['b', 0.7, 3],
        ['d', -1, -2],
      ]);
      const filters = [{ column: 'usage', op: 'lt' as const, value: 0.5 }];
      expect((await trial.query({ ...asked, filters })).rows).toEqual([
        ['b', 0.1, null],
        ['c', 0.2, '9007199254740993'],
        ['d', -1, -2],
      ]);
      expect((await trial.query({ measures: [last], toUs: until })).rows).toEqual([[0.7]]);
    });

    it('tells of values unlike all that were there when the same was asked before', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS });
      const questions: readonly Partial<QueryPlan>[] = [
        {
          columns: ['id', 'host', 'usage', 'hits'],
          order: [
            { by: 'at', descending: true },
            { by: 'hits', descending: true },
          ],
        },
        {
          measures: [
            { name: 'rows', fn: 'count' },
            { name: 'values', fn: 'count', column: 'usage' },
          ],
          dimensions: ['hits'],
        },
      ];
      const answers = async (): Promise<unknown[]> => {
        const all: unknown[] = [];
        for (const plan of questions) all.push((await trial.query(plan)).rows);
        return all;
      };
      const row = (id: string, at: string, hits: bigint | null, host: string | null, usage: number | null): Row => ({
        id,
        at,
        host,
        usage,
        hits,
        tags: null,
      });
      for (let round = 0; round < 4; round += 1) expect(await answers()).toEqual([[], []]); // on every connection
      await trial.append([row('1', '2026-01-01T00:00:00Z', 3n, 'a', 1), row('2', '2026-01-02T00:00:00Z', 4n, 'b', 2)]);
      for (let round = 0; round < 4; round += 1) {
        expect(await answers()).toEqual([
          [
            ['2', 'b', 2, 4],
            ['1', 'a', 1, 3],
          ],
          [
            [3, 1, 1],
            [4, 1, 1],
          ],
        ]);
      }
      const many = Array.from({ length: 3 }, (_, at) =>
        row(`${at + 3}`, '2026-02-01T00:00:00Z', 10n ** 15n + BigInt(at), 'a host with a long name', null),
      );
      await trial.append([...many, row('9', '1969-01-01T00:00:00Z', null, null, null)]);
      for (let round = 0; round < 4; round += 1) {
        expect(await answers()).toEqual([
          [
            ['5', 'a host with a long name', null, 10 ** 15 + 2],
            ['4', 'a host with a long name', null, 10 ** 15 + 1],
            ['3', 'a host with a long name', null, 10 ** 15],
            ['2', 'b', 2, 4],
            ['1', 'a', 1, 3],
            ['9', null, null, null],
          ],
          [
            [3, 1, 1],
            [4, 1, 1],
            [10 ** 15, 1, 0],
            [10 ** 15 + 1, 1, 0],
            [10 ** 15 + 2, 1, 0],
            [null, 1, 0],
          ],
        ]);
      }
    });

    it('changes its data version with every change, and only then', async () => {
      const trial = await Trial.begin(engine(), { columns: COLUMNS });
      const version = async (): Promise<string> => (await trial.query({ columns: ['id'] })).dataVersion;
      const versions = [await version()];
      await trial.append(ROWS, { appendId: 'b/1/1' });
      versions.push(await version());
      await trial.append([], { appendId: 'b/1/2', replaces: ['b/1/1'] });
      versions.push(await version());
      const measures: QueryPlan['measures'] = [{ name: 'n', fn: 'count' }];
      for (const bucketMs of [3_600_000, 60_000]) {
        await trial.store.installRollup({ ...trial.ref, rollup: `${trial.ref.dataset}_n`, bucketMs, by: [], measures });
        versions.push(await version()); // what is asked of the rollup is answered otherwise
      }
      expect(await version()).toBe(versions.at(-1));
      expect(new Set(versions).size).toBe(5);
    });
  });
}
