import { ColumnDef } from '#libs/contracts/columns';
import { Engine, refusal, Trial } from './trial.conformance';

const AT = '2026-01-01T00:00:00Z';
const HOUR_MS = 3_600_000;

/** Exactly once, in every order and beside each other. */
export function appendsExactlyOnce(engine: () => Engine): void {
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `k${from + at}`, at: AT, value: from + at }));

  describe('an append', () => {
    it('gives the first receipt again for the same id, whatever comes with it, also after a restart', async () => {
      const trial = await Trial.begin(engine());
      const first = await trial.append([...rows(0, 3), ...rows(0, 1)], { appendId: 'once' });
      expect(first).toEqual({ appendId: 'once', stored: 3, merged: 0, stale: 0, duplicate: 1, replaced: 0 });
      expect(await trial.append(rows(5, 9), { appendId: 'once' })).toEqual(first);
      await engine().reopen();
      expect(await trial.append(rows(0, 3), { appendId: 'once' })).toEqual(first);
      expect(await trial.totals()).toEqual({ stored: 3, held: 3, expired: 0, erased: 0, replaced: 0 });
    });

    it('takes an append without rows and answers it like any other', async () => {
      const trial = await Trial.begin(engine());
      const nothing = { stored: 0, merged: 0, stale: 0, duplicate: 0, replaced: 0 };
      expect(await trial.append([], { appendId: 'empty' })).toEqual({ appendId: 'empty', ...nothing });
    });

    it('stores each event once when many appends come at the same time', async () => {
      const trial = await Trial.begin(engine());
      const receipts = await Promise.all(
        Array.from({ length: 40 }, (_, at) => trial.append(rows((at % 10) * 5, 10), { appendId: `many-${at % 20}` })),
      );
      expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBeGreaterThanOrEqual(20);
      const unique = new Map(receipts.map((receipt) => [receipt.appendId, receipt]));
      const stored = [...unique.values()].reduce((sum, receipt) => sum + receipt.stored, 0);
      expect(stored).toBe(55);
      expect(await trial.totals()).toMatchObject({ stored: 55, held: 55 });
      expect((await trial.rows(['id'])).length).toBe(55);
    });

    it('refuses one bad append and stores those beside it', async () => {
      const trial = await Trial.begin(engine());
      const [good, bad, other] = await Promise.allSettled([
        trial.append(rows(0, 2)),
        trial.append([{ id: null, at: AT }]),
        trial.append(rows(2, 2)),
      ]);
      expect([good.status, bad.status, other.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await trial.totals()).toMatchObject({ held: 4 });
    });

    it('keeps the datasets of two projects apart, and says when there is none', async () => {
      const one = await Trial.begin(engine());
      const other = await Trial.begin(engine(), { project: 'elsewhere', dataset: one.ref.dataset });
      await one.append(rows(0, 2));
      await other.append(rows(0, 5));
      expect((await one.rows()).length).toBe(2);
      expect((await other.rows()).length).toBe(5);
      const nowhere = { ...one.ref, dataset: 'nowhere' };
      expect(await refusal(one.store.totals(nowhere))).toMatchObject({ code: 'dataset.unknown' });
    });
  });

  describe('a replay', () => {
    it('puts the new rows in the place of the old ones in one step, and balances the books', async () => {
      const trial = await Trial.begin(engine());
      const measures = [{ name: 'n', fn: 'count' as const }];
      await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: HOUR_MS, by: [], measures });
      await trial.append(rows(0, 4), { appendId: 'b/1/1' });
      await trial.append(rows(4, 2), { appendId: 'c/1/1' });
      await trial.rollUp('hourly');
      const later = { id: 'k0', at: '2026-01-01T05:00:00Z', value: 9 };
      const receipt = await trial.append([later, ...rows(4, 1)], { appendId: 'b/2/2', replaces: ['b/1/1'] });
      expect(receipt).toEqual({ appendId: 'b/2/2', stored: 1, merged: 0, stale: 0, duplicate: 1, replaced: 4 });
      expect(await trial.append([], { appendId: 'b/2/2', replaces: ['b/1/1'] })).toEqual(receipt);
      expect(await trial.totals()).toEqual({ stored: 7, held: 3, expired: 0, erased: 0, replaced: 4 });
      const hours = [
        ['2026-01-01T00:00:00.000Z', 2],
        ['2026-01-01T05:00:00.000Z', 1],
      ];
      expect((await trial.query({ rollup: 'hourly' })).rows).toEqual(hours);
      await trial.rollUp('hourly');
      expect((await trial.query({ rollup: 'hourly' })).rows).toEqual(hours);
    });

    it('gives the replaced append its receipt when it comes again, and keeps out one that had not come', async () => {
      const trial = await Trial.begin(engine());
      const first = await trial.append(rows(0, 1), { appendId: 'b/1/1' });
      await trial.append(rows(0, 1), { appendId: 'b/2/2', replaces: ['b/1/1', 'z/1/1'] });
      expect(await trial.append(rows(0, 1), { appendId: 'b/1/1' })).toEqual(first);
      const late = await refusal(trial.append(rows(7, 1), { appendId: 'z/1/1' }));
      expect(late).toMatchObject({ code: 'append.replaced' });
      expect(await trial.rows(['id'])).toEqual([['k0']]);
    });
  });

  describe('a dataset that grows', () => {
    it('takes a new column that may be null; rows of before have null in it', async () => {
      const trial = await Trial.begin(engine());
      await trial.append(rows(0, 1));
      const columns: ColumnDef[] = [
        { name: 'id', type: 'string', nullable: false },
        { name: 'at', type: 'timestamp', nullable: false },
        { name: 'value', type: 'int', nullable: true },
        { name: 'note', type: 'string', nullable: true },
      ];
      expect(await trial.install({ columns })).toEqual(['note']);
      await trial.append([{ id: 'new', at: AT, note: 'é' }]);
      expect(await trial.rows(['id', 'value', 'note'])).toEqual([
        ['k0', 0, null],
        ['new', null, 'é'],
      ]);
      expect(await trial.install({ columns })).toEqual([]);
    });

    it('holds an int as double from then on, in rows and rollups, and takes ints all the same', async () => {
      const trial = await Trial.begin(engine());
      const measures = [{ name: 'sum', fn: 'sum' as const, column: 'value' }];
      await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: HOUR_MS, by: [], measures });
      await trial.append(rows(1, 2));
      await trial.rollUp('hourly');
      const as = (type: 'int' | 'double'): ColumnDef[] => [
        { name: 'id', type: 'string', nullable: false },
        { name: 'at', type: 'timestamp', nullable: false },
        { name: 'value', type, nullable: true },
      ];
      await trial.install({ columns: as('double') });
      await trial.append([{ id: 'x', at: AT, value: 0.5 }]);
      await trial.install({ columns: as('int') });
      await trial.append([{ id: 'y', at: AT, value: 4 }]);
      await engine().reopen();
      expect(await trial.rows(['value'])).toEqual([[1], [2], [0.5], [4]]);
      expect((await trial.query({ rollup: 'hourly' })).rows).toEqual([['2026-01-01T00:00:00.000Z', 7.5]]);
      await trial.rollUp('hourly');
      expect((await trial.query({ rollup: 'hourly' })).rows).toEqual([['2026-01-01T00:00:00.000Z', 7.5]]);
    });

    it('refuses what it cannot become, alike when asked and when told, and stays as it was', async () => {
      const trial = await Trial.begin(engine());
      const columns: ColumnDef[] = [
        { name: 'id', type: 'int', nullable: false },
        { name: 'at', type: 'timestamp', nullable: false },
      ];
      const request = { ...trial.ref, columns, time: 'at', key: ['id'] };
      const { problems } = await trial.store.checkDataset(request);
      expect(problems.join()).toMatch(/holds "id" as string, which cannot become int. Store into a new one instead/);
      const told = await refusal(trial.store.installDataset(request));
      expect(told).toMatchObject({ code: 'dataset.incompatible', message: problems[0] });
      expect(await trial.append(rows(0, 1))).toMatchObject({ stored: 1 });
    });
  });
}
