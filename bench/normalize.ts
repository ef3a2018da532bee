import 'reflect-metadata';
import type { InstallSteps } from '#libs/contracts/steps';
import { loadConfig } from '#libs/config/load';
import { budget } from '#apps/normalizer/core/budget';
import { compileCel } from '#apps/normalizer/core/cel';
import { compile } from '#apps/normalizer/core/compile';
import { HOSTILE } from '#apps/normalizer/core/hostile-expressions.testing';
import { CompiledPipeline } from '#apps/normalizer/core/pipeline';
import { BatchInput, run } from '#apps/normalizer/core/run';
import { Engine } from '#apps/normalizer/engine/engine';
import { Threads } from '#apps/normalizer/engine/threads';
import { Reshaper } from '#apps/normalizer/reshape/reshaper';

/**
 * How fast one thread turns NDJSON into columns: decode, a map of six CEL expressions, validation, typed columns;
 * beside a function written by hand for exactly these six fields, in the same run. Three maps: one of paths and
 * conversions, one that computes (arithmetic, texts, choices, `has`), and one that the library of CEL evaluates alone.
 *
 *     npm run bench:normalize [-- batches]
 */
const BATCH_RECORDS = 10_000;
const ROUNDS = 8;

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

const COMPUTING_MAP = {
  id: 'raw.properties.net + "-" + raw.id',
  time: 'timestamp_ms(raw.properties.time + 500.0)',
  network: 'upper(raw.properties.net)',
  magnitude: 'has(raw.properties.mag) ? double(raw.properties.mag) * 10.0 : 0.0',
  felt: 'raw.properties.felt > 3 && raw.properties.mag >= 2.0 ? int(raw.properties.felt) : 0',
  place: 'raw.place.startsWith("12km") ? raw.place.substring(5, 20) : trim(raw.place)',
};

/** The same values, out of a list: a form that is left to the library. */
const LIBRARY_MAP = Object.fromEntries(Object.entries(MAP).map(([name, source]) => [name, `[${source}][0]`]));

function version(map: Readonly<Record<string, string>>, validate: boolean): InstallSteps {
  return {
    project: 'bench',
    pipeline: 'quakes',
    version: 1,
    steps: [{ map }, ...(validate ? [{ validate: { schema: 'quake@1' } }] : [])],
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

interface Columns {
  readonly ids: string[];
  readonly networks: string[];
  readonly places: string[];
  readonly times: BigInt64Array;
  readonly felt: BigInt64Array;
  readonly magnitudes: Float64Array;
}

type Put = (row: number, feature: Feature, columns: Columns) => void;

/** What somebody would write who knows the six fields. */
function byHand(bytes: Buffer, put: Put): number {
  const lines = bytes.toString('utf8').split('\n');
  const columns: Columns = {
    ids: new Array<string>(lines.length),
    networks: new Array<string>(lines.length),
    places: new Array<string>(lines.length),
    times: new BigInt64Array(lines.length),
    felt: new BigInt64Array(lines.length),
    magnitudes: new Float64Array(lines.length),
  };
  let row = 0;
  for (const line of lines) {
    const feature = JSON.parse(line) as Feature;
    const { id, place, properties: p } = feature;
    if (
      typeof id !== 'string' ||
      typeof place !== 'string' ||
      typeof p.net !== 'string' ||
      !Number.isFinite(p.mag) ||
      !Number.isSafeInteger(p.felt)
    ) {
      throw new TypeError('unexpected');
    }
    put(row, feature, columns);
    row++;
  }
  return row;
}

const putAsItIs: Put = (row, { id, place, properties: p }, columns) => {
  columns.ids[row] = id;
  columns.networks[row] = p.net;
  columns.places[row] = place;
  columns.times[row] = BigInt(p.time) * 1_000n;
  columns.felt[row] = BigInt(p.felt);
  columns.magnitudes[row] = p.mag;
};

const putComputed: Put = (row, { id, place, properties: p }, columns) => {
  columns.ids[row] = `${p.net}-${id}`;
  columns.networks[row] = p.net.toUpperCase();
  columns.places[row] = place.startsWith('12km') ? place.substring(5, 20) : place.trim();
  columns.times[row] = BigInt(p.time + 500) * 1_000n;
  columns.felt[row] = p.felt > 3 && p.mag >= 2 ? BigInt(p.felt) : 0n;
  columns.magnitudes[row] = p.mag * 10;
};

function compiled(install: InstallSteps): CompiledPipeline {
  const result = compile(install);
  if (result.kind === 'wrong') throw new TypeError(JSON.stringify(result.problems));
  return result.pipeline;
}

interface Case {
  readonly name: string;
  readonly once: () => number;
  best: number;
}

/** The best of several rounds, in events a second of CPU time: what else the machine is at does not count. */
function measure(batches: number, cases: readonly Case[]): void {
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of cases) {
      let events = 0;
      const before = process.cpuUsage();
      for (let i = 0; i < batches; i++) events += one.once();
      const { user, system } = process.cpuUsage(before);
      one.best = Math.max(one.best, (events * 1e6) / (user + system));
    }
  }
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
  process.stdout.write(
    `${BATCH_RECORDS} records of ${Math.round(bytes.length / BATCH_RECORDS)} bytes a batch, one thread\n`,
  );
  const throughMap = (name: string, map: Readonly<Record<string, string>>, validate: boolean): Case => {
    const pipeline = compiled(version(map, validate));
    return { name, once: () => run(pipeline, input).normalized, best: 0 };
  };
  const groups = [
    ['paths, conversions', putAsItIs, MAP],
    ['computing', putComputed, COMPUTING_MAP],
    ['the library alone', putAsItIs, LIBRARY_MAP],
  ] as const;
  const cases = groups.map(([name, put, map]) => [
    { name: `by hand: ${name}`, once: () => byHand(bytes, put), best: 0 },
    throughMap('  map, columns', map, false),
    throughMap('  map, validate, columns', map, true),
  ]);
  measure(batches, cases.flat());
  const report = (name: string, rate: number, hand: number): void => {
    const figures = `${Math.round(rate).toLocaleString('en').padStart(12)} events/s  ${(rate / hand).toFixed(2)} of by hand`;
    process.stdout.write(`${name.padEnd(44)}${figures}\n`);
  };
  for (const group of cases) for (const one of group) report(one.name, one.best, group[0]?.best ?? 0);
  const threaded = await measurePool(version(COMPUTING_MAP, true), batches, input);
  report('computing on the pool, columns back here', threaded, cases[1]?.[0]?.best ?? 0);
}

/** How long the slowest expressions take that were written to hold up a thread (rule 27). */
function printHostile(): void {
  const meta = { received_at: new Date(0), batch: 'b', index: 0n, item: 0n };
  const times = HOSTILE.map(({ what, source, raw }) => {
    const expression = compileCel(source, { hasRow: false });
    let least = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      budget.beginRecord();
      const before = process.cpuUsage();
      expression.evaluate({ raw, meta });
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1_000);
    }
    return { what, least };
  });
  times.sort((a, b) => b.least - a.least);
  process.stdout.write(`the slowest of ${times.length} hostile expressions, each ended by its budget\n`);
  for (const { what, least } of times.slice(0, 5)) process.stdout.write(`  ${what.padEnd(56)}${least.toFixed(0)} ms\n`);
}

void main().then(printHostile);
