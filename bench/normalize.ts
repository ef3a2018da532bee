import 'reflect-metadata';
import type { InstallSteps } from '#libs/contracts/steps';
import { loadConfig } from '#libs/config/load';
import { compile } from '#apps/normalizer/core/compile';
import { CompiledPipeline } from '#apps/normalizer/core/pipeline';
import { BatchInput, run } from '#apps/normalizer/core/run';
import { Engine } from '#apps/normalizer/engine/engine';
import { Threads } from '#apps/normalizer/engine/threads';
import { Reshaper } from '#apps/normalizer/reshape/reshaper';

/**
 * How fast one thread turns NDJSON into columns: decode, a map of six CEL expressions, validation, typed columns;
 * beside a function written by hand for exactly these six fields, in the same run.
 *
 *     npm run bench:normalize [-- batches]
 */
const BATCH_RECORDS = 10_000;
const ROUNDS = 5;

const SCHEMA = {
  type: 'object',
  required: ['id', 'time', 'network', 'magnitude', 'felt', 'place'],
  properties: {
    id: { type: 'string', minLength: 1 },
    time: { type: 'string', format: 'date-time' },
    network: { type: 'string' },
    magnitude: { type: 'number' },
    felt: { type: 'integer' },
    place: { type: 'string' },
  },
};

const MAP = {
  id: 'raw.id',
  time: 'timestamp_ms(raw.properties.time)',
  network: 'raw.properties.net',
  magnitude: 'double(raw.properties.mag)',
  felt: 'int(raw.properties.felt)',
  place: 'raw.place',
};

function version(options: { validate: boolean; plain: boolean }): InstallSteps {
  const map = options.plain ? MAP : Object.fromEntries(Object.entries(MAP).map(([k, v]) => [k, `[${v}][0]`]));
  return {
    project: 'bench',
    pipeline: 'quakes',
    version: 1,
    steps: [{ map }, ...(options.validate ? [{ validate: { schema: 'quake@1' } }] : [])],
    schemas: { 'quake@1': SCHEMA },
    dataset: 'quakes',
    time: 'time',
    key: ['id'],
    columns: [
      { name: 'id', type: 'string', nullable: false },
      { name: 'time', type: 'timestamp', nullable: false },
      { name: 'network', type: 'string', nullable: false },
      { name: 'magnitude', type: 'double', nullable: false },
      { name: 'felt', type: 'int', nullable: false },
      { name: 'place', type: 'string', nullable: false },
    ],
  };
}

function payload(): Buffer {
  const lines = Array.from({ length: BATCH_RECORDS }, (_, i) =>
    JSON.stringify({
      type: 'Feature',
      properties: { mag: (i % 70) / 10, time: 1_517_443_200_000 + i * 137, net: i % 3 ? 'us' : 'ci', felt: i % 9 },
      id: `us${100_000 + i}`,
      place: '12km N of nowhere in particular, the usual',
    }),
  );
  return Buffer.from(lines.join('\n'));
}

interface Feature {
  id: string;
  place: string;
  properties: { time: number; net: string; mag: number; felt: number };
}

/** What somebody would write who knows the six fields. */
function byHand(bytes: Buffer): number {
  const lines = bytes.toString('utf8').split('\n');
  const ids: string[] = new Array<string>(lines.length);
  const networks: string[] = new Array<string>(lines.length);
  const places: string[] = new Array<string>(lines.length);
  const times = new BigInt64Array(lines.length);
  const felt = new BigInt64Array(lines.length);
  const magnitudes = new Float64Array(lines.length);
  let row = 0;
  for (const line of lines) {
    const { id, place, properties: p } = JSON.parse(line) as Feature;
    if (
      typeof id !== 'string' ||
      typeof place !== 'string' ||
      typeof p.net !== 'string' ||
      !Number.isFinite(p.mag) ||
      !Number.isSafeInteger(p.felt)
    ) {
      throw new TypeError('unexpected');
    }
    ids[row] = id;
    networks[row] = p.net;
    places[row] = place;
    times[row] = BigInt(p.time) * 1_000n;
    felt[row] = BigInt(p.felt);
    magnitudes[row] = p.mag;
    row++;
  }
  return row;
}

function compiled(install: InstallSteps): CompiledPipeline {
  const result = compile(install);
  if (result.kind === 'wrong') throw new TypeError(JSON.stringify(result.problems));
  return result.pipeline;
}

/** The best of several rounds, in events a second: the rest is noise of the machine. */
function measure(batches: number, once: () => number): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let events = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < batches; i++) events += once();
    best = Math.max(best, (events * 1e9) / Number(process.hrtime.bigint() - start));
  }
  return best;
}

/** All threads of the engine at once, over the same batches. */
async function measurePool(install: InstallSteps, batches: number, input: BatchInput): Promise<number> {
  const threads = new Threads(loadConfig({}));
  const engine = new Engine(new Reshaper(), threads);
  const preparation = await engine.prepare(install);
  if (preparation.kind === 'wrong') throw new TypeError(JSON.stringify(preparation.problems));
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const results = await Promise.all(Array.from({ length: batches }, () => engine.run(preparation.steps, input)));
    const events = results.reduce((sum, { normalized }) => sum + normalized, 0);
    best = Math.max(best, (events * 1e9) / Number(process.hrtime.bigint() - start));
  }
  await threads.onApplicationShutdown();
  return best;
}

async function main(): Promise<void> {
  const batches = Number(process.argv[2] ?? 20);
  const bytes = payload();
  const input: BatchInput = {
    payload: bytes,
    format: 'ndjson',
    meta: { batchId: '0191d1f0-0000-7000-8000-000000000000', receivedAt: new Date(0) },
  };
  const hand = measure(batches, () => byHand(bytes));
  const report = (name: string, rate: number): void => {
    const figures = `${Math.round(rate).toLocaleString('en').padStart(12)} events/s  ${(rate / hand).toFixed(2)} of by hand`;
    process.stdout.write(`${name.padEnd(44)}${figures}\n`);
  };
  process.stdout.write(
    `${BATCH_RECORDS} records of ${Math.round(bytes.length / BATCH_RECORDS)} bytes a batch, one thread\n`,
  );
  report('by hand', hand);
  for (const [name, options] of [
    ['map (short forms), columns', { plain: true, validate: false }],
    ['map (short forms), validate, columns', { plain: true, validate: true }],
    ['map (CEL engine), columns', { plain: false, validate: false }],
    ['map (CEL engine), validate, columns', { plain: false, validate: true }],
  ] as const) {
    const pipeline = compiled(version(options));
    report(
      name,
      measure(batches, () => run(pipeline, input).normalized),
    );
  }
  const threaded = await measurePool(version({ plain: true, validate: true }), batches, input);
  report('the same on the pool, columns back here', threaded);
}

void main();
