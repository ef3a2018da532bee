import fc from 'fast-check';
import type { InstallSteps } from '#libs/contracts/steps';
import { loadConfig } from '#libs/config/load';
import { BadRequest, Internal } from '#libs/errors/errors';
import { compile } from '../core/compile';
import { MeteredResult, run } from '../core/run';
import { Reshaper } from '../reshape/reshaper';
import { EXPRESSION_MAX_STEPS, RECORD_MAX_STEPS } from '../core/budget';
import { Engine, EngineInput, ReadySteps } from './engine';
import { Threads } from './threads';

const META = { batchId: '0191d1f0-0000-7000-8000-000000000000', receivedAt: new Date(1_767_225_600_000) };
const NESTED = (levels: number): string => (levels === 0 ? 'x' : `[1,2,3,4,5,6,7,8,9].map(x, ${NESTED(levels - 1)})`);

const versionOf = (steps: InstallSteps['steps'], schemas: InstallSteps['schemas'] = {}): InstallSteps => ({
  project: 'default',
  pipeline: 'p',
  version: 1,
  steps,
  schemas,
  dataset: 'd',
  time: 'time',
  key: ['id'],
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'v', type: 'double', nullable: true },
    { name: 'rest', type: 'json', nullable: true },
  ],
});

const MAP = { id: 'raw.id', time: 'timestamp_ms(raw.t)', v: 'double(raw.v)', rest: 'raw.rest' };
const HEAVY = { ...MAP, v: 'double(raw.v) * 2.0' };

const inputOf = (...records: readonly unknown[]): EngineInput => ({
  payload: Buffer.from(records.map((record) => JSON.stringify(record)).join('\n')),
  format: 'ndjson',
  meta: META,
});

/** A result without its times. */
const plain = ({ tallies, ...result }: MeteredResult): unknown => ({
  ...result,
  quarantined: result.quarantined.map(({ raw, ...draft }) => ({ ...draft, raw: Buffer.from(raw).toString() })),
  tallies: tallies.map(({ seconds: _times, ...tally }) => tally),
});

describe('the engine', () => {
  const threads = new Threads(loadConfig({ CHARTLY_NORMALIZER_THREADS: '1' }));
  const reshaper = new Reshaper();
  const engine = new Engine(reshaper, threads);
  afterAll(async () => {
    reshaper.onApplicationShutdown();
    await threads.onApplicationShutdown();
  });

  const ready = async (install: InstallSteps): Promise<ReadySteps> => {
    const preparation = await engine.prepare(install);
    if (preparation.kind === 'wrong') throw new Error(preparation.problems[0]?.message);
    return preparation.steps;
  };

  it('gives on a thread what the same steps give where they are', async () => {
    const install = versionOf([{ filter: 'raw.v != 3' }, { map: HEAVY }]);
    const steps = await ready(install);
    const compilation = compile(install);
    if (compilation.kind === 'wrong') throw new Error('does not compile');
    const record = fc.record({
      id: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null)),
      t: fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.string()),
      v: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.string()),
      rest: fc.json().map((text) => JSON.parse(text) as unknown),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const input = inputOf(...records);
        expect(plain(await engine.run(steps, input))).toEqual(plain(run(compilation.pipeline, input)));
      }),
      { numRuns: 50 },
    );
  });

  it('works on a few light records where they are, and sends everything else to a thread', async () => {
    const flat = { type: 'object' };
    const recursive = { $ref: '#/$defs/a', $defs: { a: {} } };
    const isLight = async (...steps: InstallSteps['steps']): Promise<boolean> =>
      (await ready(versionOf(steps))).traits.isLight;
    const isLightWith = async (schema: object): Promise<boolean> =>
      (await ready(versionOf([{ map: MAP }, { validate: { schema: 's@1' } }], { 's@1': { ...schema } }))).traits
        .isLight;
    expect(await isLight({ map: MAP })).toBe(true);
    expect(await isLightWith(flat)).toBe(true);
    expect(await isLightWith(recursive)).toBe(false);
    expect(await isLight({ map: HEAVY })).toBe(false);
    expect(await isLight({ split: 'raw.items' }, { map: MAP })).toBe(false);
    expect(await isLight({ reshape: { jsonata: '$' } }, { map: MAP })).toBe(false);
  });

  it('says what is wrong with steps, and refuses what cannot be framed', async () => {
    const preparation = await engine.prepare(versionOf([{ map: { ...MAP, v: 'raw.' } }]));
    expect(preparation).toMatchObject({ kind: 'wrong', problems: [{ path: 'spec.steps[0].map.v' }] });
    const steps = await ready(versionOf([{ map: HEAVY }]));
    await expect(engine.run(steps, { ...inputOf(), payload: Buffer.from('\n\n') })).rejects.toBeInstanceOf(BadRequest);
  });

  it('leaves the payload with the one who gave it, and gives quarantined records as they came', async () => {
    const steps = await ready(versionOf([{ map: HEAVY }]));
    const around = Buffer.from(`xx{"id":1}\n{"id":"a","t":0,"v":1}xx`);
    const payload = around.subarray(2, around.length - 2);
    const { quarantined, normalized } = await engine.run(steps, { ...inputOf(), payload });
    expect(normalized).toBe(1);
    expect(Buffer.from(quarantined[0]?.raw ?? []).toString()).toBe('{"id":1}');
    expect(payload.toString()).toBe(`{"id":1}\n{"id":"a","t":0,"v":1}`);
  });

  it('rule 27: expressions that loop as long as they may leave the loop to others, and each costs its record', async () => {
    const steps = await ready(versionOf([{ map: { ...MAP, rest: NESTED(6) } }]));
    const records = Array.from({ length: 40 }, (_, at) => ({ id: `r${at}`, t: 0, v: 1 }));
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setTimeout(turn, 1);
    };
    turn();
    const before = performance.eventLoopUtilization();
    const { quarantined } = await engine.run(steps, inputOf(...records));
    isDone = true;
    expect(quarantined).toHaveLength(40);
    expect(quarantined[0]?.reason).toContain(`took more than ${EXPRESSION_MAX_STEPS} steps`);
    expect(turns).toBeGreaterThan(5);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.9);
  });

  it('a heavy batch does not hold up another on the same thread', async () => {
    const heavy = await ready(versionOf([{ map: { ...MAP, rest: NESTED(6) } }]));
    const light = await ready(versionOf([{ map: HEAVY }]));
    const records = Array.from({ length: 60 }, (_, at) => ({ id: `r${at}`, t: 0, v: 1 }));
    const ended: string[] = [];
    await Promise.all([
      engine.run(heavy, inputOf(...records)).then(() => ended.push('heavy')),
      engine.run(light, inputOf({ id: 'a', t: 0, v: 1 })).then(() => ended.push('light')),
    ]);
    expect(ended).toEqual(['light', 'heavy']);
  });

  it('bounds what one record may take over all its expressions and items', async () => {
    const steps = await ready(
      versionOf([
        { split: 'raw.items' },
        { map: { id: 'parent.id', time: 'timestamp_ms(parent.t)', rest: NESTED(4) } },
      ]),
    );
    const items = Array.from({ length: 5_000 }, (_, at) => at);
    const { quarantined, normalized } = await engine.run(
      steps,
      inputOf({ id: 'many', t: 0, items }, { id: 'few', t: 0, items: [1, 2] }),
    );
    expect(normalized).toBe(1);
    expect(quarantined[0]?.reason).toContain(`the record took more than ${RECORD_MAX_STEPS} steps`);
  });

  it('a schema that recurses without an end costs its record', async () => {
    const endless = { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'object' }] } } };
    const steps = await ready(versionOf([{ map: HEAVY }, { validate: { schema: 's@1' } }], { 's@1': endless }));
    const { quarantined } = await engine.run(steps, inputOf({ id: 'a', t: 0, v: 1 }));
    expect(quarantined).toMatchObject([{ step: 'validate (step 2)', reason: expect.stringContaining('call stack') }]);
  });

  it('ends a thread that a record holds, and works on with another', async () => {
    const branches = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => {
        const next = { $ref: `#/$defs/n${at + 1}` };
        return [`n${at}`, { anyOf: [next, next] }];
      }),
    );
    const doubling = { $ref: '#/$defs/n0', $defs: { ...branches, n40: { type: 'string' } } };
    const hostile = await ready(versionOf([{ map: HEAVY }, { validate: { schema: 's@1' } }], { 's@1': doubling }));
    await expect(engine.run(hostile, inputOf({ id: 'a', t: 0, v: 1 }))).rejects.toMatchObject({
      code: 'records.stuck',
      constructor: Internal,
    });
    const steps = await ready(versionOf([{ map: HEAVY }]));
    expect((await engine.run(steps, inputOf({ id: 'a', t: 0, v: 1 }))).normalized).toBe(1);
  }, 60_000);
});
