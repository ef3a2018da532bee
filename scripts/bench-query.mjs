/**
 * `npm run bench:query [-- --days 7 --hosts 100 --runs 20 --influx --no-influx]`: the TSBS cpu-only questions over 100
 * hosts, 10 fields, one row every 10 s, through the HTTP API with a credential; beside each the same SQL straight on the
 * engine over the same file, and where InfluxDB 1.x is installed (or `--influx` asks for it) the same in InfluxQL over the
 * same rows. An answer is measured to its last byte, as TSBS does; the engine's until its rows are values. All answers
 * are compared. Prints figures; judges nothing.
 */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, Influx, influxProgram, influxRows } from './bench/influx.mjs';
import { FIELDS, hostName, hoursOf, questionsOf, regionName, rowsOf, seeded } from './bench/tsbs.mjs';
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
  allowNegative: true,
  options: {
    days: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '100' },
    runs: { type: 'string', default: '20' },
    influx: { type: 'boolean' },
  },
});
const SIZE = { days: Number(values.days), hosts: Number(values.hosts) };
const RUNS = Number(values.runs);
/** Rounds before the first that counts: a server of ours that has just started compiles its own code still. */
const WARM_UP = 20;
const WARM_UP_OF_INFLUX = 3;
const MEMORY = 512 * 2 ** 20;

/** Every run asks for other hosts and times; all sides ask the same. */
const rounds = Array.from({ length: WARM_UP + RUNS }, (_, round) => questionsOf(SIZE, seeded(100 + round)));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/**
 * How long each question took each side each time, and the rows of its first answer that counts. The sides take turns at every
 * question, so that what else the machine does is in all of their figures alike.
 */
async function measured(sides, warmUp) {
  const results = sides.map(() => ({ times: new Map(), answers: new Map() }));
  for (const [round, asked] of rounds.slice(WARM_UP - warmUp).entries()) {
    for (const one of asked) {
      for (const [at, { ask, rows }] of sides.entries()) {
        const { times, answers } = results[at];
        const began = performance.now();
        const answer = await ask(one);
        const took = performance.now() - began;
        if (round >= warmUp) times.set(one.name, [...(times.get(one.name) ?? []), took]);
        if (round === warmUp) answers.set(one.name, rows(answer, one));
      }
    }
  }
  return results;
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
  for (const { hour, length, times, host, fields } of hoursOf(SIZE)) {
    const texts = (of) => Array.from({ length }, (_, row) => of(host(row)));
    const rows = ColumnBatch.of(length, [
      { name: 'time', type: 'timestamp', values: BigInt64Array.from(times, (ms) => BigInt(ms) * 1_000n) },
      { name: 'hostname', type: 'string', values: texts(hostName) },
      { name: 'region', type: 'string', values: texts(regionName) },
      ...FIELDS.map((name, at) => ({ name, type: 'double', values: fields[at] })),
    ]);
    await store.append({ ...ref, appendId: `hour-${hour}`, epoch: 0, rows });
  }
  await store.close();
}

/** The engine alone, over a copy of the file: one process at a time may have it. */
async function openEngine(folder) {
  const file = `${folder}.duckdb`;
  copyFileSync(join(folder, 'events.duckdb'), file);
  const instance = await DuckDBInstance.create(file, {
    memory_limit: `${MEMORY / 2 ** 20}MiB`,
    threads: String(availableParallelism()),
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  await connection.run('CREATE TEMP VIEW cpu AS SELECT * FROM p_default.d_cpu');
  return {
    ask: async ({ sql }) => (await connection.runAndReadAll(sql)).getRows(),
    rows: (rows) => rows.map((row) => row.map(plain)),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function openApi(dataDir) {
  const [port, internalPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    CHARTLY_PORT: String(port),
    CHARTLY_INTERNAL_PORT: String(internalPort),
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
  return {
    ask: async ({ name, ask }) => {
      const { statusCode, body } = await pool.request({
        path: '/v1/projects/default/query',
        method: 'POST',
        body: JSON.stringify(ask),
        headers,
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      if (statusCode !== 200) throw new Error(`${name} was answered with ${statusCode}: ${bytes}`);
      return bytes;
    },
    rows: (bytes) => JSON.parse(bytes).rows,
    close: async () => {
      await pool.close();
      await server.stop();
    },
  };
}

async function onInflux(program) {
  if (program === undefined)
    throw new Error('influxd is not installed: apt-get install influxdb, or leave out --influx.');
  const influx = await Influx.start(program);
  try {
    await influx.load(SIZE);
    const [result] = await measured(
      [
        {
          ask: ({ influx: { q } }) => influx.query(q),
          rows: (bytes, { influx: question }) => influxRows(bytes, question),
        },
      ],
      WARM_UP_OF_INFLUX,
    );
    return result;
  } finally {
    await influx.stop();
  }
}

const plain = (value) =>
  value !== null && typeof value === 'object' ? new Date(Number(value.micros / 1_000n)).toISOString() : value;
const alike = (one, other) =>
  typeof one === 'number' && typeof other === 'number'
    ? Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one))
    : one === other;
const sameRows = (own, other) =>
  own.length === other.length && own.every((row, at) => row.every((cell, index) => alike(cell, other[at][index])));

/** InfluxDB tells series one after the other; in what order the texts of a row stand tells its place here. */
function inOrder(rows, order) {
  const name = (row) => JSON.stringify(row.filter((cell) => typeof cell === 'string'));
  const places = new Map(order.map((row, at) => [name(row), at]));
  return rows.toSorted((one, other) => (places.get(name(one)) ?? -1) - (places.get(name(other)) ?? -1));
}

/** Group-bys five times faster, or within twice where InfluxDB takes less than 5 ms; all others at least as fast. */
function goalMet(kind, influx, own) {
  if (influx < 5) return own <= 2 * influx;
  return kind === 'group-by' ? own * 5 <= influx : own <= influx;
}

const cell = (text, width) => String(text).padStart(width);
const ms = (number) => cell(number.toFixed(2), 10);

const dataDir = mkdtempSync(join(tmpdir(), 'chartly-bench-query-'));
chmodSync(dataDir, 0o755);
const folder = join(dataDir, 'events');
try {
  const program = influxProgram();
  await fill(folder);
  const sides = [await openEngine(folder), await openApi(dataDir)];
  const [engine, api] = await measured(sides, WARM_UP);
  for (const side of sides) await side.close();
  const influx = (values.influx ?? program !== undefined) ? await onInflux(program) : undefined;
  const lines = rounds[WARM_UP].map(({ name, kind }) => {
    const [direct, own] = [median(engine.times.get(name)), median(api.times.get(name))];
    const rows = api.answers.get(name);
    const line = [
      `  ${name.padEnd(24)}${ms(direct)}${ms(own)}${cell((own / direct).toFixed(2), 8)}`,
      `  ${own <= 1.3 * direct + 2 ? 'within' : 'over  '}`,
      ` ${sameRows(rows, engine.answers.get(name)) ? 'same     ' : 'DIFFERENT'}`,
    ];
    if (influx) {
      const there = median(influx.times.get(name));
      line.push(
        `${ms(there)}${cell((there / own).toFixed(1), 8)}x`,
        `  ${goalMet(kind, there, own) ? 'met    ' : 'not met'}`,
        ` ${sameRows(rows, inOrder(influx.answers.get(name), rows)) ? 'same' : 'DIFFERENT'}`,
      );
    }
    return line.join('');
  });
  const heading = `  ${'question'.padEnd(24)}${cell('engine', 10)}${cell('API', 10)}${cell('ratio', 8)}  1.3x+2 rows     `;
  process.stdout.write(
    [
      `TSBS cpu-only, ${SIZE.hosts} hosts, ${FIELDS.length} fields, ${SIZE.days} day(s), ${rowsOf(SIZE).toLocaleString('en')} rows; medians of ${RUNS} in ms; load ${loadavg()[0].toFixed(1)}`,
      influx ? `${heading}${cell('InfluxDB', 10)}${cell('faster', 9)}  goal    rows` : heading,
      ...lines,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
