import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { loadConfig } from '#libs/config/load';
import { SettleBatch } from '#libs/contracts/connector-hub.contract';
import { BatchOffer, NormalizeBatches } from '#libs/contracts/jobs';
import { JobToAdd } from '#libs/queue/job-queue';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { InstalledSources } from '../sources/installed-sources';
import { Segments } from '../archive/segments';
import { Backlog } from './backlog';
import { Dispatcher } from './dispatcher';
import { Inbox } from './inbox';
import { Outcomes } from './outcomes';
import { Sweeper } from './sweeper';
import { StoredBatches } from './stored-batches';

const NAME = { project: 'default', pipeline: 'quakes' };

/** Stands where the queue begins: keeps what it is told, and can be away. */
class RecordedQueue {
  readonly offered: BatchOffer[] = [];
  readonly jobIds: string[] = [];
  away = false;

  addBulk(jobs: readonly JobToAdd[]): Promise<void> {
    if (this.away) return Promise.reject(new Error('the queue is away'));
    for (const { job, options } of jobs) {
      this.offered.push(...(job as NormalizeBatches).offers); // the inbox sends nothing else
      this.jobIds.push(options.jobId);
    }
    return Promise.resolve();
  }
}

/** One process's inbox over the shared database. */
function openInbox(database: DataSource, settings: Partial<ChartlyConfig> = {}, ids = new Ids()) {
  const config = Object.assign(loadConfig({}), settings);
  const queue = new RecordedQueue();
  const backlog = new Backlog(database, config);
  const dispatcher = new Dispatcher(database, queue as never); // only `addBulk` is used
  const stored = new StoredBatches(database, new Segments(database, undefined as never));
  const inbox = new Inbox(database, ids, backlog, dispatcher, stored);
  const outcomes = new Outcomes(database, inbox, stored);
  const sweeper = new Sweeper(database, dispatcher, backlog);
  return { queue, backlog, dispatcher, inbox, outcomes, sweeper };
}

const push = (lines: number, more: object = {}) => ({
  ...NAME,
  format: 'ndjson' as const,
  body: Buffer.from(Array.from({ length: lines }, (_, at) => `{"at":${at},"pad":"${'x'.repeat(100)}"}\n`).join('')),
  ...more,
});

const outcome = (batchId: string, count: number, filtered = 0): SettleBatch => ({
  batchId,
  epoch: 0,
  normalized: count - filtered,
  filtered,
  quarantined: 0,
  produced: count - filtered,
  stored: count - filtered,
  merged: 0,
  stale: 0,
  duplicate: 0,
});

describe('the inbox', () => {
  let test: TestDatabase;
  let database: DataSource;

  const expireLeases = () => database.query("UPDATE connector_hub.batches SET lease_until = '-infinity'");
  const countOf = async (table: string): Promise<number> => {
    const [row] = await database.query<[{ n: number }]>(`SELECT count(*)::int AS n FROM connector_hub.${table}`);
    return row.n;
  };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([connectorHubMigrations]);
    ({ database } = test);
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    for (const table of ['batches', 'idempotency', 'totals', 'pipelines', 'sources']) {
      await database.query(`DELETE FROM connector_hub.${table}`);
    }
    await new InstalledSources(database).install({ ...NAME, version: 1 });
  });

  describe('accepting', () => {
    it('rule 1: gives the bytes back as they came, to another process too', async () => {
      const { inbox } = openInbox(database);
      const { batchId, accepted, version } = await inbox.accept(push(10));
      expect({ accepted, version }).toEqual({ accepted: 10, version: 1 });
      for (const reader of [inbox, openInbox(database).inbox]) {
        const batch = await reader.fetch(batchId);
        expect(Buffer.from(batch.payload).equals(push(10).body)).toBe(true);
        expect(batch).toMatchObject({ ...NAME, version: 1, epoch: 0, generation: 0, count: 10, settled: false });
      }
    });

    it('shares one commit among what comes at once, and answers each with its own', async () => {
      const { inbox, dispatcher, queue } = openInbox(database);
      const receipts = await Promise.all(Array.from({ length: 200 }, (_, at) => inbox.accept(push((at % 7) + 1))));
      expect(receipts.map(({ accepted }) => accepted)).toEqual(Array.from({ length: 200 }, (_, at) => (at % 7) + 1));
      const [{ commits }] = await database.query<[{ commits: number }]>(
        'SELECT count(DISTINCT xmin::text)::int AS commits FROM connector_hub.batches',
      );
      expect(commits).toBeLessThan(50);
      for (const { batchId, accepted } of receipts) {
        expect(await openInbox(database).inbox.fetch(batchId)).toMatchObject({ count: accepted });
      }
      await dispatcher.drain();
      expect(queue.offered.map(({ batchId }) => batchId).sort()).toEqual(receipts.map(({ batchId }) => batchId).sort());
      expect(queue.offered.every(({ epoch }) => epoch === 0)).toBe(true);
      expect(new Set(queue.jobIds).size).toBe(queue.jobIds.length);
    });

    it('lets one that cannot be taken not fail its neighbours', async () => {
      const { inbox } = openInbox(database);
      const results = await Promise.allSettled([
        inbox.accept(push(1)),
        inbox.accept(push(1, { pipeline: 'nobody' })),
        inbox.accept(push(2)),
        inbox.accept(push(2, { project: 'null\u0000byte' })), // the whole statement fails for it
        inbox.accept(push(3)),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(results[1]).toMatchObject({ reason: { code: 'pipeline.unknown' } });
      expect(await countOf('batches')).toBe(3);
    });

    it('belongs to the version installed last, and to none after removal', async () => {
      const { inbox } = openInbox(database);
      const sources = new InstalledSources(database);
      await sources.install({ ...NAME, version: 2 });
      expect(await inbox.accept(push(1))).toMatchObject({ version: 2 });
      await sources.remove(NAME);
      await expect(inbox.accept(push(1))).rejects.toMatchObject({ code: 'pipeline.unknown', status: 404 });
    });
  });

  describe('limits', () => {
    it('takes no more of a project that has its share waiting, and goes on with the others', async () => {
      const { inbox, outcomes, sweeper } = openInbox(database, { inboxProjectMaxBytes: 3_000 });
      const elsewhere = { project: 'other', pipeline: NAME.pipeline };
      await new InstalledSources(database).install({ ...elsewhere, version: 1 });
      const { batchId } = await inbox.accept(push(20));
      await expect(inbox.accept(push(20))).rejects.toMatchObject({
        code: 'inbox.full',
        message: expect.stringContaining('The project "default"') as string,
      });
      await expect(inbox.accept(push(20, elsewhere))).resolves.toMatchObject({ accepted: 20 });
      const restarted = openInbox(database, { inboxProjectMaxBytes: 3_000 });
      await restarted.sweeper.sweep();
      await expect(restarted.inbox.accept(push(20))).rejects.toMatchObject({ code: 'inbox.full' });
      await outcomes.settle(outcome(batchId, 20));
      await expect(inbox.accept(push(20))).resolves.toMatchObject({ accepted: 20 });
      await sweeper.sweep();
      await expect(inbox.accept(push(20))).rejects.toMatchObject({ code: 'inbox.full' });
    });

    it('takes nothing over its bytes, and again when there is room', async () => {
      const { inbox, outcomes } = openInbox(database, { inboxMaxBytes: 3_000 });
      const { batchId } = await inbox.accept(push(20));
      await expect(inbox.accept(push(20))).rejects.toMatchObject({
        code: 'inbox.full',
        details: { retryAfterMs: expect.any(Number) as number },
      });
      expect(await countOf('batches')).toBe(1);
      await outcomes.settle(outcome(batchId, 20));
      await expect(inbox.accept(push(20))).resolves.toMatchObject({ accepted: 20 });
    });

    it('counts what comes at once before it is committed', async () => {
      const { inbox } = openInbox(database, { inboxMaxBytes: 5_000 });
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => inbox.accept(push(20))));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    });

    it('begins with what the table holds, and frees what was not committed', async () => {
      const first = openInbox(database);
      await first.inbox.accept(push(20));
      await expect(first.inbox.accept(push(20, { pipeline: 'nobody' }))).rejects.toThrow();
      const { backlog } = openInbox(database);
      await backlog.refresh();
      expect(backlog.bytes).toBe(push(20).body.byteLength);
      expect(first.backlog.bytes).toBe(push(20).body.byteLength);
    });

    it('stops the pipeline whose oldest batch is too old, and no other', async () => {
      const { inbox, backlog } = openInbox(database);
      await new InstalledSources(database).install({ ...NAME, pipeline: 'other', version: 1 });
      await inbox.accept(push(1));
      await database.query("UPDATE connector_hub.batches SET received_at = received_at - interval '2 hours'");
      await backlog.refresh();
      await expect(inbox.accept(push(1))).rejects.toMatchObject({ code: 'inbox.full' });
      await expect(inbox.accept(push(1, { pipeline: 'other' }))).resolves.toMatchObject({ accepted: 1 });
    });

    it('stops a project whose oldest batch is far too old, and goes on with the others', async () => {
      const { inbox, outcomes, backlog } = openInbox(database);
      const beside = { pipeline: 'beside' };
      const elsewhere = { project: 'elsewhere', pipeline: 'beside' };
      const sources = new InstalledSources(database);
      await sources.install({ ...NAME, ...beside, version: 1 });
      await sources.install({ ...elsewhere, version: 1 });
      const { batchId } = await inbox.accept(push(1));
      await inbox.accept(push(1, beside));
      await database.query(
        "UPDATE connector_hub.batches SET received_at = received_at - interval '7 hours' WHERE batch_id = $1",
        [batchId],
      );
      await backlog.refresh();
      await expect(inbox.accept(push(1, beside))).rejects.toMatchObject({
        code: 'inbox.full',
        message: expect.stringContaining('A batch of the project "default" waits') as string,
      });
      await expect(inbox.accept(push(1, elsewhere))).resolves.toMatchObject({ accepted: 1 });
      await outcomes.settle(outcome(batchId, 1));
      await backlog.refresh();
      await expect(inbox.accept(push(1, beside))).resolves.toMatchObject({ accepted: 1 });
    });
  });

  describe('idempotency (rule 7)', () => {
    it('rule 7: the same key and bytes give the first receipt, in any process', async () => {
      const first = await openInbox(database).inbox.accept(push(5, { idempotencyKey: 'k1' }));
      const again = await openInbox(database).inbox.accept(push(5, { idempotencyKey: 'k1' }));
      expect(again).toEqual({ ...first, repeated: true });
      expect(await countOf('batches')).toBe(1);
    });

    it('rule 7: the same key with other bytes is refused with 422', async () => {
      const { inbox } = openInbox(database);
      await inbox.accept(push(5, { idempotencyKey: 'k1' }));
      await expect(inbox.accept(push(6, { idempotencyKey: 'k1' }))).rejects.toMatchObject({
        code: 'idempotency.other_body',
        status: 422,
      });
      expect(await countOf('batches')).toBe(1);
    });

    it('rule 7: a second one while the first is under way is refused with 409; across processes one effect remains', async () => {
      const { inbox } = openInbox(database);
      const [first, second] = await Promise.allSettled([
        inbox.accept(push(5, { idempotencyKey: 'k1' })),
        inbox.accept(push(5, { idempotencyKey: 'k1' })),
      ]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ reason: { code: 'idempotency.in_flight', status: 409 } });
      const receipts = await Promise.all(
        Array.from({ length: 5 }, () => openInbox(database).inbox.accept(push(5, { idempotencyKey: 'k2' }))),
      );
      expect(new Set(receipts.map(({ batchId }) => batchId)).size).toBe(1);
      expect(receipts.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await countOf('batches')).toBe(2);
    });

    it('rule 7: a key belongs to its project and pipeline, and failures are not stored', async () => {
      const { inbox } = openInbox(database);
      await expect(inbox.accept(push(1, { idempotencyKey: 'k1', pipeline: 'late' }))).rejects.toThrow();
      await new InstalledSources(database).install({ ...NAME, pipeline: 'late', version: 1 });
      const late = await inbox.accept(push(1, { idempotencyKey: 'k1', pipeline: 'late' }));
      const other = await inbox.accept(push(2, { idempotencyKey: 'k1' }));
      expect([late.repeated, other.repeated]).toEqual([false, false]);
    });

    it('rule 7: a key is kept for 72 hours and may then be used anew', async () => {
      const { inbox, sweeper } = openInbox(database);
      await inbox.accept(push(1, { idempotencyKey: 'k1' }));
      const [{ hours }] = await database.query<[{ hours: number }]>(
        'SELECT round(extract(epoch FROM expires_at - clock_timestamp()) / 3600)::int AS hours FROM connector_hub.idempotency',
      );
      expect(hours).toBe(72);
      await database.query("UPDATE connector_hub.idempotency SET expires_at = expires_at - interval '73 hours'");
      await expect(inbox.accept(push(2, { idempotencyKey: 'k1' }))).resolves.toMatchObject({ repeated: false });
      await database.query("UPDATE connector_hub.idempotency SET expires_at = expires_at - interval '73 hours'");
      await sweeper.clean();
      expect(await countOf('idempotency')).toBe(0);
    });
  });

  describe('the sweeper', () => {
    it('rule 2: offers again, under a new epoch, what the queue lost, and leaves alone what is leased', async () => {
      const { inbox, queue, sweeper, dispatcher } = openInbox(database);
      const { batchId } = await inbox.accept(push(1));
      await dispatcher.drain();
      queue.offered.length = 0;
      expect(await sweeper.sweep()).toBe(0);
      await expireLeases();
      expect(await sweeper.sweep()).toBe(1);
      expect(queue.offered).toMatchObject([{ batchId, epoch: 1 }]);
      expect(queue.jobIds.at(-1)).toBe(`${batchId}-1`);
      expect(await sweeper.sweep()).toBe(0);
      expect(await inbox.fetch(batchId)).toMatchObject({ epoch: 1 });
    });

    it('rule 2: the queue being away fails no accept; the next sweep offers the batch', async () => {
      const { inbox, queue, sweeper, dispatcher } = openInbox(database);
      queue.away = true;
      const { batchId } = await inbox.accept(push(1));
      await dispatcher.drain();
      await sweeper.sweep();
      queue.away = false;
      await sweeper.sweep();
      expect(queue.offered).toMatchObject([{ batchId, epoch: 2 }]);
    });

    it('two sweepers offer each batch once', async () => {
      const { inbox } = openInbox(database);
      await Promise.all(Array.from({ length: 50 }, () => inbox.accept(push(1))));
      await expireLeases();
      const [one, two] = [openInbox(database), openInbox(database)];
      await Promise.all([one.sweeper.sweep(), two.sweeper.sweep()]);
      const offered = [...one.queue.offered, ...two.queue.offered].map(({ batchId }) => batchId);
      expect(new Set(offered).size).toBe(50);
      expect(offered).toHaveLength(50);
    });

    it('keeps a batch that cannot be normalized, with the reason, and waits longer each time', async () => {
      const { inbox, outcomes, sweeper } = openInbox(database);
      const { batchId } = await inbox.accept(push(1));
      const waits: number[] = [];
      for (let epoch = 0; epoch < 8; epoch += 1) {
        await outcomes.reportStuck({ batchId, epoch, reason: 'storage is away' });
        const [row] = await database.query<[{ wait: number; last_error: string }]>(
          'SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS wait, last_error FROM connector_hub.batches',
        );
        expect(row.last_error).toBe('storage is away');
        waits.push(Math.round(row.wait));
        await expireLeases();
        expect(await sweeper.sweep()).toBe(1);
      }
      expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    });

    it('rule 3: the report of an older epoch does not shorten the lease of the newer', async () => {
      const { inbox, outcomes, sweeper } = openInbox(database);
      const { batchId } = await inbox.accept(push(1));
      await expireLeases();
      await sweeper.sweep();
      await outcomes.reportStuck({ batchId, epoch: 0, reason: 'late news' });
      const [{ leased }] = await database.query<[{ leased: boolean }]>(
        "SELECT lease_until > clock_timestamp() + interval '20 seconds' AS leased FROM connector_hub.batches",
      );
      expect(leased).toBe(true);
      await expect(
        outcomes.reportStuck({ ...NAME, batchId: new Ids().uuidv7(), epoch: 0, reason: '' }),
      ).rejects.toMatchObject({ code: 'batch.unknown' });
    });
  });

  describe('settling', () => {
    it('keeps the first outcome, and the raw bytes for as long as the pipeline wants them', async () => {
      const { inbox, outcomes } = openInbox(database);
      const { batchId } = await inbox.accept(push(10));
      await outcomes.settle(outcome(batchId, 10, 3));
      await outcomes.settle(outcome(batchId, 10, 0));
      const batch = await inbox.fetch(batchId);
      expect(batch).toMatchObject({ settled: true, count: 10 });
      expect(Buffer.from(batch.payload).equals(push(10).body)).toBe(true);
      const { versions } = await outcomes.totals(NAME);
      expect(versions).toMatchObject([{ version: 1, accepted: 10, normalized: 7, filtered: 3, pending: 0 }]);
    });

    it('drops the raw bytes at once where the pipeline keeps none, and says that it is settled', async () => {
      await new InstalledSources(database).install({ ...NAME, version: 2, keepRawMs: 0 });
      const { inbox, outcomes } = openInbox(database);
      const { batchId } = await inbox.accept(push(10));
      await outcomes.settle(outcome(batchId, 10));
      const batch = await inbox.fetch(batchId);
      expect(batch).toMatchObject({ settled: true, count: 10 });
      expect(batch.payload).toHaveLength(0);
    });

    it('refuses an outcome that does not balance, and takes its neighbours', async () => {
      const { inbox, outcomes } = openInbox(database);
      const [a, b] = await Promise.all([inbox.accept(push(10)), inbox.accept(push(5))]);
      const results = await Promise.allSettled([
        outcomes.settle(outcome(a.batchId, 9)),
        outcomes.settle({ ...outcome(b.batchId, 5), stored: 4 }),
        outcomes.settle(outcome(new Ids().uuidv7(), 5)),
        outcomes.settle(outcome(b.batchId, 5)),
      ]);
      expect(results).toMatchObject([
        { reason: { code: 'batch.unbalanced', status: 422 } },
        { reason: { code: 'batch.unbalanced', status: 422 } },
        { reason: { code: 'batch.unknown' } },
        { status: 'fulfilled' },
      ]);
      const { versions } = await outcomes.totals(NAME);
      expect(versions).toMatchObject([{ accepted: 15, normalized: 5, pending: 10 }]);
    });

    it('the books balance in every snapshot while batches come and settle, twice each, in two processes', async () => {
      const [one, two] = [openInbox(database), openInbox(database)];
      let sent = 0;
      let running = true;
      const reader = (async () => {
        while (running) {
          for (const v of (await two.outcomes.totals(NAME)).versions) {
            expect(v.accepted).toBe(v.normalized + v.filtered + v.quarantined + v.pending);
            expect(v.produced).toBe(v.stored + v.merged + v.stale + v.duplicate);
          }
        }
      })();
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          for (let round = 0; round < 10; round += 1) {
            const { batchId, accepted } = await one.inbox.accept(push((sent % 9) + 1));
            sent += accepted;
            await Promise.all([one, two].map(({ outcomes }) => outcomes.settle(outcome(batchId, accepted, 1))));
          }
        }),
      );
      running = false;
      await reader;
      const { versions, lastAcceptedAt } = await one.outcomes.totals(NAME);
      expect(versions).toMatchObject([
        { version: 1, accepted: sent, filtered: 200, normalized: sent - 200, pending: 0 },
      ]);
      expect(Date.parse(lastAcceptedAt ?? '')).not.toBeNaN();
      expect(one.backlog.bytes).toBeGreaterThanOrEqual(0);
    });

    it('forgets settled batches without raw bytes after an hour, and keeps their sums', async () => {
      await new InstalledSources(database).install({ ...NAME, version: 2, keepRawMs: 0 });
      const twoHoursAgo = new (class extends Ids {
        override uuidv7(): string {
          const at = (Date.now() - 2 * 3_600_000).toString(16).padStart(12, '0');
          return `${at.slice(0, 8)}-${at.slice(8)}${super.uuidv7().slice(13)}`;
        }
      })();
      const { inbox, outcomes, sweeper } = openInbox(database, {}, twoHoursAgo);
      const [old, pending] = await Promise.all([inbox.accept(push(10)), inbox.accept(push(4))]);
      await outcomes.settle(outcome(old.batchId, 10));
      await sweeper.clean();
      await expect(inbox.fetch(old.batchId)).resolves.toMatchObject({ settled: true });
      await database.query("UPDATE connector_hub.batches SET settled_at = settled_at - interval '61 minutes'");
      await sweeper.clean();
      await expect(inbox.fetch(old.batchId)).rejects.toMatchObject({ code: 'batch.unknown' });
      await expect(inbox.fetch(pending.batchId)).resolves.toMatchObject({ count: 4 });
      expect((await outcomes.totals(NAME)).versions).toMatchObject([
        { version: 1, accepted: 0 },
        { version: 2, accepted: 14, normalized: 10, pending: 4 },
      ]);
    });
  });
});
