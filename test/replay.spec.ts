import { randomUUID } from 'node:crypto';
import { Mover, SEGMENT_RULES } from '#apps/connector-hub/archive/mover';
import { BatchWorker } from '#apps/normalizer/batch-worker';
import { balance } from '#apps/observer/balance';
import { Ids } from '#libs/clock/clock';
import { ColumnBatch } from '#libs/contracts/columns';
import { ReplayedSlice, ReplaySlice } from '#libs/contracts/replay';
import { InstallSteps } from '#libs/contracts/steps';
import { Unavailable } from '#libs/errors/errors';
import { ObjectStore } from '#libs/objects/object-store';
import { DataPlane } from './support/data-plane';
import { seededRandom } from './support/random';

const SEEDS = [1, 2, 3, 4, 5];
const PROJECT = 'default';
const DAY_MS = 86_400_000;

/** Version 1 takes values as they are and refuses those above 80; version 2 doubles them and refuses those below 10. */
function stepsOf(pipeline: string, version: number, dataset = pipeline): InstallSteps {
  return {
    project: PROJECT,
    pipeline,
    version,
    steps: [
      { filter: 'raw.kind != "noise"' },
      {
        map: {
          id: 'raw.id',
          time: 'timestamp_ms(raw.t)',
          value: version === 1 ? 'double(raw.v)' : 'double(raw.v) * 2.0',
        },
      },
      { validate: { schema: 'limits@1', onFail: 'quarantine' } },
    ],
    schemas: {
      'limits@1': { type: 'object', properties: { value: version === 1 ? { maximum: 80 } : { minimum: 20 } } },
    },
    dataset,
    time: 'time',
    key: ['id'],
    columns: [
      { name: 'id', type: 'string', nullable: false },
      { name: 'time', type: 'timestamp', nullable: false },
      { name: 'value', type: 'double', nullable: false },
    ],
  };
}

const BATCHES = 12;
const RECORDS = 100;
/** Of a hundred records ten are noise; v runs from 0 to 99. */
const body = (batch: number): string =>
  Array.from({ length: RECORDS }, (_, at) =>
    JSON.stringify({
      kind: at % 10 === 5 ? 'noise' : 'event',
      id: `b${batch}-${at}`,
      t: 1_767_225_600_000 + (batch * RECORDS + at) * 1_000,
      v: at,
    }),
  ).join('\n');
const events = Array.from({ length: RECORDS }, (_, at) => at).filter((at) => at % 10 !== 5);
const BY_VERSION = {
  1: { stored: events.filter((v) => v <= 80).length, sum: events.filter((v) => v <= 80).reduce((a, v) => a + v, 0) },
  2: {
    stored: events.filter((v) => v >= 10).length,
    sum: events.filter((v) => v >= 10).reduce((a, v) => a + 2 * v, 0),
  },
};

describe('a replay of raw batches', () => {
  let plane: DataPlane;
  let worker: BatchWorker;
  let pipeline: string;

  beforeAll(async () => {
    plane = await DataPlane.start();
    worker = plane.get(BatchWorker);
  });
  afterAll(() => plane.stop());
  beforeEach(() => {
    pipeline = `p${randomUUID().slice(0, 8)}`;
  });
  afterEach(() => {
    for (const call of ['storage.append', 'connector-hub.settle', 'connector-hub.fetchBatch'])
      plane.break(call, undefined);
  });

  /** Offers what is pending, as the queue does; a failure is left to the next round. */
  async function normalizePending(): Promise<void> {
    const pending = await plane.database.query<{ batchId: string; epoch: number }[]>(
      `SELECT batch_id AS "batchId", epoch FROM connector_hub.batches WHERE status = 'pending'`,
    );
    await Promise.all(pending.map((offer) => worker.normalize(offer).catch(() => undefined)));
  }

  async function history(): Promise<string[]> {
    await plane.install(stepsOf(pipeline, 1));
    const ids: string[] = [];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const push = { project: PROJECT, pipeline, format: 'ndjson' as const, body: Buffer.from(body(batch)) };
      ids.push((await plane.hub.accept(push)).batchId);
    }
    await normalizePending();
    return ids;
  }

  /** Half of the history goes to segments, half stays in the inbox. */
  async function archive(count: number, bytes = 2_000): Promise<void> {
    const rules = { ...SEGMENT_RULES, ageMs: 0, batches: 4, bytes };
    const mover = new Mover(plane.database, plane.get(ObjectStore), new Ids(), rules);
    await plane.database.query(
      `UPDATE connector_hub.batches SET settled_at = clock_timestamp() + interval '1 day'
       WHERE pipeline = $1 AND batch_id NOT IN (
         SELECT batch_id FROM connector_hub.batches WHERE pipeline = $1 ORDER BY batch_id LIMIT $2)`,
      [pipeline, count],
    );
    await mover.move();
  }

  const request = (more: Partial<ReplaySlice> = {}): ReplaySlice => ({
    project: PROJECT,
    pipeline,
    version: 2,
    runId: new Ids().uuidv7(),
    range: {
      from: new Date(Date.now() - DAY_MS).toISOString(),
      to: new Date(Date.now() + DAY_MS).toISOString(),
    },
    ...more,
  });

  const problems = async (name = pipeline, dataset = name): Promise<string[]> => {
    const inbox = await plane.hub.totals({ project: PROJECT, pipeline: name });
    const sum = (field: 'stored' | 'superseded' | 'pending') =>
      inbox.versions.reduce((all, one) => all + one[field], 0);
    const quarantine = await plane.normalizer.quarantineTotals({ project: PROJECT, pipeline: name });
    const totals = await plane.storage.totals({ project: PROJECT, dataset });
    const feeding = { stored: sum('stored') + sum('superseded'), pending: sum('pending') };
    return balance({ inbox, quarantine, dataset: totals, feeding }).problems;
  };

  const held = async (dataset = pipeline): Promise<{ n: number; sum: number }> => {
    const { rows } = await plane.storage.query({
      project: PROJECT,
      dataset,
      raw: true,
      measures: [
        { name: 'n', fn: 'count' },
        { name: 'sum', fn: 'sum', column: 'value' },
      ],
      dimensions: [],
      columns: [],
      filters: [],
      order: [],
      limit: 1,
    });
    return { n: Number(rows[0]?.[0]), sum: Number(rows[0]?.[1]) };
  };

  async function replay(
    slice: ReplaySlice,
    onSlice: () => Promise<void> = async () => undefined,
  ): Promise<ReplayedSlice> {
    for (;;) {
      const progress = await plane.hub.replay(slice);
      await onSlice();
      if (progress.done) return progress;
      await normalizePending();
    }
  }

  it('puts the rows of the new version in the place of the old ones, and the books balance at every moment', async () => {
    const ids = await history();
    await archive(7);
    expect(await held()).toEqual({ n: BATCHES * BY_VERSION[1].stored, sum: BATCHES * BY_VERSION[1].sum });
    const trace = { project: PROJECT, dataset: pipeline, key: { id: 'b3-42' } };
    const { rows: earlier } = await plane.normalizer.lineage(trace);
    await plane.install(stepsOf(pipeline, 2));
    const seen: string[] = [];
    const progress = await replay(request(), async () => void seen.push(...(await problems())));
    expect(seen).toEqual([]);
    expect(progress).toMatchObject({
      batches: BATCHES,
      records: BATCHES * RECORDS,
      unavailable: 0,
      percent: 100,
      pending: 0,
    });
    expect(await held()).toEqual({ n: BATCHES * BY_VERSION[2].stored, sum: BATCHES * BY_VERSION[2].sum });
    const { versions } = await plane.hub.totals({ project: PROJECT, pipeline });
    expect(versions).toMatchObject([
      { version: 1, accepted: 0, stored: 0, quarantined: 0, pending: 0, superseded: BATCHES * BY_VERSION[1].stored },
      { version: 2, accepted: BATCHES * RECORDS, stored: BATCHES * BY_VERSION[2].stored, pending: 0 },
    ]);
    expect(await problems()).toEqual([]);
    const { rows } = await plane.normalizer.lineage({ ...trace, limit: 5 });
    const ref = { project: PROJECT, dataset: pipeline };
    expect([await plane.normalizer.rowLineage({ ...ref, id: rows[0]!.id })]).toEqual(rows);
    for (const id of [earlier[0]!.id, 'bm8gcm93']) {
      await expect(plane.normalizer.rowLineage({ ...ref, id })).rejects.toMatchObject({ code: 'row.unknown' });
    }
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^[\w-]+$/) as string,
        row: { id: 'b3-42', time: '2026-01-01T00:05:42.000Z', value: 84 },
        appendId: `${ids[3]}/2/1`,
        batch: expect.objectContaining({
          batchId: ids[3],
          version: 2,
          generation: 1,
          pipeline,
          rawKept: true,
          records: RECORDS,
        }),
        record: { index: 42, raw: body(3).split('\n')[42] },
        steps: [{ kind: 'filter' }, { kind: 'map' }, { kind: 'validate' }],
      },
    ]);
    for (const [at, batchId] of ids.entries()) {
      const batch = await plane.hub.fetchBatch({ batchId });
      expect(String(Buffer.from(batch.payload))).toBe(body(at));
      expect(batch).toMatchObject({ version: 2, generation: 1, settled: true });
    }
  });

  it('replays what was replayed before, back to the version before, and only the time that is asked for', async () => {
    await history();
    await archive(5);
    await plane.install(stepsOf(pipeline, 2));
    await replay(request());
    await replay(request({ version: 1 }));
    expect(await held()).toEqual({ n: BATCHES * BY_VERSION[1].stored, sum: BATCHES * BY_VERSION[1].sum });
    const nothing = {
      from: new Date(Date.now() - 2 * DAY_MS).toISOString(),
      to: new Date(Date.now() - DAY_MS).toISOString(),
    };
    expect(await replay(request({ range: nothing }))).toMatchObject({ batches: 0, done: true });
    expect(await problems()).toEqual([]);
  });

  it('copies the batches to another pipeline without touching their own', async () => {
    await history();
    await archive(7);
    const other = `${pipeline}-new`;
    await plane.install({ ...stepsOf(other, 2), version: 1 });
    const into = { project: PROJECT, pipeline: other, version: 1 };
    const progress = await replay(request({ version: 1, into }));
    expect(progress).toMatchObject({ batches: BATCHES, unavailable: 0 });
    expect(await held(other)).toEqual({ n: BATCHES * BY_VERSION[2].stored, sum: BATCHES * BY_VERSION[2].sum });
    expect(await held()).toEqual({ n: BATCHES * BY_VERSION[1].stored, sum: BATCHES * BY_VERSION[1].sum });
    expect([...(await problems()), ...(await problems(other))]).toEqual([]);
  });

  it('waits behind a batch that is not settled, and tells of batches whose raw bytes were not kept', async () => {
    await history();
    await plane.database.query(
      `UPDATE connector_hub.batches SET payload = NULL
       WHERE batch_id = (SELECT batch_id FROM connector_hub.batches WHERE pipeline = $1 ORDER BY batch_id LIMIT 1)`,
      [pipeline],
    );
    await plane.hub.accept({ project: PROJECT, pipeline, format: 'ndjson', body: Buffer.from(body(99)) });
    await plane.install(stepsOf(pipeline, 2));
    const slice = request();
    await plane.hub.replay(slice);
    await plane.database.query(
      `UPDATE connector_hub.batches SET lease_until = 'infinity' WHERE pipeline = $1 AND version = 1 AND status = 'pending'`,
      [pipeline],
    );
    const offers = await plane.database.query<{ batchId: string; epoch: number }[]>(
      `SELECT batch_id AS "batchId", epoch FROM connector_hub.batches WHERE pipeline = $1 AND status = 'pending' AND version = 2`,
      [pipeline],
    );
    await Promise.all(offers.map((offer) => worker.normalize(offer)));
    expect(await plane.hub.replay(slice)).toMatchObject({
      done: false,
      waitingFor: 'a batch that is not settled',
      unavailable: 1,
    });
    await normalizePending();
    expect(await replay(slice)).toMatchObject({ batches: BATCHES, unavailable: 1, done: true });
    expect(await problems()).toEqual([]);
  });

  it('takes back what was retried out of quarantine or discarded, with its rows', async () => {
    const [batchId = ''] = await history();
    const rows = ColumnBatch.of(1, [
      { name: 'id', type: 'string', values: ['b0-90'] },
      { name: 'time', type: 'timestamp', values: BigInt64Array.of(1_767_225_690_000_000n) },
      { name: 'value', type: 'double', values: Float64Array.of(9) },
    ]);
    const amendmentId = randomUUID();
    const appendId = `${batchId}/1/${amendmentId}`;
    await plane.storage.append({ appendId, epoch: 0, project: PROJECT, dataset: pipeline, rows });
    const moved = {
      normalized: 1,
      filtered: 0,
      discarded: 2,
      produced: 1,
      stored: 1,
      merged: 0,
      stale: 0,
      duplicate: 0,
    };
    await plane.hub.amend({
      amendmentId,
      batchId,
      generation: 0,
      project: PROJECT,
      pipeline,
      version: 1,
      appendId,
      ...moved,
    });
    expect((await held()).n).toBe(BATCHES * BY_VERSION[1].stored + 1);
    await plane.install(stepsOf(pipeline, 2));
    await replay(request());
    expect(await held()).toEqual({ n: BATCHES * BY_VERSION[2].stored, sum: BATCHES * BY_VERSION[2].sum });
    const { versions } = await plane.hub.totals({ project: PROJECT, pipeline });
    expect(versions[0]).toMatchObject({
      ...{ accepted: 0, normalized: 0, filtered: 0, quarantined: 0, discarded: 0, produced: 0, stored: 0 },
      superseded: BATCHES * BY_VERSION[1].stored + 1,
    });
    expect(await problems()).toEqual([]);
  });

  it('rule 3: the outcome of an attempt from before the replay changes nothing', async () => {
    const [batchId] = await history();
    await plane.install(stepsOf(pipeline, 2));
    await plane.hub.replay(request());
    const late = {
      normalized: 90,
      filtered: 10,
      quarantined: 0,
      produced: 90,
      stored: 90,
      merged: 0,
      stale: 0,
      duplicate: 0,
    };
    await plane.hub.settle({ batchId: batchId!, epoch: 0, generation: 0, ...late });
    expect(await plane.hub.fetchBatch({ batchId: batchId! })).toMatchObject({ settled: false, generation: 1 });
  });

  it.each(SEEDS)(
    'rules 2 and 3: seed %i: goes on after calls that fail before, after and twice, each batch once',
    async (seed) => {
      const random = seededRandom(seed);
      await history();
      await archive(6);
      await plane.install(stepsOf(pipeline, 2));
      for (const call of ['storage.append', 'connector-hub.settle', 'connector-hub.fetchBatch']) {
        plane.break(call, async (through) => {
          const dice = random();
          if (dice < 0.15) throw new Unavailable('test.away', 'The service is away.');
          const answer = await through();
          if (dice < 0.3) throw new Unavailable('test.lost', 'The answer was lost.');
          return dice < 0.4 ? through() : answer;
        });
      }
      const seen: string[] = [];
      const slice = request();
      // Two that drive the same replay, as after a lease that ran out.
      const [progress] = await Promise.all([
        replay(slice, async () => void seen.push(...(await problems()))),
        replay(slice),
      ]);
      expect(seen).toEqual([]);
      expect(progress).toMatchObject({ batches: BATCHES, records: BATCHES * RECORDS });
      expect(await held()).toEqual({ n: BATCHES * BY_VERSION[2].stored, sum: BATCHES * BY_VERSION[2].sum });
      expect(await problems()).toEqual([]);
      expect(await plane.hub.runBatches({ runId: slice.runId })).toMatchObject({ batches: BATCHES, pendingBatches: 0 });
    },
  );
});
