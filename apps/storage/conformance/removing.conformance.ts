import { randomUUID } from 'node:crypto';
import { InstallDataset } from '#libs/contracts/storage.contract';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Engine, refusal, Trial } from './trial.conformance';

const HOUR_MS = 3_600_000;
const us = (text: string): bigint => microsOfRfc3339(text) ?? 0n;

/** What is too old or erased is gone, and the books say so. */
export function removesRows(engine: () => Engine): void {
  const hourly = async (trial: Trial): Promise<void> => {
    const measures = [{ name: 'n', fn: 'count' as const }];
    await trial.store.installRollup({ ...trial.ref, rollup: 'hourly', bucketMs: HOUR_MS, by: ['id'], measures });
  };
  const rollup = async (trial: Trial): Promise<unknown> => (await trial.query({ rollup: 'hourly' })).rows;

  describe('retention', () => {
    it('takes out what is older than the dataset keeps, and leaves what rollups say of it', async () => {
      const trial = await Trial.begin(engine(), { retainMs: 24 * HOUR_MS });
      await hourly(trial);
      await trial.append([
        { id: 'old', at: '2026-01-01T09:30:00Z' },
        { id: 'edge', at: '2026-01-01T10:10:00Z' },
        { id: 'new', at: '2026-01-02T10:00:00Z' },
      ]);
      expect(await trial.store.expire(us('2026-01-02T10:20:00Z'))).toBe(1);
      expect((await trial.rows(['id'])).flat()).toEqual(['edge', 'new']);
      expect(await trial.totals()).toEqual({ stored: 3, held: 2, expired: 1, erased: 0, replaced: 0 });
      const all = [
        ['2026-01-01T09:00:00.000Z', 'old', 1],
        ['2026-01-01T10:00:00.000Z', 'edge', 1],
        ['2026-01-02T10:00:00.000Z', 'new', 1],
      ];
      expect(await rollup(trial)).toEqual(all);
      await engine().reopen();
      expect(await trial.store.expire(us('2026-01-02T10:30:00Z'))).toBe(0);
      const late = await trial.append([{ id: 'late', at: '2026-01-01T09:59:59.999999Z' }]);
      expect(late).toMatchObject({ stored: 0, stale: 1 });
      expect(await rollup(trial)).toEqual(all);
      expect(await trial.totals()).toMatchObject({ stored: 3, held: 2, expired: 1 });
    });

    it('forgets the tombstones of its time, and keeps everything where nothing is said', async () => {
      const columns: InstallDataset['columns'] = [
        { name: 'id', type: 'string', nullable: false },
        { name: 'at', type: 'timestamp', nullable: false },
        { name: 'rev', type: 'int', nullable: false },
        { name: 'gone', type: 'bool', nullable: true },
      ];
      const merging = { columns, mode: 'merge', versionColumn: 'rev', deletedColumn: 'gone' } as const;
      const trial = await Trial.begin(engine(), { ...merging, retainMs: 24 * HOUR_MS });
      const kept = await Trial.begin(engine());
      await trial.append([{ id: 'a', at: '2026-01-01T00:00:00Z', rev: 1, gone: true }]);
      await kept.append([{ id: 'a', at: '1970-01-01T00:00:00Z' }]);
      await trial.store.expire(us('2026-01-05T00:00:00Z'));
      expect(await trial.totals()).toEqual({ stored: 1, held: 0, expired: 1, erased: 0, replaced: 0 });
      expect(await kept.totals()).toMatchObject({ held: 1, expired: 0 });
    });
  });

  describe('an erasure', () => {
    it('deletes the rows of a subject from rows and rollups, once by its id', async () => {
      const trial = await Trial.begin(engine());
      await hourly(trial);
      await trial.append([
        { id: 'ada', at: '2026-01-01T09:00:00Z', value: 1 },
        { id: 'ada', at: '2026-01-01T10:00:00Z', value: 2 },
        { id: 'bob', at: '2026-01-01T09:00:00Z', value: 3 },
      ]);
      await trial.rollUp('hourly');
      const request = {
        ...trial.ref,
        eraseId: randomUUID(),
        filters: [{ column: 'id', op: 'eq' as const, value: 'ada' }],
      };
      expect(await trial.store.erase(request)).toEqual({ eraseId: request.eraseId, erased: 2 });
      expect((await trial.rows(['id'])).flat()).toEqual(['bob']);
      expect(await rollup(trial)).toEqual([['2026-01-01T09:00:00.000Z', 'bob', 1]]);
      await trial.rollUp('hourly');
      expect(await rollup(trial)).toEqual([['2026-01-01T09:00:00.000Z', 'bob', 1]]);
      await trial.append([{ id: 'ada', at: '2026-01-03T00:00:00Z' }]);
      await engine().reopen();
      expect(await trial.store.erase(request)).toEqual({ eraseId: request.eraseId, erased: 2 });
      expect(await trial.totals()).toEqual({ stored: 4, held: 2, expired: 0, erased: 2, replaced: 0 });
    });

    it('refuses conditions that do not fit, and changes nothing', async () => {
      const trial = await Trial.begin(engine());
      await trial.append([{ id: 'ada', at: '2026-01-01T09:00:00Z' }]);
      const filters = [{ column: 'name', op: 'eq' as const, value: 'ada' }];
      const refused = await refusal(trial.store.erase({ ...trial.ref, eraseId: randomUUID(), filters }));
      expect(refused).toMatchObject({ code: 'query.invalid' });
      expect(await trial.totals()).toMatchObject({ held: 1, erased: 0 });
    });

    it('leaves everything as it is after a vacuum', async () => {
      const trial = await Trial.begin(engine());
      await trial.append([{ id: 'a', at: '2026-01-01T09:00:00Z', value: 1 }], { appendId: 'b/1/1' });
      await trial.append([{ id: 'b', at: '2026-01-01T09:00:00Z', value: 2 }], { replaces: ['b/1/1'] });
      await trial.store.vacuum();
      expect(await trial.rows(['id'])).toEqual([['b']]);
      expect(await trial.totals()).toMatchObject({ stored: 2, held: 1, replaced: 1 });
    });
  });
}
