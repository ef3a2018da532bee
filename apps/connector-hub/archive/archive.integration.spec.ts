import { Logger } from '@nestjs/common';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { ObjectStore, PutOptions } from '#libs/objects/object-store';
import { openTestObjects, TestObjects } from '#libs/testing/objects';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { Cut, PostgresProxy } from '#libs/testing/postgres-proxy';
import { seededRandom } from '../../../test/support/random';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { Backlog } from '../inbox/backlog';
import { Dispatcher } from '../inbox/dispatcher';
import { Inbox } from '../inbox/inbox';
import { Outcomes } from '../inbox/outcomes';
import { Partitions } from '../inbox/partitions';
import { InstalledSources } from '../sources/installed-sources';
import { Mover, SEGMENT_RULES, SegmentRules } from './mover';
import { Retention } from './retention';
import { Segments } from './segments';
import { StoredBatches } from '../inbox/stored-batches';

const NAME = { project: 'default', pipeline: 'quakes' };
const AT_ONCE: SegmentRules = { ...SEGMENT_RULES, ageMs: 0 };
const HOUR_MS = 3_600_000;
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);

/** Makes ids as a clock would that is `aheadMs` ahead. */
class IdsAhead extends Ids {
  constructor(private readonly aheadMs: number) {
    super();
  }

  override uuidv7(): string {
    const at = (Date.now() + this.aheadMs).toString(16).padStart(12, '0');
    return `${at.slice(0, 8)}-${at.slice(8)}${super.uuidv7().slice(13)}`;
  }
}

describe('raw batches that leave the inbox', () => {
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
    for (const table of ['batches', 'idempotency', 'totals', 'pipelines', 'sources', 'segments', 'run_outcomes']) {
      await database.query(`DELETE FROM connector_hub.${table}`);
    }
    await new InstalledSources(database).install({ ...NAME, version: 1 });
    objects = await openTestObjects();
  });
  afterEach(() => objects.stop());

  function open({ via = database, store = objects.store, ids = new Ids(), rules = AT_ONCE } = {}) {
    const segments = new Segments(via, store);
    const backlog = new Backlog(via, loadConfig({}));
    const dispatcher = new Dispatcher(via, { addBulk: () => Promise.resolve() } as never); // only that is used
    const stored = new StoredBatches(via, segments);
    const inbox = new Inbox(via, ids, backlog, dispatcher, stored);
    return {
      inbox,
      segments,
      outcomes: new Outcomes(via, inbox, stored),
      mover: new Mover(via, store, new Ids(), rules),
      retention: new Retention(via, store),
      partitions: new Partitions(via),
    };
  }

  const bodyOf = (text: string, lines = 3): Buffer =>
    Buffer.from(Array.from({ length: lines }, (_, at) => `{"${text}":${at},"pad":"${'x'.repeat(300)}"}\n`).join(''));
  const push = (body: Buffer, more: object = {}) => ({ ...NAME, format: 'ndjson' as const, body, ...more });
  const settled = (batchId: string, count: number) => ({
    batchId,
    epoch: 0,
    normalized: count,
    filtered: 0,
    quarantined: 0,
    produced: count,
    stored: count,
    merged: 0,
    stale: 0,
    duplicate: 0,
  });
  const rowsLeft = async (): Promise<number> => {
    const [row] = await database.query<[{ n: number }]>('SELECT count(*)::int AS n FROM connector_hub.batches');
    return row.n;
  };
  const partitions = async (): Promise<string[]> => {
    const rows = await database.query<{ name: string }[]>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'connector_hub.batches'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  async function acceptAndSettle({ inbox, outcomes }: ReturnType<typeof open>, bodies: readonly Buffer[]) {
    const receipts = await Promise.all(bodies.map((body) => inbox.accept(push(body))));
    await Promise.all(receipts.map(({ batchId, accepted }) => outcomes.settle(settled(batchId, accepted))));
    return receipts.map(({ batchId }) => batchId);
  }

  it('are read byte by byte from their segment, by any process, as they were', async () => {
    const hub = open();
    const bodies = [...Array.from({ length: 40 }, (_, at) => bodyOf(`b${at}`, at + 1)), Buffer.from('{"tiny":1}\n')];
    const ids = await acceptAndSettle(hub, bodies);
    const before = await Promise.all(ids.map((id) => hub.inbox.fetch(id)));
    expect(await hub.mover.move()).toBe(41);
    expect(await rowsLeft()).toBe(0);
    const other = open();
    for (const [at, id] of ids.entries()) {
      const batch = await other.inbox.fetch(id);
      expect(Buffer.from(batch.payload).equals(bodies[at]!)).toBe(true);
      expect({ ...batch, payload: 0 }).toEqual({ ...before[at], payload: 0 });
    }
    const [key] = readdirSync(objects.folder, { recursive: true }).filter((name) => String(name).endsWith('.segment'));
    expect(String(key)).toMatch(/^raw\/default\/quakes\/\d{4}\/\d\d\/\d\d\/\d\d\/[0-9a-f-]{36}\.segment$/);
    await expect(other.inbox.fetch(new Ids().uuidv7())).rejects.toMatchObject({ code: 'batch.unknown' });
  });

  it('change neither totals, nor what a run did, nor idempotency keys, and a late outcome is taken for known', async () => {
    const hub = open();
    const runId = new Ids().uuidv7();
    const pulled = await hub.inbox.prepare(NAME, [
      { ...NAME, version: 1, runId, format: 'ndjson', payload: bodyOf('p'), count: 3 },
    ]);
    await database.transaction((tx) => pulled.insert(tx));
    pulled.committed();
    const [{ batchId }] = await database.query<[{ batchId: string }]>(
      'SELECT batch_id AS "batchId" FROM connector_hub.batches',
    );
    expect(await hub.outcomes.ofRun(runId)).toMatchObject({ batches: 1, pendingBatches: 1, accepted: 3, stored: 0 });
    await hub.outcomes.settle(settled(batchId, 3));
    const first = await hub.inbox.accept(push(bodyOf('k'), { idempotencyKey: 'key' }));
    await hub.outcomes.settle(settled(first.batchId, 3));
    const totals = await hub.outcomes.totals(NAME);
    const run = await hub.outcomes.ofRun(runId);
    expect(run).toMatchObject({ batches: 1, pendingBatches: 0, accepted: 3, stored: 3 });
    expect(await hub.mover.move()).toBe(2);
    expect(await hub.outcomes.totals(NAME)).toEqual(totals);
    expect(await hub.outcomes.ofRun(runId)).toEqual(run);
    const again = await hub.inbox.accept(push(bodyOf('k'), { idempotencyKey: 'key' }));
    expect(again).toEqual({ ...first, repeated: true });
    await expect(hub.outcomes.settle(settled(first.batchId, 3))).resolves.toBeUndefined();
    expect(await hub.outcomes.totals(NAME)).toEqual(totals);
  });

  it('leave pending batches and other pipelines where they are, and gather until it is worth an object', async () => {
    const hub = open({ rules: { bytes: 2_000, batches: 10, ageMs: HOUR_MS } });
    const pending = await hub.inbox.accept(push(bodyOf('pending')));
    await acceptAndSettle(hub, [bodyOf('a')]);
    expect(await hub.mover.move()).toBe(0);
    await acceptAndSettle(
      hub,
      Array.from({ length: 24 }, (_, at) => Buffer.from(`{"b":${at}}\n`)),
    );
    expect(await hub.mover.move()).toBe(20); // two segments of ten; five are not worth one yet
    expect(await rowsLeft()).toBe(6);
    expect(await hub.inbox.fetch(pending.batchId)).toMatchObject({ settled: false });
  });

  it('let their hour be dropped as a whole, and only when nothing is left in it', async () => {
    const hub = open({ ids: new IdsAhead(2 * HOUR_MS) });
    const late = open({ ids: new IdsAhead(2 * HOUR_MS) });
    const [id] = await acceptAndSettle(hub, [bodyOf('a')]);
    const waiting = await late.inbox.accept(push(bodyOf('w')));
    const [{ table }] = await database.query<[{ table: string }]>(
      'SELECT tableoid::regclass::text AS table FROM connector_hub.batches LIMIT 1',
    );
    expect(table).toMatch(/^connector_hub\.batches_\d{10}$/);
    const drop = async (): Promise<number> => {
      const [{ gone }] = await database.query<[{ gone: number }]>(
        "SELECT connector_hub.drop_empty_partitions(clock_timestamp() + interval '6 hours') AS gone",
      );
      return gone;
    };
    await hub.mover.move();
    while ((await drop()) > 0);
    expect((await partitions()).map((name) => `connector_hub.${name}`)).toContain(table);
    await hub.outcomes.settle(settled(waiting.batchId, 3));
    await hub.mover.move();
    while ((await drop()) > 0);
    expect(await partitions()).toEqual(['batches_other']);
    expect(Buffer.from((await open().inbox.fetch(id!)).payload).equals(bodyOf('a'))).toBe(true);
    await hub.partitions.makeAhead();
    await hub.partitions.makeAhead();
    expect((await partitions()).length).toBeGreaterThanOrEqual(4);
    expect(await rowsLeft()).toBe(0);
  });

  it('are kept for keepRaw, from when they came, and then leave the object store', async () => {
    const old = open({ ids: new IdsAhead(-3 * HOUR_MS) });
    const [id] = await acceptAndSettle(old, [bodyOf('a')]);
    await acceptAndSettle(open(), [bodyOf('b')]);
    await old.mover.move();
    expect(await old.retention.apply()).toBe(0);
    await new InstalledSources(database).install({ ...NAME, version: 2, keepRawMs: 2 * HOUR_MS });
    expect(await old.retention.apply()).toBe(1);
    await expect(open().inbox.fetch(id!)).rejects.toMatchObject({ code: 'batch.unknown' });
    const kept = readdirSync(objects.folder, { recursive: true }).filter((name) => String(name).endsWith('.segment'));
    expect(kept).toHaveLength(1);
  });

  it('leave in the end though another pipeline or another segment fails, which is said', async () => {
    await new InstalledSources(database).install({ project: 'default', pipeline: 'broken', version: 1 });
    const failing = { part: '' };
    const store = new Proxy(objects.store, {
      get(target, name, self): unknown {
        if (name !== 'put' && name !== 'delete') return Reflect.get(target, name, self);
        return (key: string, ...more: [never]) =>
          failing.part !== '' && key.includes(failing.part)
            ? Promise.reject(new Error('the disk is full'))
            : target[name](key, ...more);
      },
    });
    const hub = open({ store, ids: new IdsAhead(-3 * HOUR_MS) });
    for (const pipeline of ['broken', 'quakes']) {
      const { batchId } = await hub.inbox.accept({ ...push(bodyOf('a')), pipeline });
      await hub.outcomes.settle(settled(batchId, 3));
    }
    failing.part = '/broken/';
    await expect(hub.mover.move()).rejects.toThrow('the disk is full');
    expect(await rowsLeft()).toBe(1);
    failing.part = '';
    expect(await hub.mover.move()).toBe(1);
    for (const pipeline of ['broken', 'quakes']) {
      await new InstalledSources(database).install({ ...NAME, pipeline, version: 2, keepRawMs: 2 * HOUR_MS });
    }
    failing.part = '/broken/';
    await expect(hub.retention.apply()).rejects.toThrow('the disk is full');
    const left = await database.query("SELECT pipeline FROM connector_hub.segments WHERE state <> 'writing'");
    expect(left).toEqual([{ pipeline: 'broken' }]);
  });

  it('say that an object was changed rather than give other bytes', async () => {
    const hub = open();
    const [id] = await acceptAndSettle(hub, [bodyOf('a', 50)]);
    await hub.mover.move();
    const [key] = readdirSync(objects.folder, { recursive: true }).filter((name) => String(name).endsWith('.segment'));
    const path = join(objects.folder, String(key));
    const { segment, entry } = (await hub.segments.find(id!))!;
    const bytes = await objects.store.read(segment.objectKey, { maxBytes: 1e9 });
    bytes[entry.offset + 20]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open().inbox.fetch(id!)).rejects.toThrow();
    bytes[segment.index.offset + 20]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open().inbox.fetch(id!)).rejects.toMatchObject({ code: 'raw.corrupt' });
  });

  describe('through faults', () => {
    let proxy: PostgresProxy;
    let cut: DataSource;
    beforeAll(async () => {
      proxy = await PostgresProxy.start(test.appUrl);
      cut = await new DataSource({ type: 'postgres', url: proxy.url, extra: { max: 6 } }).initialize();
    });
    afterAll(async () => {
      await cut.destroy();
      await proxy.stop();
    });
    beforeEach(() => proxy.cutBy(() => undefined));

    /** An object store that fails before or after it has done what it was asked. */
    class FailingObjects extends ObjectStore {
      failures: ('before' | 'after' | 'no')[] = [];
      constructor(private readonly real: ObjectStore) {
        super();
      }
      async put(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions) {
        const failure = this.failures.shift() ?? 'no';
        if (failure === 'before') throw new Error('the store is away');
        const info = await this.real.put(key, body, options);
        if (failure === 'after') throw new Error('the answer was lost');
        return info;
      }
      get: ObjectStore['get'] = (key, options) => this.real.get(key, options);
      head: ObjectStore['head'] = (key) => this.real.head(key);
      list: ObjectStore['list'] = (prefix, options) => this.real.list(prefix, options);
      async delete(key: string) {
        const failure = this.failures.shift() ?? 'no';
        if (failure === 'before') throw new Error('the store is away');
        await this.real.delete(key);
        if (failure === 'after') throw new Error('the answer was lost');
      }
    }

    const CUTS: readonly Cut[] = ['before', 'halfway', 'racing', 'unanswered'];

    it.each(SEEDS)(
      'rule 1: seed %i: every acknowledged batch stays whole in one place, whatever breaks while it moves and expires',
      async (seed) => {
        const next = seededRandom(seed);
        const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
        const store = new FailingObjects(objects.store);
        const hub = open();
        const moving = open({ via: cut, store, rules: { bytes: 3_000, batches: 7, ageMs: 0 } });
        const bodies = new Map<string, Buffer>();
        const totalsOf = async () => (await hub.outcomes.totals(NAME)).versions[0];
        for (let round = 0; round < 3; round += 1) {
          const texts = Array.from({ length: 8 }, (_, at) =>
            bodyOf(`s${seed}-${round}-${at}`, 1 + Math.floor(next() * 5)),
          );
          const ids = await acceptAndSettle(hub, texts);
          ids.forEach((id, at) => bodies.set(id, texts[at]!));
          const before = await totalsOf();
          store.failures = Array.from({ length: 3 }, () => pick(['before', 'after', 'no', 'no']));
          const statement = pick([
            'DELETE FROM connector_hub.batches',
            'UPDATE connector_hub.segments',
            'COMMIT',
            'INSERT INTO connector_hub.segments',
          ]);
          let cuts = 1;
          proxy.cutBy((sql) => (sql.includes(statement) && cuts-- > 0 ? pick(CUTS) : undefined));
          for (let tries = 0; tries < 3; tries += 1) {
            await Promise.allSettled([
              moving.mover.move(),
              next() < 0.5 ? moving.mover.move() : moving.retention.apply(),
            ]);
          }
          proxy.cutBy(() => undefined);
          expect(await totalsOf()).toEqual(before);
          const reader = open();
          for (const [id, body] of bodies) {
            expect(Buffer.from((await reader.inbox.fetch(id)).payload).equals(body)).toBe(true);
          }
          const [{ doubled }] = await database.query<[{ doubled: number }]>(
            `SELECT count(*)::int AS doubled FROM connector_hub.batches b
             JOIN connector_hub.segments s ON s.state = 'kept' AND s.pipeline = b.pipeline AND b.batch_id = s.first_id`,
          );
          expect(doubled).toBe(0);
        }
        // What crashes left half written goes, and nothing else.
        await database.query(`UPDATE connector_hub.segments SET written_at = written_at - interval '2 hours'`);
        store.failures = [];
        await moving.mover.move();
        await moving.retention.apply();
        const [{ kept }] = await database.query<[{ kept: number }]>(
          `SELECT coalesce(sum(batches), 0)::int AS kept FROM connector_hub.segments WHERE state = 'kept'`,
        );
        expect(kept + (await rowsLeft())).toBe(bodies.size);
        const objectsKept = readdirSync(objects.folder, { recursive: true }).filter((name) =>
          String(name).endsWith('.segment'),
        );
        const [{ rows }] = await database.query<[{ rows: number }]>(
          'SELECT count(*)::int AS rows FROM connector_hub.segments',
        );
        expect(objectsKept).toHaveLength(rows);
      },
    );
  });
});
