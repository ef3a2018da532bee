import { randomUUID } from 'node:crypto';
import { BatchWorker } from '#apps/normalizer/batch-worker';
import { QuarantineTaskRunner } from '#apps/normalizer/quarantine/task-runner';
import { balance } from '#apps/observer/balance';
import { Ids } from '#libs/clock/clock';
import { ReplaySlice } from '#libs/contracts/replay';
import { InstallSteps } from '#libs/contracts/steps';
import { Unprocessable } from '#libs/errors/errors';
import { DataPlane } from './support/data-plane';
import { valueSteps } from './support/value-steps';

const PROJECT = 'default';
const DAY_MS = 86_400_000;
const T = 1_767_225_600_000;
const BATCHES = 3;
const RECORDS = 10;

/** Version 1 refuses values from 6 on; 2 takes them; 3 takes all, and gives each row another key, so that none hides another. */
const stepsOf = (pipeline: string, version: number): InstallSteps =>
  valueSteps(pipeline, {
    version,
    steps: [
      { map: { id: version === 3 ? 'raw.id + "-v3"' : 'raw.id', time: 'timestamp_ms(raw.t)', value: 'double(raw.v)' } },
      { validate: { schema: 'limits@1', onFail: 'quarantine' } },
    ],
    schemas: { 'limits@1': { properties: { value: { maximum: version === 1 ? 5 : 100 } } } },
  });

const body = (batch: number): Buffer =>
  Buffer.from(
    Array.from({ length: RECORDS }, (_, v) =>
      JSON.stringify({ id: `b${batch}-${v}`, t: T + batch * RECORDS + v, v }),
    ).join('\n'),
  );

/** Where one of the two stands while all of the other happens that can. */
const MOMENTS = ['before', 'after'].flatMap((moment) =>
  ['storage.append', 'connector-hub.announceAmendment', 'connector-hub.amend'].map((call) => [moment, call] as const),
);
const REPLAY_MOMENTS = ['before', 'after'].flatMap((moment) =>
  ['connector-hub.fetchBatch', 'storage.append', 'connector-hub.settle'].map((call) => [moment, call] as const),
);

describe('a retry or discard of quarantined records beside a replay of their batches', () => {
  let plane: DataPlane;
  let worker: BatchWorker;
  let runner: QuarantineTaskRunner;
  let pipeline: string;
  let slice: ReplaySlice;

  beforeAll(async () => {
    plane = await DataPlane.start();
    worker = plane.get(BatchWorker);
    runner = plane.get(QuarantineTaskRunner);
  });
  afterAll(() => plane.stop());
  beforeEach(async () => {
    pipeline = `p${randomUUID().slice(0, 8)}`;
    const range = {
      from: new Date(Date.now() - DAY_MS).toISOString(),
      to: new Date(Date.now() + DAY_MS).toISOString(),
    };
    slice = { project: PROJECT, pipeline, version: 3, runId: new Ids().uuidv7(), range };
    await plane.install(stepsOf(pipeline, 1));
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const { batchId } = await plane.hub.accept({ project: PROJECT, pipeline, format: 'ndjson', body: body(batch) });
      await worker.normalize({ batchId, epoch: 0 });
    }
    for (const version of [2, 3]) await plane.install(stepsOf(pipeline, version));
  });
  afterEach(() => {
    for (const [, call] of [...MOMENTS, ...REPLAY_MOMENTS]) plane.break(call, undefined);
  });

  /** At the first such call, and only then. */
  function meanwhile(moment: string, call: string, happens: () => Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      plane.break(call, async (through) => {
        plane.break(call, undefined);
        try {
          if (moment === 'before') await happens();
          const answer = await through();
          if (moment === 'after') await happens();
          return answer;
        } finally {
          resolve();
        }
      });
    });
  }

  async function normalizePending(): Promise<void> {
    const pending = await plane.database.query<{ batchId: string; epoch: number }[]>(
      `SELECT batch_id AS "batchId", epoch FROM connector_hub.batches WHERE status = 'pending' AND pipeline = $1`,
      [pipeline],
    );
    for (const offer of pending) await worker.normalize(offer);
  }

  /** The replay until it is done, or waits for somebody else. */
  async function replay(): Promise<string | undefined> {
    for (;;) {
      const { done, waitingFor } = await plane.hub.replay(slice);
      if (done || waitingFor !== undefined) return waitingFor;
      await normalizePending();
    }
  }

  async function work(): Promise<void> {
    await plane.database.query(`UPDATE normalizer.quarantine_tasks SET lease_until = '-infinity'`);
    await runner.work();
  }

  const retry = () => plane.normalizer.retryQuarantined({ project: PROJECT, pipeline, withVersion: 2 });
  const discard = () => plane.normalizer.discardQuarantined({ project: PROJECT, pipeline, why: 'test data' });

  async function finish(task: string): Promise<void> {
    let ended = false;
    let waits: string | undefined = 'both';
    while (!ended || waits !== undefined) {
      await work();
      waits = await replay();
      ended = (await plane.normalizer.quarantineTask({ project: PROJECT, task })).state === 'done';
    }
  }

  async function expectReplayed(): Promise<void> {
    const inbox = await plane.hub.totals({ project: PROJECT, pipeline });
    const { versions } = inbox;
    const sum = (field: 'stored' | 'superseded' | 'pending') => versions.reduce((all, one) => all + one[field], 0);
    const feeding = { stored: sum('stored') + sum('superseded'), pending: sum('pending') };
    const [dataset, quarantine] = [
      await plane.storage.totals({ project: PROJECT, dataset: pipeline }),
      await plane.normalizer.quarantineTotals({ project: PROJECT, pipeline }),
    ];
    expect(balance({ inbox, quarantine, dataset, feeding }).problems).toEqual([]);
    expect(versions.find(({ version }) => version === 3)).toMatchObject({ accepted: 30, normalized: 30, stored: 30 });
    expect(dataset.held).toBe(BATCHES * RECORDS);
    expect(quarantine).toEqual({ quarantined: 0, discarded: 0, held: 0 });
    const open = await plane.database.query('SELECT FROM connector_hub.amendment_intents');
    expect(open).toEqual([]);
  }

  it.each(MOMENTS)('L D: all of the replay that can happens %s the %s of a retry', async (moment, call) => {
    const waits: (string | undefined)[] = [];
    const raced = meanwhile(moment, call, async () => waits.push(await replay()));
    const { id } = await retry();
    await Promise.all([raced, work()]);
    const announced =
      !(moment === 'before' && call.endsWith('announceAmendment')) && !(moment === 'after' && call.endsWith('amend'));
    expect(waits).toEqual([announced ? expect.stringContaining('a retry out of quarantine of batch') : undefined]);
    await finish(id);
    await expectReplayed();
  });

  it.each(['before', 'after'])(
    'L D: all of the replay that can happens %s the amendment of a discard',
    async (moment) => {
      const raced = meanwhile(moment, 'connector-hub.amend', replay);
      const { id } = await discard();
      await Promise.all([raced, work()]);
      await finish(id);
      await expectReplayed();
    },
  );

  it.each(REPLAY_MOMENTS)('L D: all of a retry that can happens %s the %s of a replay', async (moment, call) => {
    const tasks: string[] = [];
    const raced = meanwhile(moment, call, async () => {
      tasks.push((await retry()).id);
      await work();
    });
    await Promise.all([raced, replay()]);
    for (const task of tasks) await finish(task);
    await expectReplayed();
  });

  it.each(['at once', 'while the retry is told so'])(
    'rows that the store refuses for good leave their records with one more attempt, and let a replay go on: %s',
    async (when) => {
      const refusal = new Unprocessable('append.malformed', 'A row does not fit the dataset.');
      plane.break('storage.append', async () => Promise.reject(refusal));
      const waits: (string | undefined)[] = [];
      const raced =
        when === 'at once'
          ? Promise.resolve()
          : meanwhile('after', 'connector-hub.withdrawAmendment', async () => {
              plane.break('storage.append', undefined);
              waits.push(await replay());
            });
      const { id } = await retry();
      await Promise.all([raced, work()]);
      plane.break('storage.append', undefined);
      if (when === 'at once') {
        expect(await plane.normalizer.quarantineTask({ project: PROJECT, task: id })).toMatchObject({ state: 'done' });
        const { records } = await plane.normalizer.quarantine({ project: PROJECT, pipeline, limit: 100 });
        expect(records).toHaveLength(BATCHES * 4);
        for (const record of records) {
          expect(record).toMatchObject({ attempts: 2, step: 'store', reason: 'A row does not fit the dataset.' });
        }
        waits.push(await replay());
      }
      expect(waits).toEqual([undefined]);
      await finish(id);
      await expectReplayed();
    },
  );

  it('a retry of a batch that passes again is told so, and so is the amendment of one that has', async () => {
    const { batches } = await plane.hub.replay(slice);
    expect(batches).toBe(BATCHES);
    const { id } = await retry();
    await work();
    const { waitingFor } = await plane.normalizer.quarantineTask({ project: PROJECT, task: id });
    expect(waitingFor).toMatch(/^Batch \S+ is not settled yet: it has just come, or a replay takes it through again/);
    const [row] = await plane.database.query<{ batchId: string }[]>(
      `SELECT batch_id AS "batchId" FROM connector_hub.batches WHERE pipeline = $1 ORDER BY batch_id LIMIT 1`,
      [pipeline],
    );
    await finish(id);
    const late = { amendmentId: randomUUID(), batchId: row!.batchId, generation: 0, appendId: 'late' };
    await expect(plane.hub.announceAmendment(late)).rejects.toMatchObject({ code: 'batch.replayed' });
    await expectReplayed();
  });
});
