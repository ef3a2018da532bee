import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { ReplayedSlice } from '#libs/contracts/replay';
import { openTestObjects, TestObjects } from '#libs/testing/objects';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { Mover, SEGMENT_RULES } from '../archive/mover';
import { Resealer } from '../archive/resealer';
import { Retention } from '../archive/retention';
import { Segments } from '../archive/segments';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { Backlog } from '../inbox/backlog';
import { Dispatcher } from '../inbox/dispatcher';
import { Inbox } from '../inbox/inbox';
import { Outcomes } from '../inbox/outcomes';
import { InstalledSources } from '../sources/installed-sources';
import { RawHistory } from './raw-history';
import { Replayer } from './replayer';
import { StoredBatches } from '../inbox/stored-batches';

const NAME = { project: 'default', pipeline: 'quakes' };
const RANGE = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

/** Something happens between the look at the segment and what is done about it. */
class RacedSegments extends Segments {
  meanwhile?: () => Promise<unknown>;

  override async isThere(segmentId: string): Promise<boolean> {
    const there = await super.isThere(segmentId);
    const race = this.meanwhile;
    this.meanwhile = undefined;
    await race?.();
    return there;
  }
}

describe('the replay of a batch that was replayed before, whose raw bytes lie in a segment', () => {
  let test: TestDatabase;
  let database: DataSource;
  let objects: TestObjects;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([connectorHubMigrations]);
    ({ database } = test);
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    for (const table of ['batches', 'totals', 'pipelines', 'sources', 'segments']) {
      await database.query(`DELETE FROM connector_hub.${table}`);
    }
    await new InstalledSources(database).install({ ...NAME, version: 1 });
    objects = await openTestObjects();
  });
  afterEach(() => objects.stop());

  async function replayedOnce() {
    const ids = new Ids();
    const segments = new RacedSegments(database, objects.store);
    const backlog = new Backlog(database, loadConfig({}));
    const dispatcher = new Dispatcher(database, { addBulk: () => Promise.resolve() } as never); // only that is used
    const stored = new StoredBatches(database, segments);
    const inbox = new Inbox(database, ids, backlog, dispatcher, stored);
    const outcomes = new Outcomes(database, inbox, stored);
    const history = new RawHistory(database, segments);
    const replayer = new Replayer(database, history, segments, backlog, dispatcher, ids);
    const replay = (runId: string): Promise<ReplayedSlice> =>
      replayer.slice({ ...NAME, version: 1, runId, range: RANGE });
    const { batchId } = await inbox.accept({ ...NAME, format: 'ndjson', body: Buffer.from('{"a":1}\n') });
    const counts = { filtered: 0, quarantined: 0, merged: 0, stale: 0, duplicate: 0 };
    const settle = (epoch: number, generation: number): Promise<void> =>
      outcomes.settle({ batchId, epoch, generation, normalized: 1, produced: 1, stored: 1, ...counts });
    await settle(0, 0);
    await new Mover(database, objects.store, ids, { ...SEGMENT_RULES, ageMs: 0 }).move();
    expect(await replay(ids.uuidv7())).toMatchObject({ batches: 1, unavailable: 0, pending: 1 });
    await settle(1, 1);
    const resealer = new Resealer(database, objects.store, segments, ids, { ...SEGMENT_RULES, ageMs: 0 });
    const again = { replay, settle, runId: ids.uuidv7() };
    return { ...again, segments, batchId, stored, resealer };
  }

  const segmentLeaves = (): Promise<unknown> => database.query("UPDATE connector_hub.segments SET state = 'leaving'");

  it('takes it up again', async () => {
    const { replay, runId } = await replayedOnce();
    expect(await replay(runId)).toMatchObject({ batches: 1, unavailable: 0, pending: 1 });
  });

  const inInbox = async (): Promise<unknown[]> =>
    database.query('SELECT batch_id, status, generation FROM connector_hub.batches ORDER BY batch_id');
  const statesOfSegments = async (): Promise<string[]> => {
    const rows = await database.query<{ state: string }[]>('SELECT state FROM connector_hub.segments ORDER BY state');
    return rows.map(({ state }) => state);
  };

  it('takes its row out of the inbox again, with what came of it last, and its bytes are what they were', async () => {
    const { resealer, stored, batchId, replay, runId } = await replayedOnce();
    expect(await inInbox()).toHaveLength(1);
    expect(await resealer.reseal()).toBe(1);
    expect(await inInbox()).toEqual([]);
    expect(await statesOfSegments()).toEqual(['kept', 'leaving']);
    await new Retention(database, objects.store).apply();
    expect(await statesOfSegments()).toEqual(['kept']);
    const batch = await stored.get(batchId);
    expect(batch).toMatchObject({ settled: true, generation: 1, version: 1 });
    expect(Buffer.from(batch.payload).toString()).toBe('{"a":1}\n');
    expect(await resealer.reseal()).toBe(0);
    expect(await replay(runId)).toMatchObject({ batches: 1, unavailable: 0, pending: 1 });
    expect(await stored.get(batchId)).toMatchObject({ settled: false, generation: 2 });
  });

  it('stays where it is while it passes once more, and so does its segment', async () => {
    const { resealer, replay, settle, runId } = await replayedOnce();
    await replay(runId);
    expect(await resealer.reseal()).toBe(0);
    expect(await statesOfSegments()).toEqual(['kept']);
    await settle(2, 2);
    expect(await resealer.reseal()).toBe(1);
  });

  it('stays where it is when a replay takes it up while its segment is written anew', async () => {
    const { resealer, replay, runId, stored, batchId, settle } = await replayedOnce();
    const { put } = objects.store;
    objects.store.put = async (...given: Parameters<typeof put>) => {
      objects.store.put = put;
      await replay(runId);
      return put.apply(objects.store, given);
    };
    await expect(resealer.reseal()).rejects.toThrow('changed while it was written anew');
    expect(await stored.get(batchId)).toMatchObject({ settled: false, generation: 2 });
    await settle(2, 2);
    expect(await resealer.reseal()).toBe(1);
    expect(await stored.get(batchId)).toMatchObject({ settled: true, generation: 2 });
  });

  it('leaves copies for other pipelines their bytes', async () => {
    const { resealer, stored, batchId } = await replayedOnce();
    const copyId = new Ids().uuidv7();
    await database.query(
      `INSERT INTO connector_hub.batches
       SELECT copy.* FROM connector_hub.batches b, LATERAL jsonb_populate_record(
         b, jsonb_build_object('batch_id', $2::uuid, 'source_id', b.batch_id, 'pipeline', 'other')) AS copy
       WHERE b.batch_id = $1`,
      [batchId, copyId],
    );
    expect(await resealer.reseal()).toBe(1);
    await new Retention(database, objects.store).apply();
    expect(Buffer.from((await stored.get(copyId)).payload).toString()).toBe('{"a":1}\n');
  });

  it('passes it over when its segment leaves, even in this very moment', async () => {
    const { segments, replay, runId } = await replayedOnce();
    segments.meanwhile = segmentLeaves;
    expect(await replay(runId)).toMatchObject({ batches: 0, unavailable: 0, pending: 0 });
    expect(await replay(runId)).toMatchObject({ batches: 0, unavailable: 1, pending: 0 });
  });

  it('passes it over when the object of its segment is gone', async () => {
    const { replay, runId } = await replayedOnce();
    for await (const { key } of objects.store.all('raw/')) await objects.store.delete(key);
    expect(await replay(runId)).toMatchObject({ batches: 0, unavailable: 1, pending: 0 });
  });
});
