import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ArchiveWork } from '#libs/contracts/archives';
import { ColumnDef } from '#libs/contracts/columns';
import { Outbox } from '#libs/database/outbox';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { FolderObjectStore } from '#libs/objects/folder/folder-object-store';
import { Idempotency } from '#libs/idempotency/idempotency';
import { ObjectStore } from '#libs/objects/object-store';
import { S3ObjectStore } from '#libs/objects/s3/s3-object-store';
import { s3PlaceOf } from '#libs/objects/s3/s3-place';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { startS3rver } from '#libs/testing/s3';
import { Engine, Row, Trial } from '../conformance/trial.conformance';
import { DuckDbEventStore } from '../duckdb/duckdb-event-store';
import { EventStore } from '../event-store';
import { storageMigrations } from '../storage.migrations';
import { ArchiveRemovals } from './archive-removals';
import { Archives } from './archives';

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'n', type: 'int', nullable: true },
  { name: 'v', type: 'double', nullable: true },
  { name: 'ok', type: 'bool', nullable: true },
  { name: 'raw', type: 'json', nullable: true },
];
/** More than one file holds. */
const MANY = 60_000;
const START_US = 1_767_225_600_000_000n;

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, at) => ({
    id: ['é', '', "'", '\u{1F600}', 'a\n"b"'][at % 5]! + String(at),
    at: START_US + BigInt(at) * 1_000_003n,
    n: at % 7 === 0 ? null : 9_223_372_036_854_775_807n - BigInt(at),
    v: at % 11 === 0 ? null : [Math.PI, 5e-324, -1.7976931348623157e308, 0.1 + 0.2, 1 / 3][at % 5]! / (1 + (at % 3)),
    ok: [true, false, null][at % 3]!,
    raw: [null, '{"a":[1,2.5,null,"é"]}', '"text"', '[]', '12345678901234567'][at % 5]!,
  }));

interface Place {
  readonly open: () => Promise<{ objects: ObjectStore; close: () => Promise<void> }>;
}

const PLACES: Readonly<Record<string, Place>> = {
  'a folder': {
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chartly-archives-'));
      const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
      return { objects: await FolderObjectStore.open(folder), close };
    },
  },
  S3: {
    open: async () => {
      const server = await startS3rver();
      const { url, accessKeyId, secretAccessKey } = server;
      const objects = new S3ObjectStore(s3PlaceOf(url, 'us-east-1'), { accessKeyId, secretAccessKey });
      return { objects, close: () => server.stop() };
    },
  },
};

describe.each(Object.keys(PLACES))('archives in %s', (place) => {
  let database: TestDatabase;
  let store: EventStore;
  let engine: Engine;
  let objects: ObjectStore;
  let archives: Archives;
  let removals: ArchiveRemovals;
  let closeObjects: () => Promise<void>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-events-'));
    database = await openTestDatabase([storageMigrations]);
    store = await DuckDbEventStore.open({ folder, memoryLimit: 256 * 2 ** 20 });
    engine = { store: () => store, reopen: () => Promise.resolve(), close: () => store.close() };
    ({ objects, close: closeObjects } = await PLACES[place]!.open());
    const clock = new Clock();
    const ids = new Ids();
    const audit = new AuditTrail(new Outbox('storage'), clock, ids);
    archives = new Archives(store, objects, database.dataSource, audit, clock, ids, new Idempotency('storage'));
    removals = new ArchiveRemovals(objects, database.dataSource, audit);
  });
  afterAll(async () => {
    await store.close();
    await database.stop();
    await closeObjects();
    await rm(folder, { recursive: true, force: true });
  });

  async function ended({ id, dataset }: ArchiveWork): Promise<ArchiveWork> {
    for (;;) {
      const { work } = await archives.list({ project: 'trial', dataset });
      const own = work.find((one) => one.id === id);
      if (own && own.state !== 'running' && own.state !== 'removing') return own;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const restore = async (trial: Trial, archive: string, into?: string): Promise<ArchiveWork> =>
    ended(
      await archives.restore({ ...trial.ref, archive, ...(into === undefined ? {} : { into }) }, (batch) =>
        store.append(batch),
      ),
    );

  it('bring back what was erased, to the last bit, and nothing twice', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(MANY), { appendId: 'batch/1/1' });
    const before = await trial.rows();
    const done = await ended(await archives.archive(trial.ref));
    expect(done).toMatchObject({ kind: 'archive', state: 'done', rows: MANY });
    expect(await restore(trial, done.archive)).toMatchObject({ state: 'done', rows: MANY, stored: 0 });

    const eraseId = '0190f5c4-0000-7000-8000-000000000001';
    await store.erase({ ...trial.ref, eraseId, filters: [{ column: 'n', op: 'is_not_null' }] });
    const { held: left } = await trial.totals();
    expect(left).toBeLessThan(MANY / 2);
    expect(await restore(trial, done.archive)).toMatchObject({ state: 'done', rows: MANY, stored: MANY - left });
    expect(await trial.rows()).toEqual(before);
    const { stored, held, erased, imported } = await trial.totals();
    expect({ held, imported, balance: stored - erased }).toEqual({ held: MANY, imported: MANY - left, balance: held });
    const files = [];
    for await (const { key } of objects.all('archives/')) files.push(key.split('/').at(-1));
    expect(files).toEqual(['000001.parquet', '000002.parquet', 'manifest.json']);
  });

  it('hold the range that was asked, and go into another dataset too', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(100));
    const other = await Trial.begin(engine, { columns: COLUMNS });
    const { archive } = await ended(await archives.archive({ ...trial.ref, from: '2026-01-01T00:00:10Z' }));
    expect(await restore(trial, archive, other.ref.dataset)).toMatchObject({ rows: 90, stored: 90 });
    expect(await other.rows()).toEqual((await trial.rows()).slice(10));
    await expect(archives.archive({ ...trial.ref, to: 'tomorrow' })).rejects.toThrow(Unprocessable);
  });

  it('are whole or not there, and say when they are damaged', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(100));
    const { archive } = await ended(await archives.archive(trial.ref));
    const home = `archives/trial/${trial.ref.dataset}/${archive}`;
    const file = await objects.read(`${home}/000001.parquet`, { maxBytes: 2 ** 20 });
    file[200] = file[200]! ^ 1;
    await objects.put(`${home}/000001.parquet`, file);
    const failed = await restore(trial, archive);
    expect(failed).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('not what was written') as string,
    });
    await objects.delete(`${home}/manifest.json`);
    await expect(archives.restore({ ...trial.ref, archive }, (batch) => store.append(batch))).rejects.toThrow(NotFound);
  });

  it('are so many at a time and no more; one that ends makes room (rule 9)', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(10));
    const { archive } = await ended(await archives.archive(trial.ref));
    let goOn = (): void => undefined;
    const open = new Promise<void>((resolve) => (goOn = resolve));
    const begin = (): Promise<ArchiveWork> =>
      archives.restore({ ...trial.ref, archive }, (batch) => open.then(() => store.append(batch)));
    const begun = [await begin(), await begin(), await begin(), await begin()];
    await expect(begin()).rejects.toMatchObject({ code: 'archive.busy' });
    goOn();
    for (const work of begun) expect(await ended(work)).toMatchObject({ state: 'done', rows: 10, stored: 0 });
    const another = await begin();
    expect(await ended(another)).toMatchObject({ state: 'done' });
  });

  const objectsOf = async (trial: Trial): Promise<string[]> => {
    const keys = [];
    for await (const { key } of objects.all(`archives/trial/${trial.ref.dataset}/`)) keys.push(key);
    return keys;
  };
  const actions = async (trial: Trial): Promise<string[]> => {
    const entries = await database.dataSource.query<{ action: string }[]>(
      `SELECT body->>'action' AS action FROM storage.outbox WHERE body->>'target' = $1 ORDER BY created_at`,
      [`Dataset/${trial.ref.dataset}`],
    );
    return entries.map(({ action }) => action);
  };

  it('go when they are deleted, and no row and no other archive with them', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(100));
    const { archive } = await ended(await archives.archive(trial.ref));
    const kept = await ended(await archives.archive(trial.ref));
    const asked = { ...trial.ref, archive };
    expect(await removals.remove(asked)).toMatchObject({ kind: 'archive', archive, state: 'removing', rows: 100 });
    const { work } = await archives.list(trial.ref);
    const own = work.find((one) => one.archive === archive)!;
    expect(await ended(own)).toMatchObject({ state: 'removed', rows: 100 });
    expect((await objectsOf(trial)).every((key) => key.includes(kept.archive))).toBe(true);
    await expect(removals.remove(asked)).rejects.toMatchObject({ code: 'archive.unknown' });
    await expect(restore(trial, archive)).rejects.toMatchObject({ code: 'archive.unknown' });
    expect(await restore(trial, kept.archive)).toMatchObject({ state: 'done', rows: 100 });
    expect(await trial.totals()).toMatchObject({ held: 100 });
    expect(await actions(trial)).toEqual([
      'dataset.archive',
      'dataset.archive',
      'dataset.archive_delete',
      'dataset.restore',
    ]);
  });

  it('stay while a restore reads them, into whatever dataset, and while they are written', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    const other = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(10));
    let goOn = (): void => undefined;
    const open = new Promise<void>((resolve) => (goOn = resolve));
    const { archive } = await ended(await archives.archive(trial.ref));
    const restoring = await archives.restore({ ...trial.ref, archive, into: other.ref.dataset }, (batch) =>
      open.then(() => store.append(batch)),
    );
    const remove = (): Promise<ArchiveWork> => removals.remove({ ...trial.ref, archive });
    await expect(remove()).rejects.toMatchObject({ code: 'archive.in_use' });
    goOn();
    expect(await ended(restoring)).toMatchObject({ state: 'done', stored: 10 });
    expect(await ended(await remove())).toMatchObject({ state: 'removed' });

    const put = jest.spyOn(objects, 'put').mockImplementation(() => Promise.reject(new Error('the network is gone')));
    const broken = await ended(await archives.archive(trial.ref));
    put.mockRestore();
    expect(broken).toMatchObject({ state: 'failed' });
    expect(await ended(await removals.remove({ ...trial.ref, archive: broken.archive }))).toMatchObject({
      state: 'removed',
    });
  });

  it('go for good though the process that deletes them ends in between (rule 4)', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(100));
    const { archive } = await ended(await archives.archive(trial.ref));
    const asked = { ...trial.ref, archive };
    const first = objects.delete.bind(objects);
    let begun: ArchiveWork | undefined;
    let ending: jest.SpyInstance | undefined;
    await new Promise<void>((ended) => {
      ending = jest.spyOn(objects, 'delete').mockImplementationOnce(first);
      ending.mockImplementation(() => {
        ended();
        return Promise.reject(new Error('the process ended'));
      });
      void removals.remove(asked).then((work) => (begun = work));
    });
    ending?.mockRestore();
    await expect(restore(trial, archive)).rejects.toMatchObject({ code: 'archive.unknown' });
    expect((await objectsOf(trial)).length).toBe(1);
    await removals.finish(); // somebody may be at it still
    expect((await objectsOf(trial)).length).toBe(1);
    await database.dataSource.query(
      `UPDATE storage.archive_work SET seen_at = seen_at - interval '6 minutes' WHERE id = $1`,
      [begun?.id],
    );
    await removals.finish();
    expect(await objectsOf(trial)).toEqual([]);
    expect(begun && (await ended(begun))).toMatchObject({ state: 'removed' });
    expect((await actions(trial)).filter((action) => action === 'dataset.archive_delete')).toHaveLength(1);
  });

  it('are not restored any more once they are to go, whoever asks first', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    await trial.append(rows(10));
    for (let round = 0; round < 5; round += 1) {
      const { archive } = await ended(await archives.archive(trial.ref));
      const [removed, restored] = await Promise.allSettled([
        removals.remove({ ...trial.ref, archive }),
        archives.restore({ ...trial.ref, archive }, (batch) => store.append(batch)),
      ]);
      expect([removed.status, restored.status].filter((status) => status === 'rejected')).toHaveLength(1);
      if (restored.status === 'fulfilled') expect(await ended(restored.value)).toMatchObject({ state: 'done' });
      if (removed.status === 'fulfilled') expect(await ended(removed.value)).toMatchObject({ state: 'removed' });
    }
  });

  it('leave one audit entry each', async () => {
    const trial = await Trial.begin(engine, { columns: COLUMNS });
    const { archive } = await ended(await archives.archive(trial.ref));
    await restore(trial, archive);
    expect(await actions(trial)).toEqual(['dataset.archive', 'dataset.restore']);
  });
});
