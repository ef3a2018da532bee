import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { BatchWorker } from '#apps/normalizer/batch-worker';
import { VersionTotals } from '#libs/contracts/connector-hub.contract';
import { InstallSteps } from '#libs/contracts/steps';
import { Internal, Unavailable } from '#libs/errors/errors';
import { DataPlane } from './support/data-plane';
import { seededRandom } from './support/random';
import { valueSteps } from './support/value-steps';

const SEED = Number(process.env.CHARTLY_FAULT_SEED ?? Date.now() % 1_000_000);
const ROUNDS = 20;

const NOTHING = {
  normalized: 0,
  filtered: 0,
  quarantined: 0,
  produced: 0,
  stored: 0,
  merged: 0,
  stale: 0,
  duplicate: 0,
};

const stepsOf = (pipeline: string): InstallSteps =>
  valueSteps(pipeline, {
    steps: [
      { filter: 'raw.kind != "noise"' },
      { map: { id: 'raw.id', time: 'timestamp_ms(raw.t)', value: 'double(raw.v)' } },
    ],
  });

/** Of ten records seven become rows, two are noise and one is not to be read. */
const records = (tens: number): string =>
  Array.from({ length: tens * 10 }, (_, at) => {
    if (at % 10 === 9) return `{"kind":"event","id":"r${at}","t":"not a time","v":1}`;
    const kind = at % 10 < 2 ? 'noise' : 'event';
    return JSON.stringify({ kind, id: `r${at}`, t: 1_767_225_600_000 + at * 1_000, v: at / 2 });
  }).join('\n');

const outcomeOf = (tens: number): typeof NOTHING => ({
  ...NOTHING,
  normalized: tens * 7,
  filtered: tens * 2,
  quarantined: tens,
  produced: tens * 7,
  stored: tens * 7,
});

describe('a batch on its way from the inbox to the store', () => {
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

  const accept = async (body: string): Promise<string> => {
    const receipt = await plane.hub.accept({
      project: 'default',
      pipeline,
      format: 'ndjson',
      body: Buffer.from(body),
    });
    return receipt.batchId;
  };
  const totals = async (): Promise<VersionTotals | undefined> =>
    (await plane.hub.totals({ project: 'default', pipeline })).versions[0];
  const held = async (): Promise<number> =>
    (await plane.storage.totals({ project: 'default', dataset: pipeline })).held;
  const kept = async (): Promise<number> =>
    (await plane.normalizer.quarantineTotals({ project: 'default', pipeline })).quarantined;
  const expectOnce = async (tens: number): Promise<void> => {
    expect(await totals()).toMatchObject({ accepted: tens * 10, pending: 0, ...outcomeOf(tens) });
    expect([await held(), await kept()]).toEqual([tens * 7, tens]);
  };

  it('has each of its records normalized, filtered or quarantined', async () => {
    await plane.install(stepsOf(pipeline));
    await worker.normalize({ batchId: await accept(records(3)), epoch: 0 });
    await expectOnce(3);
  });

  it('shows what steps would make of raw bytes, and keeps nothing', async () => {
    const steps = stepsOf(pipeline);
    const payload = Buffer.from(records(1));
    const preview = await plane.normalizer.preview({ steps, format: 'ndjson', payload, limit: 10 });
    expect(preview).toMatchObject({ framed: 10, normalized: 7, filtered: 2, quarantined: 1, produced: 7 });
    expect(preview.records[0]).toMatchObject({ outcome: 'filtered', rows: [] });
    expect(preview.records[2]).toMatchObject({
      index: 2,
      raw: '{"kind":"event","id":"r2","t":1767225602000,"v":1}',
      outcome: 'normalized',
      rows: [{ id: 'r2', time: '2026-01-01T00:00:02.000Z', value: 1 }],
    });
    expect(preview.records[9]).toMatchObject({ outcome: 'quarantined', rows: [], step: 'map (step 2)' });
    expect(await kept()).toBe(0);
    await expect(
      plane.normalizer.preview({ steps: { ...steps, steps: [{ filter: 'raw.' }] }, format: 'ndjson', payload }),
    ).rejects.toMatchObject({ code: 'steps.invalid' });
  });

  it('rule 3: a job that comes twice, at once or later, has one outcome', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(3));
    await Promise.all([worker.normalize({ batchId, epoch: 0 }), worker.normalize({ batchId, epoch: 0 })]);
    await worker.normalize({ batchId, epoch: 0 });
    await expectOnce(3);
  });

  it('fault 2: a worker that dies behind the append is followed by another, and nothing is doubled', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(3));
    plane.break('connector-hub.settle', () => Promise.reject(new Unavailable('service.unavailable', 'gone')));
    plane.break('connector-hub.reportStuck', () => Promise.reject(new Unavailable('service.unavailable', 'gone')));
    await expect(worker.normalize({ batchId, epoch: 0 })).rejects.toThrow('gone');
    plane.break('connector-hub.settle', undefined);
    plane.break('connector-hub.reportStuck', undefined);
    expect(await totals()).toMatchObject({ pending: 30, normalized: 0 });
    await plane.sweep();
    await worker.normalize({ batchId, epoch: await plane.epochOf(batchId) });
    await expectOnce(3);
  });

  it('fault 3: a worker that slept comes too late with its outcome, which changes nothing', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(3));
    let wake = (): void => undefined;
    const slept = new Promise<void>((resolve) => (wake = resolve));
    let asleep = (): void => undefined;
    const fellAsleep = new Promise<void>((resolve) => (asleep = resolve));
    plane.break('connector-hub.settle', async (callThrough) => {
      asleep();
      await slept;
      return callThrough();
    });
    const sleeper = worker.normalize({ batchId, epoch: 0 });
    await fellAsleep;
    plane.break('connector-hub.settle', undefined);
    await plane.sweep();
    await worker.normalize({ batchId, epoch: await plane.epochOf(batchId) });
    await expectOnce(3);
    wake();
    await sleeper;
    await expectOnce(3);
  });

  it('an append whose answer is lost gives its first receipt to the next attempt', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(3));
    plane.break('storage.append', async (callThrough) => {
      await callThrough();
      throw new Unavailable('service.unavailable', 'The connection was cut.');
    });
    await worker.normalize({ batchId, epoch: 0 });
    expect(await totals()).toMatchObject({ pending: 30 });
    plane.break('storage.append', undefined);
    await worker.normalize({ batchId, epoch: 0 });
    await expectOnce(3);
  });

  it(`L D P: ${ROUNDS} batches with random faults and doubled jobs each have one outcome (seed ${SEED})`, async () => {
    await plane.install(stepsOf(pipeline));
    const random = seededRandom(SEED);
    const away = (): Promise<never> => Promise.reject(new Unavailable('service.unavailable', 'away'));
    const flaky =
      (share: number) =>
      async (callThrough: () => Promise<unknown>): Promise<unknown> => {
        if (random() < share) return away();
        const answer = await callThrough();
        return random() < share ? away() : answer;
      };
    plane.break('storage.append', flaky(0.3));
    plane.break('connector-hub.settle', flaky(0.3));
    plane.break('connector-hub.fetchBatch', flaky(0.1));
    const line = (at: number): string =>
      JSON.stringify({ kind: 'event', id: `s${at}`, t: 1_767_225_600_000 + at, v: 1 });
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ids.push(await accept(`${line(round * 2)}\n${line(round * 2 + 1)}\n{"bad":1}`));
    }
    for (let tries = 0; ; tries += 1) {
      const offers = ids.flatMap((batchId) => (random() < 0.3 ? [batchId, batchId] : [batchId]));
      await Promise.allSettled(offers.map((batchId) => worker.normalize({ batchId, epoch: 0 })));
      if ((await totals())?.pending === 0) break;
      expect(tries).toBeLessThan(500);
    }
    for (const call of ['storage.append', 'connector-hub.settle', 'connector-hub.fetchBatch'])
      plane.break(call, undefined);
    const rows = { normalized: ROUNDS * 2, produced: ROUNDS * 2, stored: ROUNDS * 2, quarantined: ROUNDS };
    expect(await totals()).toMatchObject({ ...NOTHING, accepted: ROUNDS * 3, ...rows });
    expect([await held(), await kept()]).toEqual([ROUNDS * 2, ROUNDS]);
  });

  it('fault 15: a batch that our own code fails on goes to quarantine whole after five tries; an absent engine does not count', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(1));
    plane.break('storage.append', () => Promise.reject(new Unavailable('service.unavailable', 'away')));
    for (let tries = 0; tries < 7; tries += 1) await worker.normalize({ batchId, epoch: 0 });
    expect(await totals()).toMatchObject({ pending: 10 });
    plane.break('storage.append', () => Promise.reject(new Internal('internal', 'a defect of ours')));
    for (let tries = 0; tries < 4; tries += 1) await worker.normalize({ batchId, epoch: 0 });
    expect(await totals()).toMatchObject({ pending: 10 });
    await worker.normalize({ batchId, epoch: 0 });
    plane.break('storage.append', undefined);
    expect(await totals()).toMatchObject({ ...NOTHING, pending: 0, quarantined: 10 });
    expect([await held(), await kept()]).toEqual([0, 10]);
  });

  it('fault 15: the failures of one generation are not counted against the next', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(records(1));
    plane.break('storage.append', () => Promise.reject(new Internal('internal', 'a defect of ours')));
    for (let tries = 0; tries < 4; tries += 1) await worker.normalize({ batchId, epoch: 0 });
    await plane.database.query('UPDATE connector_hub.batches SET generation = 1 WHERE batch_id = $1', [batchId]);
    for (let tries = 0; tries < 4; tries += 1) await worker.normalize({ batchId, epoch: 0 });
    expect(await totals()).toMatchObject({ pending: 10 });
    await worker.normalize({ batchId, epoch: 0 });
    plane.break('storage.append', undefined);
    expect(await totals()).toMatchObject({ pending: 0, quarantined: 10 });
  });

  it('waits for a version that is not installed here yet', async () => {
    const steps = stepsOf(pipeline);
    await plane.storage.installDataset({ ...steps });
    await plane.hub.install({ project: 'default', pipeline, version: 1 });
    const batchId = await accept(records(1));
    for (let tries = 0; tries < 7; tries += 1) await worker.normalize({ batchId, epoch: 0 });
    expect(await totals()).toMatchObject({ pending: 10 });
    await plane.normalizer.install(steps);
    await worker.normalize({ batchId, epoch: 0 });
    await expectOnce(1);
  });

  it('keeps a version as it was installed first: another text under its number changes nothing', async () => {
    await plane.install(stepsOf(pipeline));
    await plane.normalizer.install({ ...stepsOf(pipeline), steps: [{ filter: 'false' }] });
    await worker.normalize({ batchId: await accept(records(1)), epoch: 0 });
    await expectOnce(1);
  });

  it('quarantines a record as it came, with its place, its step and the reason', async () => {
    await plane.install(stepsOf(pipeline));
    const batchId = await accept(
      `{"kind":"a","id":"a","t":1,"v":"much"}\n\uFEFF{"id": \n{"kind":"b","id":"b","t":1,"v":2}\n{"v":"\\u0000"}`,
    );
    await worker.normalize({ batchId, epoch: 0 });
    const { records: page } = await plane.normalizer.quarantine({ project: 'default', pipeline });
    expect(page.map(({ index, step, raw }) => [index, step, raw])).toEqual([
      [3, 'filter (step 1)', '{"v":"\\u0000"}'],
      [1, 'decode', '\uFEFF{"id": '],
      [0, 'map (step 2)', '{"kind":"a","id":"a","t":1,"v":"much"}'],
    ]);
    expect(page[2]?.reason).toContain('value: cannot turn a string of 4 characters into a double');
    expect(await held()).toBe(1);
  });

  it('pages through the quarantine without a gap or a repeat', async () => {
    await plane.install(stepsOf(pipeline));
    for (let at = 0; at < 5; at += 1) await worker.normalize({ batchId: await accept('{}\n{}\n{}'), epoch: 0 });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await plane.normalizer.quarantine({ project: 'default', pipeline, limit: 4, cursor });
      seen.push(...page.records.map(({ batchId, index }) => `${batchId}/${index}`));
      cursor = page.next;
    } while (cursor !== undefined);
    expect([seen.length, new Set(seen).size]).toEqual([15, 15]);
  });

  it('takes any bytes: what was framed is accounted for, and the books balance', async () => {
    await plane.install(stepsOf(pipeline));
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13))),
      fc.json().map((text) => Buffer.from(text)),
      fc.record({ id: fc.string(), t: fc.integer(), v: fc.double() }).map((one) => Buffer.from(JSON.stringify(one))),
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (lines) => {
        const body = Buffer.concat(lines.flatMap((one) => [one, Buffer.from('\n')]));
        const receipt = await plane.hub
          .accept({ project: 'default', pipeline, format: 'ndjson', body })
          .catch((refused: { code?: string }) => {
            expect(refused.code).toBe('events.malformed');
          });
        if (!receipt) return;
        accepted += receipt.accepted;
        await worker.normalize({ batchId: receipt.batchId, epoch: 0 });
        const sums = await totals();
        expect(sums).toMatchObject({ accepted, pending: 0 });
        expect(sums!.normalized + sums!.filtered + sums!.quarantined).toBe(accepted);
        expect(await kept()).toBe(sums!.quarantined);
      }),
      { numRuns: 40 },
    );
    expect(await held()).toBe((await totals())?.stored);
  });
});
