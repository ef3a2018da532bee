import { clickHouseMissing, startTestClickHouse, TestClickHouse } from '#libs/testing/clickhouse';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { Engine, Trial } from '../conformance/trial.conformance';
import { storageMigrations } from '../storage.migrations';
import { Books, OpenAppend } from './books';
import { ClickHouse } from './click-house';
import { ClickHouseEventStore } from './clickhouse-event-store';
import { rowsTable } from './tables';

const missing = clickHouseMissing();
const AT_US = '1767225600000000';

(missing === undefined ? describe : describe.skip)(
  `rule 3: a writer that ended between its insert and its receipt${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let server: TestClickHouse;
    let database: TestDatabase;
    let store: ClickHouseEventStore;
    let clickHouse: ClickHouse;
    let books: Books;
    let engine: Engine;

    beforeAll(async () => {
      [server, database] = await Promise.all([startTestClickHouse(), openTestDatabase([storageMigrations])]);
      store = new ClickHouseEventStore({ url: server.url }, database.dataSource);
      clickHouse = new ClickHouse({ url: server.url });
      books = new Books(database.dataSource);
      engine = { store: () => store, reopen: () => Promise.resolve(), close: () => store.close() };
    });

    afterAll(async () => {
      await store?.close();
      await clickHouse?.close();
      await database?.stop();
      await server?.stop();
    });

    /** What a writer has done of an append of three rows when it ends after `inserted` of them. */
    async function endsAfter(trial: Trial, inserted: number): Promise<OpenAppend> {
      const { id } = await books.snapshot(trial.ref);
      const [open] = await books.intend(id, [{ appendId: 'broken', epoch: 1, came: 3, replaces: [] }]);
      await insert(id, open!, 0, inserted); // one was asked for
      return open!;
    }

    async function insert(id: number, { appendNo }: OpenAppend, from: number, to: number): Promise<void> {
      const rows = Array.from({ length: to - from }, (_, at) => [
        String(appendNo),
        from + at,
        `k${from + at}`,
        AT_US,
        from + at,
      ]);
      if (rows.length > 0) await clickHouse.insert(rowsTable(id), ['_append', '_row', 'id', 'at', 'value'], rows);
    }

    const rows = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: `k${at}`, at: BigInt(AT_US), value: at }));
    const ids = async (trial: Trial): Promise<unknown[]> => (await trial.rows(['id'])).flat();

    it('shows none of its rows before its receipt', async () => {
      const trial = await Trial.begin(engine);
      await endsAfter(trial, 3);
      expect(await ids(trial)).toEqual([]);
      expect(await trial.totals()).toMatchObject({ stored: 0, held: 0 });
    });

    it('is finished by the next writer when all its rows are there', async () => {
      const trial = await Trial.begin(engine);
      await trial.append([{ id: 'k1', at: BigInt(AT_US), value: 9 }]);
      await endsAfter(trial, 3);
      const receipt = { appendId: 'broken', stored: 2, merged: 0, stale: 0, duplicate: 1, replaced: 0 };
      expect(await trial.append(rows(3), { appendId: 'broken' })).toEqual(receipt);
      expect(await trial.append(rows(3), { appendId: 'broken' })).toEqual(receipt);
      expect(await ids(trial)).toEqual(['k0', 'k1', 'k2']);
      expect(await trial.totals()).toEqual({ stored: 3, held: 3, expired: 0, erased: 0, replaced: 0 });
    });

    it.each([0, 1, 2])('is undone and written anew when only %i of 3 rows are there', async (inserted) => {
      const trial = await Trial.begin(engine);
      await endsAfter(trial, inserted);
      expect(await trial.append(rows(3), { appendId: 'broken' })).toMatchObject({ stored: 3, duplicate: 0 });
      expect(await ids(trial)).toEqual(['k0', 'k1', 'k2']);
      expect(await trial.totals()).toMatchObject({ stored: 3, held: 3 });
    });

    it('adds nothing when its insert goes on after it was undone', async () => {
      const trial = await Trial.begin(engine);
      const open = await endsAfter(trial, 1);
      const { id } = await books.snapshot(trial.ref);
      await trial.append(rows(3), { appendId: 'broken' });
      await insert(id, open, 1, 3);
      expect(await ids(trial)).toEqual(['k0', 'k1', 'k2']);
      await expect(
        books.commit(
          id,
          [
            {
              appendNo: open.appendNo,
              receipt: { appendId: 'broken', stored: 3, merged: 0, stale: 0, duplicate: 0, replaced: 0 },
            },
          ],
          [],
          new Map(),
        ),
      ).rejects.toMatchObject({ code: 'storage.fenced', retryable: true });
      expect(await trial.totals()).toMatchObject({ stored: 3, held: 3 });
    });
  },
);
