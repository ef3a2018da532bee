/**
 * `npm run bench:query [-- --days 7 --runs 20]`: the TSBS cpu-only questions over 100 hosts, 10 fields, one row every 10 s,
 * through the HTTP API with a credential, and beside each the same SQL straight on the engine, in the same run over the
 * same file. Answers are compared. Prints figures; judges nothing.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const require = createRequire(import.meta.url);
const load = (path) => require(join(ROOT, 'dist', path));
require('reflect-metadata');
const { Server } = load('apps/cli/up/server.js');
const { DuckDbEventStore } = load('apps/storage/duckdb/duckdb-event-store.js');
const { ColumnBatch } = load('libs/contracts/columns.js');
const { DuckDBInstance } = require('@duckdb/node-api');
const { Pool } = require('undici');
const { values } = parseArgs({
  options: { days: { type: 'string', default: '1' }, runs: { type: 'string', default: '20' } },
});
const DAYS = Number(values.days);
const RUNS = Number(values.runs);
const WARM_UP = 3;

const HOSTS = 100;
const STEP_MS = 10_000;
const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const END = START + DAYS * 24 * HOUR;
const FIELDS = ['user', 'system', 'idle', 'nice', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'].map(
  (name) => `usage_${name}`,
);
const MEMORY = 512 * 2 ** 20;

/** The same numbers for the same seed (mulberry32, Tommy Ettinger, public domain). */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An hour of all hosts, in the order of time; each field a random walk within 0 and 100, as TSBS has it. */
function hourOfRows(hour, state, random) {
  const steps = HOUR / STEP_MS;
  const length = steps * HOSTS;
  const time = new BigInt64Array(length);
  const host = new Array(length);
  const region = new Array(length);
  const fields = FIELDS.map(() => new Float64Array(length));
  for (let step = 0, row = 0; step < steps; step += 1) {
    for (let number = 0; number < HOSTS; number += 1, row += 1) {
      time[row] = BigInt(START + hour * HOUR + step * STEP_MS) * 1_000n;
      host[row] = `host_${number}`;
      region[row] = `region_${number % 4}`;
      for (let field = 0; field < FIELDS.length; field += 1) {
        const at = number * FIELDS.length + field;
        state[at] = Math.min(100, Math.max(0, state[at] + (random() - 0.5) * 4));
        fields[field][row] = state[at];
      }
    }
  }
  return ColumnBatch.of(length, [
    { name: 'time', type: 'timestamp', values: time },
    { name: 'hostname', type: 'string', values: host },
    { name: 'region', type: 'string', values: region },
    ...FIELDS.map((name, at) => ({ name, type: 'double', values: fields[at] })),
  ]);
}

async function fill(folder) {
  const store = await DuckDbEventStore.open({ folder, memoryLimit: MEMORY });
  const ref = { project: 'default', dataset: 'cpu' };
  const columns = [
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'hostname', type: 'string', nullable: false },
    { name: 'region', type: 'string', nullable: false },
    ...FIELDS.map((name) => ({ name, type: 'double', nullable: false })),
  ];
  await store.installDataset({ ...ref, time: 'time', key: ['hostname'], columns });
  const random = seeded(1);
  const state = Float64Array.from({ length: HOSTS * FIELDS.length }, () => random() * 100);
  for (let hour = 0; hour < DAYS * 24; hour += 1) {
    await store.append({ ...ref, appendId: `hour-${hour}`, epoch: 0, rows: hourOfRows(hour, state, random) });
  }
  await store.close();
}

const iso = (ms) => new Date(ms).toISOString();
const stamp = (ms) => `TIMESTAMP '${iso(ms).replace('T', ' ').replace('Z', '')}'`;
const list = (hosts) => hosts.map((host) => `'${host}'`).join(', ');

/** A question as the API takes it, and as SQL. */
function question(name, { hours = 12, hosts = [], bucket, fn, fields = FIELDS, byHost = false, high = false }, random) {
  const from = START + Math.floor((random() * (END - START - hours * HOUR)) / 60_000) * 60_000;
  const to = from + hours * HOUR;
  const filters = [
    ...(hosts.length > 0 ? [{ column: 'hostname', op: 'in', value: hosts }] : []),
    ...(high ? [{ column: 'usage_user', op: 'gt', value: 90 }] : []),
  ];
  const where = [
    `time >= ${stamp(from)}`,
    `time < ${stamp(to)}`,
    ...(hosts.length > 0 ? [`hostname IN (${list(hosts)})`] : []),
    ...(high ? ['usage_user > 90.0'] : []),
  ].join(' AND ');
  const base = { dataset: 'cpu', from: iso(from), to: iso(to), filters, limit: 100_000 };
  if (high) {
    const columns = ['time', 'hostname', ...FIELDS];
    return {
      name,
      ask: { ...base, columns },
      sql: `SELECT ${columns.join(', ')} FROM cpu WHERE ${where} ORDER BY time, hostname`,
    };
  }
  const width = bucket === '1m' ? 'minute' : 'hour';
  const keys = byHost ? ', hostname' : '';
  return {
    name,
    ask: {
      ...base,
      bucket,
      ...(byHost ? { dimensions: ['hostname'] } : {}),
      measures: Object.fromEntries(fields.map((field) => [field, `${fn}(${field})`])),
    },
    sql: `SELECT date_trunc('${width}', time) AS bucket${keys}, ${fields.map((field) => `${fn}(${field})`).join(', ')} FROM cpu WHERE ${where} GROUP BY bucket${keys} ORDER BY bucket${keys}`,
  };
}

function questions(random) {
  const some = (count) =>
    Array.from({ length: count }, (_, at) => `host_${(Math.floor(random() * HOSTS) + at * 7) % HOSTS}`);
  const end = START + Math.floor((12 * HOUR + random() * (END - START - 12 * HOUR)) / 60_000) * 60_000;
  const single = (m, h, d) =>
    question(
      `single-groupby-${m}-${h}-${d}`,
      { hours: d, hosts: some(h), bucket: '1m', fn: 'max', fields: FIELDS.slice(0, m) },
      random,
    );
  return [
    ...[
      [1, 1, 1],
      [1, 1, 12],
      [1, 8, 1],
      [5, 1, 1],
      [5, 1, 12],
      [5, 8, 1],
    ].map((one) => single(...one)),
    ...[1, 8].map((h) => question(`cpu-max-all-${h}`, { hours: 8, hosts: some(h), bucket: '1h', fn: 'max' }, random)),
    ...[1, 5, 10].map((m) =>
      question(
        `double-groupby-${m === 10 ? 'all' : m}`,
        { bucket: '1h', fn: 'avg', fields: FIELDS.slice(0, m), byHost: true },
        random,
      ),
    ),
    question('high-cpu-all', { high: true }, random),
    question('high-cpu-1', { high: true, hosts: some(1) }, random),
    {
      name: 'lastpoint',
      ask: {
        dataset: 'cpu',
        dimensions: ['hostname'],
        measures: Object.fromEntries(FIELDS.map((field) => [field, `last(${field})`])),
      },
      sql: `SELECT hostname, ${FIELDS.map((field) => `max(${field})`).join(', ')} FROM cpu JOIN (SELECT hostname, max(time) AS time FROM cpu GROUP BY hostname) AS latest USING (hostname, time) GROUP BY hostname ORDER BY hostname`,
    },
    {
      name: 'groupby-orderby-limit',
      ask: {
        dataset: 'cpu',
        to: iso(end),
        bucket: '1m',
        measures: { most: 'max(usage_user)' },
        order: [{ by: 'bucket', direction: 'desc' }],
        limit: 5,
      },
      sql: `SELECT date_trunc('minute', time) AS bucket, max(usage_user) FROM cpu WHERE time < ${stamp(end)} GROUP BY bucket ORDER BY bucket DESC LIMIT 5`,
    },
  ];
}

/** Every run asks for other hosts and times; both sides ask the same. */
const rounds = Array.from({ length: WARM_UP + RUNS }, (_, round) => questions(seeded(100 + round)));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function measured(ask) {
  const times = new Map();
  const answers = new Map();
  for (const [round, asked] of rounds.entries()) {
    for (const one of asked) {
      const began = performance.now();
      const rows = await ask(one);
      const took = performance.now() - began;
      if (round >= WARM_UP) times.set(one.name, [...(times.get(one.name) ?? []), took]);
      if (round === 0) answers.set(one.name, rows);
    }
  }
  return { times, answers };
}

async function straight(folder) {
  const instance = await DuckDBInstance.create(join(folder, 'events.duckdb'), {
    memory_limit: `${MEMORY / 2 ** 20}MiB`,
    threads: String(availableParallelism()),
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  await connection.run('CREATE TEMP VIEW cpu AS SELECT * FROM p_default.d_cpu');
  const result = await measured(async ({ sql }) => (await connection.runAndReadAll(sql)).getRows());
  connection.closeSync();
  instance.closeSync();
  return result;
}

async function throughApi(dataDir) {
  const env = {
    ...process.env,
    CHARTLY_PORT: '18482',
    CHARTLY_INTERNAL_PORT: '18483',
    CHARTLY_LOG_LEVEL: 'warn',
    CHARTLY_CANARY_INTERVAL: '0s',
  };
  const server = new Server({ dataDir, env });
  await server.ready();
  const headers = {
    authorization: `Bearer ${readFileSync(join(dataDir, 'local-token'), 'utf8').trim()}`,
    'content-type': 'application/json',
  };
  const pool = new Pool(server.url, { connections: 1, pipelining: 1 });
  const result = await measured(async ({ name, ask }) => {
    const answer = await pool.request({
      path: '/v1/projects/default/query',
      method: 'POST',
      body: JSON.stringify(ask),
      headers,
    });
    const body = await answer.body.json();
    if (answer.statusCode !== 200)
      throw new Error(`${name} was answered with ${answer.statusCode}: ${JSON.stringify(body)}`);
    return body.rows;
  });
  await pool.close();
  await server.stop();
  return result;
}

const plain = (value) => (value !== null && typeof value === 'object' ? iso(Number(value.micros / 1_000n)) : value);
const alike = (one, other) =>
  typeof one === 'number' && typeof other === 'number'
    ? Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one))
    : one === other;
const sameRows = (own, engine) =>
  own.length === engine.length &&
  own.every((row, at) => row.every((cell, index) => alike(cell, plain(engine[at][index]))));

const dataDir = mkdtempSync(join(tmpdir(), 'chartly-bench-query-'));
chmodSync(dataDir, 0o755);
const folder = join(dataDir, 'events');
try {
  await fill(folder);
  const engine = await straight(folder);
  const api = await throughApi(dataDir);
  const lines = [...engine.times].map(([name, times]) => {
    const [direct, own] = [median(times), median(api.times.get(name))];
    const within = own <= 1.3 * direct + 2 ? 'within' : 'over';
    const same = sameRows(api.answers.get(name), engine.answers.get(name)) ? 'same' : 'DIFFERENT';
    return `  ${name.padEnd(24)}${direct.toFixed(2).padStart(9)}${own.toFixed(2).padStart(9)}${(own / direct).toFixed(2).padStart(8)}  ${within.padEnd(7)} ${same}`;
  });
  process.stdout.write(
    [
      `TSBS cpu-only, ${HOSTS} hosts, ${FIELDS.length} fields, ${DAYS} day(s), ${(DAYS * 8_640 * HOSTS).toLocaleString('en')} rows; medians of ${RUNS} in ms`,
      `  ${'question'.padEnd(24)}${'engine'.padStart(9)}${'API'.padStart(9)}${'ratio'.padStart(8)}  1.3x+2  rows`,
      ...lines,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
