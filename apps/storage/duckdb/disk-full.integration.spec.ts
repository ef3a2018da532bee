import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SmallDisk } from '#libs/testing/small-disk';
import { Engine, refusal, Row, Trial } from '../conformance/trial.conformance';
import { DuckDbEventStore } from './duckdb-event-store';

const MEMORY_LIMIT = 128 * 2 ** 20;
const DISK_MIB = 24;
const BATCH = 1_000;
const missing = SmallDisk.missing();

const batchFrom = (first: number): Row[] =>
  Array.from({ length: BATCH }, (_, at) => ({
    id: `event-${first + at}-${Math.sin(first + at)}`, // does not compress away
    at: BigInt(first + at) * 1_000_000n,
    value: first + at,
  }));

(missing === undefined ? describe : describe.skip)(
  `a full disk under the events (rule 10)${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let disk: SmallDisk;
    let engine: Engine;
    let trial: Trial;
    let stored: number;

    async function begin(diskReserve: number): Promise<void> {
      const open = (): Promise<DuckDbEventStore> =>
        DuckDbEventStore.open({ folder: disk.folder, memoryLimit: MEMORY_LIMIT, diskReserve });
      let store = await open();
      engine = {
        store: () => store,
        reopen: async () => {
          await store.close();
          store = await open();
        },
        close: () => store.close(),
      };
      trial = await Trial.begin(engine);
      await trial.append(batchFrom(0), { appendId: 'batch-0' });
      stored = BATCH;
    }

    const appendNext = (): Promise<unknown> => trial.append(batchFrom(stored), { appendId: `batch-${stored}` });

    /** Appends until one is refused; gives the refusal. */
    async function appendUntilRefused(): Promise<{ code?: string; retryable?: boolean }> {
      for (;;) {
        const refused = await appendNext().then(
          () => undefined,
          (thrown: unknown) => thrown as { code?: string; retryable?: boolean }, // every engine throws errors
        );
        if (refused) return refused;
        stored += BATCH;
      }
    }

    const books = (): Promise<object> => trial.totals();
    const balanced = (): object => ({ stored, held: stored, expired: 0, erased: 0, replaced: 0 });

    beforeEach(async () => {
      disk = await SmallDisk.mount(await mkdtemp(join(tmpdir(), 'chartly-disk-')), DISK_MIB);
    });
    afterEach(async () => {
      await engine.close().finally(() => disk.unmount());
    });

    it.each([
      ['nothing', 0],
      ['a few bytes', 700],
      ['a fraction of an append', 10_000],
      ['some appends', 200_000],
    ])(
      'with %s left the engine refuses, keeps what it had, and stores the batch once when there is room',
      async (_, leave) => {
        await begin(0);
        await disk.fill(leave);
        expect(await appendUntilRefused()).toMatchObject({ code: 'storage.full', retryable: true });
        expect(await books()).toEqual(balanced());
        expect(await refusal(appendNext())).toMatchObject({ code: 'storage.full' });
        expect((await trial.rows(['value'])).length).toBe(stored);

        await disk.clear();
        expect(await appendNext()).toMatchObject({ stored: BATCH, duplicate: 0 });
        expect(await appendNext()).toMatchObject({ stored: BATCH, duplicate: 0 }); // its receipt again
        stored += BATCH;
        expect(await books()).toEqual(balanced());
        await engine.reopen();
        expect(await books()).toEqual(balanced());
      },
    );

    it('opens on a disk that is full, and reads', async () => {
      await begin(0);
      await disk.fill(0);
      await appendUntilRefused();
      await engine.reopen();
      expect(await books()).toEqual(balanced());
      expect(await refusal(appendNext())).toMatchObject({ code: 'storage.full' });
    });

    it('refuses appends before the engine runs out, and leaves the reserve to what takes rows out', async () => {
      await begin(8 * 2 ** 20);
      await disk.fill(10 * 2 ** 20);
      expect(await appendUntilRefused()).toMatchObject({ code: 'storage.full', retryable: true });
      const filters = [{ column: 'value', op: 'lt' as const, value: 500 }];
      expect(await trial.store.erase({ ...trial.ref, eraseId: 'e-1', filters })).toMatchObject({ erased: 500 });
      expect(await books()).toEqual({ stored, held: stored - 500, expired: 0, erased: 500, replaced: 0 });
      await disk.clear();
      expect(await appendUntilRefused()).toMatchObject({ code: 'storage.full' }); // of its own rows by now
      expect(await books()).toEqual({ stored, held: stored - 500, expired: 0, erased: 500, replaced: 0 });
    });

    it('finishes the reads that are under way when the disk turns out to be full', async () => {
      await begin(0);
      for (let at = 0; at < 8; at += 1, stored += BATCH) await appendNext();
      await disk.fill(0);
      const reads = Array.from({ length: 30 }, () =>
        trial.query({
          measures: [
            { name: 'n', fn: 'count' },
            { name: 'd', fn: 'distinct', column: 'id' },
          ],
        }),
      );
      const [answers, refused] = await Promise.all([Promise.all(reads), refusal(appendNext())]);
      expect(refused).toMatchObject({ code: 'storage.full' });
      for (const { rows } of answers) expect(rows).toEqual([[stored, stored]]);
    });
  },
);
