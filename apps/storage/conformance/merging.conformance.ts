import { Engine, Trial } from './trial.conformance';

const HOUR_MS = 3_600_000;

/** What `mode: merge` and `dedupe` promise, one sentence each. */
export function mergesByVersion(engine: () => Engine): void {
  const COLUMNS = [
    { name: 'id', type: 'string' as const, nullable: false },
    { name: 'at', type: 'timestamp' as const, nullable: false },
    { name: 'region', type: 'string' as const, nullable: false },
    { name: 'rev', type: 'int' as const, nullable: false },
    { name: 'gone', type: 'bool' as const, nullable: true },
  ];
  const merging = (): Promise<Trial> =>
    Trial.begin(engine(), { columns: COLUMNS, mode: 'merge', versionColumn: 'rev', deletedColumn: 'gone' });
  const counts = { stored: 0, merged: 0, stale: 0, duplicate: 0, replaced: 0 };

  describe('a merge', () => {
    it('makes the old and the new bucket and group of every rollup fresh when a row is revised', async () => {
      const trial = await merging();
      const measures = [{ name: 'n', fn: 'count' as const }];
      const rollups = { hourly: HOUR_MS, daily: 24 * HOUR_MS };
      for (const [rollup, bucketMs] of Object.entries(rollups)) {
        await trial.store.installRollup({ ...trial.ref, rollup, bucketMs, by: ['region'], measures });
      }
      await trial.append([
        { id: 'a', at: '2026-01-01T10:30:00Z', region: 'north', rev: 1 },
        { id: 'b', at: '2026-01-01T10:40:00Z', region: 'north', rev: 1 },
      ]);
      for (const rollup of Object.keys(rollups)) await trial.rollUp(rollup);
      await trial.append([{ id: 'a', at: '2026-01-02T15:10:00Z', region: 'south', rev: 2 }]);

      const expected = {
        hourly: [
          ['2026-01-01T10:00:00.000Z', 'north', 1],
          ['2026-01-02T15:00:00.000Z', 'south', 1],
        ],
        daily: [
          ['2026-01-01T00:00:00.000Z', 'north', 1],
          ['2026-01-02T00:00:00.000Z', 'south', 1],
        ],
      };
      for (const rollup of ['hourly', 'daily'] as const) {
        const before = await trial.query({ rollup });
        expect(before.rows).toEqual(expected[rollup]);
        expect(before.repairedBuckets).toBe(2);
        await trial.rollUp(rollup);
        const after = await trial.query({ rollup });
        expect(after.rows).toEqual(expected[rollup]);
        expect(after.repairedBuckets).toBe(0);
      }
    });

    it('keeps the newest version of a key and calls what comes late stale', async () => {
      const trial = await merging();
      const at = '2026-01-01T00:00:00Z';
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 5 }])).toMatchObject({ ...counts, stored: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 7 }])).toMatchObject({ ...counts, merged: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 6 }])).toMatchObject({ ...counts, stale: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'x', rev: 7 }])).toMatchObject({ ...counts, duplicate: 1 });
      expect(await trial.rows(['id', 'region', 'rev'])).toEqual([['a', 'n', 7]]);
    });

    it('settles several versions of a key in one batch and between batches that come together', async () => {
      const trial = await merging();
      const at = '2026-01-01T00:00:00Z';
      const versions = (...revs: number[]) => revs.map((rev) => ({ id: 'a', at, region: `r${rev}`, rev }));
      const receipts = await Promise.all([
        trial.append(versions(2, 1, 3, 3)),
        trial.append(versions(3, 5)),
        trial.append(versions(4)),
      ]);
      expect(receipts).toMatchObject([
        { ...counts, stored: 1, stale: 1, merged: 1, duplicate: 1 },
        { ...counts, duplicate: 1, merged: 1 },
        { ...counts, stale: 1 },
      ]);
      expect(await trial.rows(['region'])).toEqual([['r5']]);
    });

    it('deletes a key by a tombstone that keeps late versions out, and lets a newer one revive it', async () => {
      const trial = await merging();
      const at = '2026-01-01T00:00:00Z';
      await trial.append([{ id: 'a', at, region: 'n', rev: 1 }]);
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 3, gone: true }])).toMatchObject({ merged: 1 });
      expect(await trial.rows()).toEqual([]);
      expect(await trial.totals()).toMatchObject({ stored: 1, held: 0, erased: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 2 }])).toMatchObject({ stale: 1 });
      await engine().reopen();
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 2 }])).toMatchObject({ stale: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'n', rev: 4 }])).toMatchObject({ merged: 1 });
      expect(await trial.rows(['rev'])).toEqual([[4]]);
      expect(await trial.totals()).toMatchObject({ stored: 1, held: 1, erased: 0 });
    });

    it.each([
      ['timestamp' as const, '2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z'],
      ['double' as const, 1.25, 1.5],
      ['int' as const, 2n ** 53n, 2n ** 53n + 1n],
    ])('tells versions of type %s apart to their last digit', async (type, older, newer) => {
      const columns = [...COLUMNS.filter(({ name }) => name !== 'rev'), { name: 'rev', type, nullable: false }];
      const trial = await Trial.begin(engine(), { columns, mode: 'merge', versionColumn: 'rev' });
      const at = '2026-01-01T00:00:00Z';
      await trial.append([{ id: 'a', at, region: 'old', rev: older }]);
      expect(await trial.append([{ id: 'a', at, region: 'new', rev: newer }])).toMatchObject({ merged: 1 });
      expect(await trial.append([{ id: 'a', at, region: 'old', rev: older }])).toMatchObject({ stale: 1 });
      expect(await trial.rows(['region'])).toEqual([['new']]);
    });
  });

  describe('dedupe by key', () => {
    it('stores a key once at any time, within a batch, between batches and after a restart', async () => {
      const trial = await Trial.begin(engine(), { dedupe: 'key' });
      const [one, other] = ['2026-01-01T00:00:00Z', '2020-06-01T00:00:00Z'];
      const within = await trial.append([
        { id: 'a', at: one, value: 1 },
        { id: 'a', at: other, value: 2 },
      ]);
      expect(within).toMatchObject({ ...counts, stored: 1, duplicate: 1 });
      const between = await Promise.all([
        trial.append([{ id: 'b', at: one, value: 3 }]),
        trial.append([{ id: 'b', at: other, value: 4 }]),
      ]);
      expect(between).toMatchObject([{ stored: 1 }, { duplicate: 1 }]);
      await engine().reopen();
      expect(await trial.append([{ id: 'a', at: other, value: 5 }])).toMatchObject({ duplicate: 1 });
      expect(await trial.rows(['id', 'value'])).toEqual([
        ['a', 1],
        ['b', 3],
      ]);
    });
  });
}
