import { randomUUID } from 'node:crypto';
import { BatchWorker } from '#apps/normalizer/batch-worker';
import { QuarantineTaskRunner } from '#apps/normalizer/quarantine/task-runner';
import { VersionTotals } from '#libs/contracts/connector-hub.contract';
import { RecordFormat } from '#libs/contracts/record-format';
import { QuarantinedRecord, QuarantineTask } from '#libs/contracts/quarantine';
import { InstallSteps } from '#libs/contracts/steps';
import { Unavailable } from '#libs/errors/errors';
import { DataPlane } from './support/data-plane';
import { seededRandom } from './support/random';
import { valueSteps } from './support/value-steps';

const SEED = Number(process.env.CHARTLY_FAULT_SEED ?? Date.now() % 1_000_000);
const ROUNDS = 20;
const HEAVY = 'double(raw.v) + 0.0'; // goes to a thread

/** Version 1 reads a time from `t` alone; version 2 from `when`, too, and lets go of noise. */
function stepsOf(pipeline: string, version: number, value = 'double(raw.v)'): InstallSteps {
  const time = version === 1 ? 'timestamp_ms(raw.t)' : 'timestamp_ms(coalesce(raw.t, raw.when))';
  return valueSteps(pipeline, {
    version,
    steps: [...(version === 1 ? [] : [{ filter: 'raw.v != "noise"' }]), { map: { id: 'raw.id', time, value } }],
  });
}

const T = 1_767_225_600_000;
/** Of five records one is good, two are mended by version 2, one becomes noise in it and one stays bad. */
const five = (from: number): object[] => [
  { id: `r${from}`, t: T + from, v: 1 },
  { id: `r${from + 1}`, when: T + from + 1, v: 2 },
  { id: `r${from + 2}`, when: T + from + 2, v: 3 },
  { id: `r${from + 3}`, when: T + from + 3, v: 'noise' },
  { id: `r${from + 4}`, v: 5 },
];
const fives = (count: number): string =>
  Array.from({ length: count }, (_, at) => five(at * 5))
    .flat()
    .map((record) => JSON.stringify(record))
    .join('\n');

describe('quarantined records', () => {
  let plane: DataPlane;
  let worker: BatchWorker;
  let runner: QuarantineTaskRunner;
  let pipeline: string;

  beforeAll(async () => {
    plane = await DataPlane.start();
    worker = plane.get(BatchWorker);
    runner = plane.get(QuarantineTaskRunner);
  });
  afterAll(() => plane.stop());
  beforeEach(() => {
    pipeline = `p${randomUUID().slice(0, 8)}`;
  });

  const take = async (body: string, format: RecordFormat = 'ndjson'): Promise<string> => {
    const { batchId } = await plane.hub.accept({ project: 'default', pipeline, format, body: Buffer.from(body) });
    await worker.normalize({ batchId, epoch: 0 });
    return batchId;
  };
  /** Of all versions together. */
  const totals = async (): Promise<VersionTotals> => {
    const { versions } = await plane.hub.totals({ project: 'default', pipeline });
    const names = Object.keys(versions[0] ?? {}) as (keyof VersionTotals)[]; // numbers, all of them
    const sums = names.map((name) => [name, versions.reduce((sum, version) => sum + version[name], 0)]);
    return Object.fromEntries(sums) as VersionTotals; // a sum each
  };
  const kept = () => plane.normalizer.quarantineTotals({ project: 'default', pipeline });
  const open = async (filter: object = {}): Promise<QuarantinedRecord[]> =>
    (await plane.normalizer.quarantine({ project: 'default', pipeline, ...filter })).records;
  const done = async ({ id: task }: QuarantineTask): Promise<QuarantineTask> => {
    for (;;) {
      await plane.database.query(`UPDATE normalizer.quarantine_tasks SET lease_until = '-infinity'`);
      await runner.work();
      const now = await plane.normalizer.quarantineTask({ project: 'default', task });
      if (now.state === 'done') return now;
    }
  };
  const expectBalanced = async (): Promise<void> => {
    const line = await totals();
    const { accepted, normalized, filtered, quarantined, discarded, pending } = line;
    expect(normalized + filtered + quarantined + discarded + pending).toBe(accepted);
    expect(line.stored + line.merged + line.stale + line.duplicate).toBe(line.produced);
    expect(await kept()).toEqual({ quarantined, discarded, held: 0 });
    const dataset = await plane.storage.totals({ project: 'default', dataset: pipeline });
    expect([dataset.held, dataset.stored]).toEqual([line.stored, line.stored]);
  };

  it('are retried with a mended version: each becomes a row, is filtered, or stays with one more attempt', async () => {
    await plane.install(stepsOf(pipeline, 1));
    await take(fives(3));
    expect(await totals()).toMatchObject({ accepted: 15, normalized: 3, quarantined: 12 });
    await plane.install(stepsOf(pipeline, 2));
    const task = await done(await plane.normalizer.retryQuarantined({ project: 'default', pipeline }));
    expect(task).toMatchObject({ withVersion: 2, normalized: 6, filtered: 3, failed: 3, discarded: 0 });
    expect(await totals()).toMatchObject({
      normalized: 9,
      filtered: 3,
      quarantined: 3,
      produced: 9,
      stored: 9,
    });
    await expectBalanced();
    const left = await open();
    expect(left).toHaveLength(3);
    expect(left[0]).toMatchObject({ attempts: 2, version: 1, triedVersion: 2, state: 'open' });
    expect(left[0]?.reason).toBe('time: is null or missing, and the column takes no null');
    const ended = await open({ state: 'normalized' });
    expect(ended).toHaveLength(6);
    expect(ended[0]).toMatchObject({ raw: '', attempts: 2, endedAt: expect.any(String) });
  });

  it('are retried with a named version, one by one or by filter', async () => {
    await plane.install(stepsOf(pipeline, 1));
    await take(fives(2));
    await plane.install(stepsOf(pipeline, 2));
    await plane.install(stepsOf(pipeline, 3));
    const [one] = await open({ text: '"r1"' });
    const first = await done(
      await plane.normalizer.retryQuarantined({ project: 'default', pipeline, records: [one!.id], withVersion: 2 }),
    );
    expect(first).toMatchObject({ withVersion: 2, normalized: 1, failed: 0 });
    const rest = await done(
      await plane.normalizer.retryQuarantined({
        project: 'default',
        pipeline,
        text: '"when"',
        reason: 'NULL OR MISSING',
      }),
    );
    expect(rest).toMatchObject({ withVersion: 3, normalized: 3, filtered: 0, failed: 0 });
    await expectBalanced();
    await expect(
      plane.normalizer.retryQuarantined({ project: 'default', pipeline, withVersion: 9 }),
    ).rejects.toMatchObject({ code: 'version.unknown' });
  });

  it('leave room for what comes new: no more than 5,000 of them are worked on in a second', async () => {
    await plane.install(stepsOf(pipeline, 1));
    await take(Array.from({ length: 7_500 }, (_, at) => JSON.stringify({ id: `r${at}`, v: at })).join('\n'));
    const task = await plane.normalizer.discardQuarantined({ project: 'default', pipeline, why: 'no time in them' });
    const began = performance.now();
    expect(await done(task)).toMatchObject({ discarded: 7_500 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_490); // 1.5 s, less what timers are early by
    await expectBalanced();
  });

  it('are found by step, reason, text, version and time', async () => {
    await plane.install(stepsOf(pipeline, 1));
    await take(fives(1));
    expect(await open({ step: 'store' })).toHaveLength(3);
    expect(await open({ step: 'map (step 1)' })).toHaveLength(1);
    expect(await open({ reason: 'IS null' })).toHaveLength(3);
    expect(await open({ text: 'noise' })).toHaveLength(1);
    expect(await open({ version: 2 })).toHaveLength(0);
    const [newest] = await open();
    expect(await open({ from: '2100-01-01T00:00:00Z' })).toHaveLength(0);
    expect(await open({ from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' })).toHaveLength(4);
    const record = await plane.normalizer.quarantinedRecord({ project: 'default', id: newest!.id });
    expect(record).toMatchObject({ id: newest!.id, attempts: 1, state: 'open', rawBytes: record.raw.length });
  });

  it('are discarded with a reason, which the ledger counts', async () => {
    await plane.install(stepsOf(pipeline, 1));
    await take(fives(2));
    const why = 'test data of the fair';
    const task = await plane.normalizer.discardQuarantined({ project: 'default', pipeline, text: 'noise', why });
    expect(await done(task)).toMatchObject({ action: 'discard', discarded: 2, normalized: 0 });
    expect(await totals()).toMatchObject({ quarantined: 6, discarded: 2 });
    expect(await open({ state: 'discarded' })).toMatchObject([{ note: why }, { note: why }]);
    await expectBalanced();
    const [entry] = await plane.database.query<{ body: { action: string; reason: string } }[]>(
      `SELECT body FROM normalizer.outbox WHERE body->>'target' LIKE $1`,
      [`Pipeline/${pipeline}/%`],
    );
    expect(entry?.body).toMatchObject({ action: 'quarantine.discard', reason: why });
  });

  it.each<[RecordFormat, string]>([
    ['csv', `id,when,v\na,${T},1\n"b, c",${T + 1},2\n`],
    ['xml', `<all><e><id>a</id><when>${T}</when><v>1</v></e><e><id>b</id><when>${T + 1}</when><v>2</v></e></all>`],
    ['json', `[{"id":"a",\n"when":${T},"v":1}, {"id":"b","when":${T + 1},"v":2}]`],
  ])('are read again as they were read in their batch: %s', async (format, body) => {
    await plane.install({
      ...stepsOf(pipeline, 1),
      steps: [{ map: { id: 'raw.id', time: 'timestamp(raw.when)', value: 'double(raw.v)' } }],
    });
    await take(body, format);
    expect(await totals()).toMatchObject({ accepted: 2, quarantined: 2 });
    await plane.install({
      ...stepsOf(pipeline, 2),
      steps: [{ map: { id: 'raw.id', time: 'timestamp_ms(int(raw.when))', value: HEAVY } }],
    });
    expect(await done(await plane.normalizer.retryQuarantined({ project: 'default', pipeline }))).toMatchObject({
      normalized: 2,
    });
    await expectBalanced();
  });

  it('are held there for a drift of their source, and become rows when somebody retries them', async () => {
    await plane.install(stepsOf(pipeline, 2));
    const push = { project: 'default', pipeline, format: 'ndjson' as const, body: Buffer.from(fives(1)) };
    const { batchId } = await plane.hub.accept(push);
    await plane.database.query(`UPDATE connector_hub.batches SET held = 'new field more' WHERE batch_id = $1`, [
      batchId,
    ]);
    await worker.normalize({ batchId, epoch: 0 });
    expect(await open({ step: 'drift', reason: 'new field more' })).toHaveLength(5);
    await expectBalanced();
    const task = await done(await plane.normalizer.retryQuarantined({ project: 'default', pipeline, step: 'drift' }));
    expect(task).toMatchObject({ normalized: 3, filtered: 1, failed: 1 });
    await expectBalanced();
  });

  it('wait for their batch to be settled', async () => {
    await plane.install(stepsOf(pipeline, 1));
    plane.break('connector-hub.settle', () => Promise.reject(new Unavailable('service.unavailable', 'gone')));
    const batchId = await take(fives(1));
    plane.break('connector-hub.settle', undefined);
    await plane.install(stepsOf(pipeline, 2));
    const task = await plane.normalizer.retryQuarantined({ project: 'default', pipeline });
    await runner.work();
    expect(await plane.normalizer.quarantineTask({ project: 'default', task: task.id })).toMatchObject({
      state: 'running',
      waitingFor: expect.stringContaining(`Batch ${batchId} is not settled yet`),
    });
    await plane.sweep();
    await worker.normalize({ batchId, epoch: await plane.epochOf(batchId) });
    expect(await done(task)).toMatchObject({ normalized: 2 });
    await expectBalanced();
  });

  it('stay ended when a worker that slept keeps them once more', async () => {
    await plane.install(stepsOf(pipeline, 1));
    let wake = (): void => undefined;
    const slept = new Promise<void>((resolve) => (wake = resolve));
    let asleep = (): void => undefined;
    const fellAsleep = new Promise<void>((resolve) => (asleep = resolve));
    const { batchId } = await plane.hub.accept({
      project: 'default',
      pipeline,
      format: 'ndjson',
      body: Buffer.from(fives(1)),
    });
    plane.break('connector-hub.fetchBatch', async (callThrough) => {
      const batch = await callThrough();
      asleep();
      await slept;
      return batch;
    });
    const sleeper = worker.normalize({ batchId, epoch: 0 });
    await fellAsleep;
    plane.break('connector-hub.fetchBatch', undefined);
    await worker.normalize({ batchId, epoch: 0 });
    await plane.install(stepsOf(pipeline, 2));
    await done(await plane.normalizer.retryQuarantined({ project: 'default', pipeline }));
    wake();
    await sleeper;
    expect(await kept()).toMatchObject({ quarantined: 1 });
    await expectBalanced();
  });

  it(`L D P: a retry that dies at random moments has one effect, ${ROUNDS} times in a row (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const calls = ['storage.append', 'connector-hub.announceAmendment', 'connector-hub.amend'];
    await plane.install(stepsOf(pipeline, 1));
    for (let round = 1; round <= ROUNDS; round += 1) {
      await take(fives(2 + Math.floor(random() * 3)).replaceAll('"r', `"n${round}-`));
      const version = round + 1;
      await plane.install({ ...stepsOf(pipeline, 2, random() < 0.5 ? HEAVY : undefined), version });
      for (const call of calls) {
        plane.break(call, async (callThrough) => {
          const dies = random();
          if (dies < 0.25) throw new Unavailable('service.unavailable', 'died before');
          const answer = await callThrough();
          if (dies < 0.5) throw new Unavailable('service.unavailable', 'died after');
          return answer;
        });
      }
      const tasks = [
        await plane.normalizer.retryQuarantined({ project: 'default', pipeline }),
        await plane.normalizer.retryQuarantined({ project: 'default', pipeline, text: 'n1' }),
      ];
      for (const task of tasks) await done(task);
      for (const call of calls) plane.break(call, undefined);
      await expectBalanced();
      expect((await totals()).duplicate).toBe(0);
      expect((await open({ text: 'when' })).length).toBe(0);
    }
  }, 120_000);
});
