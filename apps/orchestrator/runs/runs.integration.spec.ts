import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { Run, RunState } from '#libs/contracts/orchestrator.contract';
import { Conflict, NotFound, Unavailable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { currentCall } from '#libs/transport/call-context';
import { DocumentRecord, DocumentVersion } from '../documents/document.entity';
import { orchestratorMigrations } from '../orchestrator.migrations';
import { gate, Neighbours, openOrchestrator, PULLED, until } from '../orchestrator.testing';
import { RunRecord } from './run.entity';
import { LeaseLost } from './run-book';
import { CONCURRENT_RUNS } from './run-engine';

const text = (schedule?: string, bucket = '1h'): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: metrics }
spec:
  ${schedule ? `schedule: ${schedule}` : ''}
  source: { http: { url: 'https://x.example/items' } }
  steps: [{ map: { id: raw.id, time: timestamp_ms(raw.t) } }]
  store: { dataset: metrics, time: time, key: [id], columns: { id: string, time: timestamp } }
  rollups: [{ name: hourly, bucket: ${bucket}, measures: { n: count() } }]
`;
const HOURLY = '{ every: 1h }';
const FAST_RETRY = '{ every: 1h, retry: { max: 2, backoff: fixed, initial: 1ms } }';

/** A clock that is wrong by some time. */
class WrongClock extends Clock {
  constructor(private readonly byMs: number) {
    super();
  }
  override now(): Date {
    return new Date(Date.now() + this.byMs);
  }
}

describe('runs', () => {
  let test: TestDatabase;
  let database: DataSource;
  let neighbours: Neighbours;
  let project: string;
  let numbered = 0;
  let opened: ReturnType<typeof openOrchestrator>[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([orchestratorMigrations], [DocumentRecord, DocumentVersion, RunRecord]);
    database = test.dataSource;
  });
  afterAll(() => test.stop());
  beforeEach(() => {
    neighbours = new Neighbours();
    project = `p${(numbered += 1)}`;
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ engine }) => engine.beforeApplicationShutdown()));
    opened = [];
    await database.query(`UPDATE orchestrator.documents SET next_tick_at = NULL`);
  });

  const open = (clock?: Clock) => {
    const orchestrator = openOrchestrator(database, neighbours, clock);
    opened.push(orchestrator);
    return orchestrator;
  };
  type Orchestrator = ReturnType<typeof open>;
  const start = ({ service }: Orchestrator) => service.startRun({ project, pipeline: 'metrics' });
  const ended = ({ service, engine }: Orchestrator, runId: string): Promise<Run> =>
    until(async () => {
      engine.take(runId); // what the round does twice a second
      const run = await service.run({ project, runId });
      return run.endedAt !== undefined && run;
    });
  const states = async ({ service }: Orchestrator): Promise<RunState[]> =>
    (await service.runs({ project })).runs.map(({ state }) => state);
  const dueSince = (interval: string) =>
    database.query(
      `UPDATE orchestrator.documents SET next_tick_at = clock_timestamp() - $2::interval WHERE project = $1`,
      [project, interval],
    );
  const expireLease = (runId: string) =>
    database.query(`UPDATE orchestrator.runs SET lease_until = '-infinity' WHERE id = $1`, [runId]);

  it('pulls slice by slice, waits until each batch is settled, and refreshes', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const slices = [{ ...PULLED, done: false, waitMs: 1 }, { ...PULLED, done: false }, PULLED];
    neighbours.pull = () => Promise.resolve(slices.shift()!);
    const pending = [2, 1, 0];
    const totals = await neighbours.runBatches();
    neighbours.runBatches = () => Promise.resolve({ ...totals, accepted: 30, pendingBatches: pending.shift()! });
    const run = await ended(one, (await start(one)).id);
    expect(run).toMatchObject({ state: 'succeeded', trigger: 'manual', version: 1 });
    expect(run.steps).toMatchObject([
      { name: 'pull', state: 'succeeded', attempts: 1, counts: { pages: 3, records: 30, batches: 3 } },
      { name: 'normalize', state: 'succeeded', counts: { accepted: 30 } },
      { name: 'refresh', state: 'succeeded', counts: { buckets: 2 } },
    ]);
  });

  it('shows a step as running while it runs', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => door.arrive().then(() => PULLED);
    const { id } = await start(one);
    await door.reached;
    const { steps } = await one.service.run({ project, runId: id });
    expect(steps[0]).toMatchObject({ state: 'running', attempts: 1 });
    door.open();
    await ended(one, id);
  });

  it('goes on at the last completed step in a new process after the one before was killed', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    let pulls = 0;
    neighbours.pull = () => Promise.resolve({ ...PULLED, pages: (pulls += 1) });
    const door = gate();
    const { runBatches } = neighbours;
    neighbours.runBatches = () => door.arrive().then(runBatches);
    const { id } = await start(one);
    await door.reached; // the pull is done; this process now says nothing more
    neighbours.runBatches = runBatches;
    const other = open();
    other.engine.take(id);
    expect((await other.service.run({ project, runId: id })).state).toBe('running'); // the lease is respected
    await expireLease(id);
    const run = await ended(other, id);
    expect(run).toMatchObject({ state: 'succeeded', steps: [{ name: 'pull', attempts: 1 }, {}, {}] });
    expect(pulls).toBe(1);
    door.open();
  });

  it('rule 3: refuses what a process writes that has lost the run', async () => {
    const { service, book } = open();
    await service.apply({ project, text: text() });
    const id = (await book.create({ project, pipeline: 'metrics', version: 1, trigger: 'manual', state: 'queued' }))!;
    const zombie = (await book.claim(id))!.run;
    expect(await book.claim(id)).toBeUndefined();
    await expireLease(id);
    const owner = (await book.claim(id))!.run;
    expect(owner.epoch).toBe(zombie.epoch + 1);
    await expect(book.save(zombie, [])).rejects.toBeInstanceOf(LeaseLost);
    expect(await book.renew(zombie)).toBeUndefined();
    await book.end(zombie, [], 'failed', 'said by a zombie');
    await book.release(zombie, [], new Date(0));
    const run = await service.run({ project, runId: id });
    expect(run).toMatchObject({ state: 'running', steps: [{ name: 'pull' }, {}, {}] });
    expect(await book.renew(owner)).toEqual({ cancelRequested: false });
    await book.end(owner, [], 'cancelled');
  });

  it('stays frozen on the version that it started with', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    const asked: number[] = [];
    neighbours.pull = ({ version }) => {
      asked.push(version);
      return asked.length === 1 ? door.arrive().then(() => ({ ...PULLED, done: false })) : Promise.resolve(PULLED);
    };
    const { id } = await start(one);
    await door.reached;
    await one.service.apply({ project, text: text(undefined, '2h') });
    door.open();
    expect(await ended(one, id)).toMatchObject({ version: 1, state: 'succeeded' });
    expect(asked).toEqual([1, 1]);
  });

  it('tries again what may mend, and keeps the reason', async () => {
    const one = open();
    await one.service.apply({ project, text: text(FAST_RETRY) });
    let calls = 0;
    neighbours.pull = () =>
      (calls += 1) < 3
        ? Promise.reject(new Unavailable('source.away', 'The source is away.'))
        : Promise.resolve(PULLED);
    const run = await ended(one, (await start(one)).id);
    expect(run).toMatchObject({ state: 'succeeded', steps: [{ attempts: 3, error: 'The source is away.' }, {}, {}] });
  });

  it('gives up after the retries that the schedule allows', async () => {
    const one = open();
    await one.service.apply({ project, text: text(FAST_RETRY) });
    neighbours.pull = () => Promise.reject(new Unavailable('source.away', 'The source is away.'));
    const run = await ended(one, (await start(one)).id);
    expect(run).toMatchObject({ state: 'failed', reason: 'pull: The source is away.' });
    expect(run.steps.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['failed', 3],
      ['cancelled', 0],
      ['cancelled', 0],
    ]);
  });

  it('fails at once on what no retry mends', async () => {
    const one = open();
    await one.service.apply({ project, text: text(FAST_RETRY) });
    neighbours.pull = () => Promise.reject(new NotFound('source.gone', 'The source is gone.'));
    expect(await ended(one, (await start(one)).id)).toMatchObject({
      state: 'failed',
      steps: [{ attempts: 1 }, {}, {}],
    });
  });

  it('is cancelled in the middle of a pull', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => {
      const { signal } = currentCall();
      void door.arrive();
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    };
    const { id } = await start(one);
    await door.reached;
    await one.service.cancelRun({ project, runId: id });
    const run = await ended(one, id);
    expect(run).toMatchObject({ state: 'cancelled', steps: [{ state: 'cancelled' }, {}, {}] });
    expect(await one.service.cancelRun({ project, runId: id })).toEqual(run);
  });

  it('is cancelled by another process than the one that has it', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => {
      const { signal } = currentCall();
      void door.arrive();
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    };
    const { id } = await start(one);
    await door.reached;
    const other = open();
    await other.service.cancelRun({ project, runId: id });
    expect(await ended(other, id)).toMatchObject({ state: 'cancelled' });
  });

  it('is cancelled when its pipeline is deleted', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => door.arrive().then(() => ({ ...PULLED, done: false }));
    const { id } = await start(one);
    await door.reached;
    await one.service.remove({ project, kind: 'Pipeline', name: 'metrics' });
    door.open();
    expect(await ended(one, id)).toMatchObject({ state: 'cancelled' });
  });

  it('fails when its time is up, and says at what', async () => {
    const one = open();
    await one.service.apply({ project, text: text('{ every: 1h, timeout: 1ms }') });
    neighbours.pull = () => Promise.resolve({ ...PULLED, done: false });
    const run = await ended(one, (await start(one)).id);
    expect(run).toMatchObject({ state: 'failed', reason: "pull was not done when the run's time was up" });
  });

  it.each([-3_600_001, 3_600_001])('fault 13: is not moved by a process whose clock is %d ms off', async (byMs) => {
    const one = open(new WrongClock(byMs));
    await one.service.apply({ project, text: text('{ every: 1h, timeout: 30m, retry: { max: 2, initial: 10ms } }') });
    let calls = 0;
    neighbours.pull = () =>
      (calls += 1) < 2 ? Promise.reject(new Unavailable('source.away', 'away')) : Promise.resolve(PULLED);
    expect(await ended(one, (await start(one)).id)).toMatchObject({ state: 'succeeded' });
  });

  it('goes one at a time a pipeline', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => door.arrive().then(() => PULLED);
    const starts = await Promise.allSettled([start(one), start(one), start(open())]);
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = starts.find((result) => result.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(Conflict);
    expect(refused?.reason).toMatchObject({ code: 'run.overlap' });
    door.open();
  });

  it('goes on with no more of them at once than a process can carry', async () => {
    const one = open();
    const door = gate();
    let pulling = 0;
    neighbours.pull = () => {
      pulling += 1;
      return door.arrive().then(() => PULLED);
    };
    const ids: string[] = [];
    for (let at = 0; at <= CONCURRENT_RUNS; at += 1) {
      await one.service.apply({ project, text: text().replaceAll('metrics', `metrics${at}`) });
      ids.push((await one.service.startRun({ project, pipeline: `metrics${at}` })).id);
    }
    await until(async () => pulling === CONCURRENT_RUNS);
    expect((await one.service.run({ project, runId: ids.at(-1)! })).state).toBe('queued');
    door.open();
    for (const id of ids) expect((await ended(one, id)).state).toBe('succeeded');
  });

  it('hands its runs back when the process is told to end', async () => {
    const one = open();
    await one.service.apply({ project, text: text() });
    const door = gate();
    neighbours.pull = () => door.arrive().then(() => ({ ...PULLED, done: false }));
    const { id } = await start(one);
    await door.reached;
    const stopped = one.engine.beforeApplicationShutdown();
    door.open();
    await stopped;
    neighbours.pull = () => Promise.resolve(PULLED);
    expect(await ended(open(), id)).toMatchObject({ state: 'succeeded', steps: [{ attempts: 1 }, {}, {}] });
  });

  describe('on a schedule', () => {
    it('begin at once when the pipeline is first applied, and not again when its rhythm goes on', async () => {
      const one = open();
      await one.service.apply({ project, text: text(HOURLY) });
      await one.ticker.tick();
      await ended(one, (await one.service.runs({ project })).runs[0]!.id);
      const { nextTickAt } = await one.service.document({ project, kind: 'Pipeline', name: 'metrics' });
      expect(new Date(nextTickAt!).getTime() % 3_600_000).toBe(0);
      await one.service.apply({ project, text: text(HOURLY, '2h') });
      await one.ticker.tick();
      expect(await states(one)).toEqual(['succeeded']);
      expect(await one.service.document({ project, kind: 'Pipeline', name: 'metrics' })).toMatchObject({ nextTickAt });
      await one.service.apply({ project, text: text('{ every: 2h }', '2h') });
      await one.ticker.tick();
      expect(await states(one)).toHaveLength(2);
    });

    it('account for what was missed in one line, and run once in its stead', async () => {
      const one = open();
      await one.service.apply({ project, text: text(HOURLY) });
      await dueSince('10 hours');
      await one.ticker.tick();
      await one.ticker.tick();
      const { runs } = await one.service.runs({ project });
      expect(runs.map(({ state }) => state).sort()).toEqual([
        'missed',
        expect.stringMatching(/queued|running|succeeded/),
      ]);
      expect(runs.find(({ state }) => state === 'missed')?.reason).toMatch(/^10 ticks from .* to before .*Z passed/);
    });

    it('account for a tick that falls due while the run before it goes on', async () => {
      const one = open();
      await one.service.apply({ project, text: text(HOURLY) });
      const door = gate();
      neighbours.pull = () => door.arrive().then(() => PULLED);
      await one.ticker.tick();
      await door.reached;
      await dueSince('1 second');
      await one.ticker.tick();
      const { runs } = await one.service.runs({ project, state: 'skipped' });
      expect(runs).toMatchObject([{ trigger: 'schedule', reason: expect.stringContaining('still going on') }]);
      door.open();
    });

    it('account for each tick once, however many processes look', async () => {
      const all = [open(), open(), open(), open()];
      await all[0]!.service.apply({ project, text: text(HOURLY) });
      await Promise.all(all.map(({ ticker }) => ticker.tick()));
      expect(await states(all[0]!)).toHaveLength(1);
    });

    it('go on in the version that there is while the next one waits for a service', async () => {
      const one = open();
      await one.service.apply({ project, text: text(HOURLY) });
      neighbours.away.add('analytics');
      await one.service.apply({ project, text: text('{ every: 2h }') });
      neighbours.away.clear();
      await one.ticker.tick();
      expect((await one.service.runs({ project })).runs).toMatchObject([{ version: 1 }]);
    });

    it('account for what was due under the rhythm before when it changes', async () => {
      const one = open();
      await one.service.apply({ project, text: text(HOURLY) });
      await dueSince('10 hours');
      await one.service.apply({ project, text: text('{ every: 2h }') });
      await one.ticker.tick();
      const { runs } = await one.service.runs({ project });
      expect(runs.find(({ state }) => state === 'missed')).toMatchObject({
        version: 1,
        reason: expect.stringMatching(/^10 /),
      });
      expect(runs.filter(({ state }) => state !== 'missed')).toHaveLength(2);
    });

    it('keep ticking beside a pipeline that cannot', async () => {
      const one = open();
      const broken = `${project}broken`;
      await one.service.apply({ project: broken, text: text(HOURLY) });
      await one.service.apply({ project, text: text(HOURLY) });
      await database.query(
        `UPDATE orchestrator.document_versions SET resolved = jsonb_set(resolved, '{spec,schedule}', '{"cron":"broken"}')
          WHERE project = $1`,
        [broken],
      );
      await expect(one.ticker.tick()).rejects.toThrow('1 pipelines could not tick');
      expect(await states(one)).toHaveLength(1);
    });
  });

  it('are listed each once, although many were written in the same millisecond', async () => {
    const one = open();
    await database.query(
      `INSERT INTO orchestrator.runs (id, project, pipeline, version, state, trigger, created_at, ended_at, steps)
       SELECT gen_random_uuid(), $1, 'metrics', 1, 'missed', 'schedule',
              '2026-01-01T00:00:00.123Z'::timestamptz + n * interval '1 microsecond', now(), '[]'
         FROM generate_series(1, 50) n`,
      [project],
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await one.service.runs({ project, limit: 7, cursor });
      seen.push(...page.runs.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(50);
    expect(seen).toHaveLength(50);
    await expect(one.service.runs({ project, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'cursor.malformed' });
  });

  describe('that replay', () => {
    const replay = ({ service }: Orchestrator, more: object = {}) =>
      service.startReplay({
        project,
        pipeline: 'metrics',
        from: '2026-01-01T00:00:00Z',
        to: '2026-01-02T00:00:00Z',
        ...more,
      });
    const apply = ({ service }: Orchestrator, document: string) => service.apply({ project, text: document });

    it('goes on beside runs that pull, one of each kind', async () => {
      const orchestrator = open();
      await apply(orchestrator, text());
      const door = gate();
      neighbours.replay = async () => {
        await door.arrive();
        return { batches: 7, records: 70, bytes: 700, unavailable: 1, pending: 0, percent: 100, done: true, waitMs: 0 };
      };
      const { id } = await replay(orchestrator);
      await expect(replay(orchestrator)).rejects.toMatchObject({ code: 'replay.overlap' });
      const pulled = await start(orchestrator);
      expect(await ended(orchestrator, pulled.id)).toMatchObject({ state: 'succeeded' });
      door.open();
      const run = await ended(orchestrator, id);
      expect(run).toMatchObject({
        state: 'succeeded',
        version: 1,
        replay: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' },
      });
      expect(run.steps.map(({ name }) => name)).toEqual(['replay', 'normalize', 'refresh']);
      expect(run.steps[0]?.counts).toEqual({
        batches: 7,
        records: 70,
        bytes: 700,
        unavailable: 1,
        pending: 0,
        percent: 100,
      });
    });

    it('pauses, goes on where it was in another process, and is cancelled while it waits', async () => {
      const orchestrator = open();
      await apply(orchestrator, text());
      let slices = 0;
      let paused = false;
      neighbours.replay = async () => {
        slices += 1;
        const done = paused && slices > 10;
        return Promise.resolve({
          batches: slices,
          records: 0,
          bytes: 0,
          unavailable: 0,
          pending: 0,
          percent: 1,
          done,
          waitMs: 1,
        });
      };
      const { id } = await replay(orchestrator);
      await until(async () => Promise.resolve(slices > 3));
      expect(await orchestrator.service.pauseRun({ project, runId: id })).toMatchObject({ state: 'paused' });
      await orchestrator.engine.beforeApplicationShutdown();
      const stood = slices;
      await expect(replay(open())).rejects.toMatchObject({ code: 'replay.overlap' });
      const other = open();
      other.engine.take(id);
      expect(await other.service.run({ project, runId: id })).toMatchObject({ state: 'paused' });
      expect(slices).toBe(stood);
      paused = true;
      slices = 10;
      await other.service.resumeRun({ project, runId: id });
      expect(await ended(other, id)).toMatchObject({ state: 'succeeded' });
      paused = false;
      const second = await replay(other);
      await other.service.pauseRun({ project, runId: second.id });
      expect(await other.service.cancelRun({ project, runId: second.id })).toMatchObject({
        state: 'cancelled',
        steps: [{ state: 'cancelled' }, { state: 'cancelled' }, { state: 'cancelled' }],
      });
      await expect(other.service.pauseRun({ project, runId: second.id })).resolves.toMatchObject({
        state: 'cancelled',
      });
    });

    it('makes a pipeline for a new dataset, without source and schedule, and takes no other by mistake', async () => {
      const orchestrator = open();
      await apply(orchestrator, text());
      let into: unknown;
      const answer = neighbours.replay;
      neighbours.replay = (slice) => {
        ({ into } = slice);
        return answer(slice);
      };
      const { id } = await replay(orchestrator, { dataset: 'metrics_new' });
      expect(await ended(orchestrator, id)).toMatchObject({ state: 'succeeded', replay: { dataset: 'metrics_new' } });
      expect(into).toEqual({ project, pipeline: 'metrics_new', version: 1 });
      const made = await orchestrator.service.document({ project, kind: 'Pipeline', name: 'metrics_new' });
      expect(made.document).toMatchObject({
        metadata: { labels: { 'replay-of': 'metrics' } },
        spec: { store: { dataset: 'metrics_new' }, keepRaw: 'none' },
      });
      expect(made.document).not.toHaveProperty('spec.source');
      await apply(orchestrator, text().replace('name: metrics', 'name: other').replace('hourly', 'other_hourly'));
      await expect(replay(orchestrator, { dataset: 'other' })).rejects.toMatchObject({ code: 'replay.name_taken' });
    });

    it('refuses a time that is none, and a version that never was', async () => {
      const orchestrator = open();
      await apply(orchestrator, text());
      await expect(replay(orchestrator, { to: '2025-01-01T00:00:00Z' })).rejects.toMatchObject({
        code: 'replay.range',
      });
      await expect(replay(orchestrator, { from: '2999-01-01T00:00:00Z' })).rejects.toMatchObject({
        code: 'replay.range',
      });
      await expect(replay(orchestrator, { version: 9 })).rejects.toMatchObject({ code: 'version.unknown' });
      await expect(
        orchestrator.service.startReplay({ project, pipeline: 'none', from: '2026-01-01T00:00:00Z' }),
      ).rejects.toMatchObject({
        code: 'pipeline.unknown',
      });
    });
  });
});
