import 'reflect-metadata';
import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RollupKeeper } from '#apps/analytics/rollup-keeper';
import { compile } from '#apps/normalizer/core/compile';
import { CompiledPipeline } from '#apps/normalizer/core/pipeline';
import { run } from '#apps/normalizer/core/run';
import { duckType } from '#apps/storage/duckdb/column-types';
import { appendColumns } from '#apps/storage/duckdb/column-writer';
import { DuckDbEventStore } from '#apps/storage/duckdb/duckdb-event-store';
import { ColumnBatch, ColumnDef } from '#libs/contracts/columns';
import { InstallRollup, StorageContract } from '#libs/contracts/storage.contract';

/**
 * What storing costs on this machine, in one run, as ratios:
 *
 *     npm run bench:append [-- --rows 1000000 --batch 10000]   exactly-once appends, beside DuckDB's own appender
 *     npm run bench:rollups [-- --rows 1000000]                ingest with two rollups kept up, beside ingest with none
 *
 * Each is measured in turns, and the median of the turns is told. Prints figures; judges nothing.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '500000' },
    batch: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '3' },
  },
});
const ROWS = Number(values.rows);
const TURNS = Number(values.turns);
/** Appends that wait together, as those of the normalizer's workers do. */
const WAITING = 8;
const MEMORY = 512 * 2 ** 20;

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'time', type: 'timestamp', nullable: false },
  { name: 'host', type: 'string', nullable: true },
  { name: 'region', type: 'string', nullable: true },
  { name: 'value', type: 'double', nullable: true },
];
const DATASET = { project: 'bench', dataset: 'events', time: 'time', key: ['id'], columns: COLUMNS };
const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 20;

const idOf = (row: number): string => `event-${String(row).padStart(12, '0')}`;
const hostOf = (row: number): string => `host-${row % 100}.rack-${row % 7}.example`;
const regionOf = (row: number): string => `region-${row % 4}`;

function batchesOf(size: number): ColumnBatch[] {
  return Array.from({ length: Math.ceil(ROWS / size) }, (_, batch) => {
    const rows = Array.from({ length: size }, (_row, at) => batch * size + at);
    return ColumnBatch.of(size, [
      { name: 'id', type: 'string', values: rows.map(idOf) },
      {
        name: 'time',
        type: 'timestamp',
        values: BigInt64Array.from(rows, (row) => BigInt(START_MS + row * STEP_MS) * 1_000n),
      },
      { name: 'host', type: 'string', values: rows.map(hostOf) },
      { name: 'region', type: 'string', values: rows.map(regionOf) },
      { name: 'value', type: 'double', values: Float64Array.from(rows, (row) => (row * 7919) % 1_000) },
    ]);
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'chartly-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rows by the clock, and by the processor time of the whole process, which a busy machine changes far less. */
interface Figure {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function figureOf(rows: number, work: () => Promise<void>): Promise<Figure> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: rows / seconds, perCpuSecond: (rows * 1_000_000) / (user + system) };
}

/** Hands out `count` pieces of work, some at a time. */
async function together(count: number, waiting: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: waiting }, worker));
}

/** The engine's own appender: each batch in a transaction that is committed to the file, and nothing is looked up. */
const rawAppender = (batches: readonly ColumnBatch[]): Promise<Figure> =>
  inFolder(async (folder) => {
    const instance = await DuckDBInstance.create(join(folder, 'raw.duckdb'), {
      memory_limit: `${MEMORY / 2 ** 20}MiB`,
      checkpoint_threshold: '64MiB', // as the event store's
    });
    const connection: DuckDBConnection = await instance.connect();
    const types = COLUMNS.map(({ type }) => duckType(type));
    await connection.run(
      `CREATE TABLE events (${COLUMNS.map(({ name }, at) => `"${name}" ${String(types[at])}`).join(', ')})`,
    );
    const figure = await figureOf(ROWS, async () => {
      for (const { columns, length } of batches) {
        await connection.run('BEGIN');
        const appender = await connection.createAppender('events');
        appendColumns(appender, types, columns, length);
        appender.closeSync();
        await connection.run('COMMIT');
      }
    });
    connection.closeSync();
    instance.closeSync();
    return figure;
  });

const ownAppends = (batches: readonly ColumnBatch[], waiting: number): Promise<Figure> =>
  inFolder(async (folder) => {
    const store = await DuckDbEventStore.open({ folder, memoryLimit: MEMORY });
    await store.installDataset(DATASET);
    const append = (at: number): Promise<unknown> =>
      store.append({ ...DATASET, appendId: `b/1/${at}`, epoch: 0, rows: batches[at]! }); // handed out once each
    const figure = await figureOf(ROWS, () => together(batches.length, waiting, append));
    await store.close();
    return figure;
  });

const ROLLUPS: InstallRollup[] = [
  {
    project: 'bench',
    dataset: 'events',
    rollup: 'by_minute',
    bucketMs: 60_000,
    by: ['host'],
    measures: [
      { name: 'n', fn: 'count' },
      { name: 'peak', fn: 'max', column: 'value' },
    ],
  },
  {
    project: 'bench',
    dataset: 'events',
    rollup: 'by_hour',
    bucketMs: 3_600_000,
    by: ['region'],
    measures: [
      { name: 'n', fn: 'count' },
      { name: 'total', fn: 'sum', column: 'value' },
    ],
  },
];

const COMPILED = compile({
  project: 'bench',
  pipeline: 'events',
  version: 1,
  steps: [
    {
      map: {
        id: 'raw.id',
        time: 'timestamp_ms(raw.t)',
        host: 'raw.host',
        region: 'raw.region',
        value: 'double(raw.v)',
      },
    },
  ],
  schemas: {},
  dataset: 'events',
  time: 'time',
  key: ['id'],
  columns: COLUMNS,
});
if (COMPILED.kind === 'wrong') throw new Error(COMPILED.problems.map(({ message }) => message).join(' '));
const PIPELINE: CompiledPipeline = COMPILED.pipeline;

const PAYLOAD_ROWS = 1_000;

function payloads(): Buffer[] {
  return Array.from({ length: Math.ceil(ROWS / PAYLOAD_ROWS) }, (_, batch) => {
    const lines = Array.from({ length: PAYLOAD_ROWS }, (_row, at) => {
      const row = batch * PAYLOAD_ROWS + at;
      const event = {
        id: idOf(row),
        t: START_MS + row * STEP_MS,
        host: hostOf(row),
        region: regionOf(row),
        v: (row * 7919) % 1_000,
      };
      return JSON.stringify(event);
    });
    return Buffer.from(`${lines.join('\n')}\n`);
  });
}

/** From raw bytes to rows that are stored, while the keeper of rollups does its rounds. */
const ingest = (bodies: readonly Buffer[], rollups: readonly InstallRollup[]): Promise<Figure> =>
  inFolder(async (folder) => {
    const store = await DuckDbEventStore.open({ folder, memoryLimit: MEMORY });
    await store.installDataset(DATASET);
    for (const rollup of rollups) await store.installRollup(rollup);
    const keeper = new RollupKeeper(store as unknown as StorageContract); // of which it lists rollups and materializes them
    keeper.onApplicationBootstrap();
    const figure = await figureOf(ROWS, () =>
      together(bodies.length, WAITING, async (at) => {
        const meta = { batchId: `b-${at}`, receivedAt: new Date() };
        const { rows } = run(PIPELINE, { payload: bodies[at]!, format: 'ndjson', meta }); // handed out once each
        await store.append({ ...DATASET, appendId: `b/1/${at}`, epoch: 0, rows });
        keeper.rowsCame();
      }),
    );
    await keeper.beforeApplicationShutdown();
    await store.close();
    return figure;
  });

const median = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
const medianOf = (figures: readonly Figure[]): Figure => ({
  perSecond: median(figures.map(({ perSecond }) => perSecond)),
  perCpuSecond: median(figures.map(({ perCpuSecond }) => perCpuSecond)),
});

/** Measures each in turn, so that what else the machine does falls on all of them. */
async function inTurns(measured: Readonly<Record<string, () => Promise<Figure>>>): Promise<Map<string, Figure>> {
  const figures = new Map<string, Figure[]>(Object.keys(measured).map((name) => [name, []]));
  for (let turn = 0; turn <= TURNS; turn += 1) {
    for (const [name, measure] of Object.entries(measured)) {
      const figure = await measure();
      if (turn > 0) figures.get(name)?.push(figure); // the first turn warms up
    }
  }
  return new Map([...figures].map(([name, all]) => [name, medianOf(all)]));
}

function tell(title: string, figures: ReadonlyMap<string, Figure>): void {
  const [base] = figures.values();
  const part = (unit: string, own: number, first = Number.NaN): string =>
    `${Math.round(own).toLocaleString('en').padStart(10)} ${unit} ${(own / first).toFixed(2)}`;
  const lines = [...figures].map(
    ([name, { perSecond, perCpuSecond }]) =>
      `  ${name.padEnd(52)}${part('rows/s', perSecond, base?.perSecond)}${part('rows/CPU s', perCpuSecond, base?.perCpuSecond)}`,
  );
  process.stdout.write(`${[title, ...lines].join('\n')}\n`);
}

async function append(): Promise<void> {
  const size = Number(values.batch);
  const batches = batchesOf(size);
  tell(
    `append of ${ROWS.toLocaleString('en')} rows in batches of ${size.toLocaleString('en')}, each committed to the file`,
    await inTurns({
      "DuckDB's appender, nothing looked up": () => rawAppender(batches),
      'exactly once, one append after the other': () => ownAppends(batches, 1),
      [`exactly once, ${WAITING} appends waiting`]: () => ownAppends(batches, WAITING),
    }),
  );
}

async function rollups(): Promise<void> {
  const bodies = payloads();
  tell(
    `ingest of ${ROWS.toLocaleString('en')} events: decode, map, store; ${WAITING} batches of ${PAYLOAD_ROWS} waiting`,
    await inTurns({
      'no rollup': () => ingest(bodies, []),
      'two rollups, by minute and host, by hour and region': () => ingest(bodies, ROLLUPS),
    }),
  );
}

const BENCHES: Readonly<Record<string, () => Promise<void>>> = { append, rollups };
const bench = BENCHES[positionals[0] ?? ''];
if (!bench) throw new Error(`Say which: ${Object.keys(BENCHES).join(' or ')}.`);
void bench();
