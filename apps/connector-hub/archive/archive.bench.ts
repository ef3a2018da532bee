import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { openTestObjects } from '#libs/testing/objects';
import { openTestDatabase } from '#libs/testing/postgres';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { Backlog } from '../inbox/backlog';
import { Dispatcher } from '../inbox/dispatcher';
import { Inbox } from '../inbox/inbox';
import { Outcomes } from '../inbox/outcomes';
import { Partitions } from '../inbox/partitions';
import { InstalledSources } from '../sources/installed-sources';
import { Archive } from './archive';
import { Mover } from './mover';
import { Resealer } from './resealer';
import { Retention } from './retention';
import { Segments } from './segments';
import { StoredBatches } from '../inbox/stored-batches';

const NAME = { project: 'default', pipeline: 'bench' };
const MIB = 2 ** 20;
const RECORDS = 1_000;
const BODIES = 64;
const SENDERS = 8;
const REPORT_EVERY_MS = 10_000;

/**
 * `npm run bench:inbox [-- --seconds 300 --rate 14]`: raw input at a fixed rate (in 10^6 bytes a second) is committed,
 * fetched, settled and moved to the object store, on a real Postgres; printed every ten seconds is how large the inbox's
 * tables are with all that belongs to them. The books are compared at the end.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '300' }, rate: { type: 'string', default: '14' } },
  });
  const bytesPerMs = Number(values.rate) * 1_000;
  const test = await openTestDatabase([connectorHubMigrations]);
  const objects = await openTestObjects();
  const { database } = test;
  const segments = new Segments(database, objects.store);
  const noQueue = { addBulk: () => Promise.resolve() } as never; // the queue is not what is measured
  const backlog = new Backlog(database, loadConfig({}));
  const stored = new StoredBatches(database, segments);
  const inbox = new Inbox(database, new Ids(), backlog, new Dispatcher(database, noQueue), stored);
  const outcomes = new Outcomes(database, inbox, stored);
  const mover = new Mover(database, objects.store, new Ids());
  const resealer = new Resealer(database, objects.store, new Segments(database, objects.store), new Ids());
  const retention = new Retention(database, objects.store);
  const archive = new Archive(database, mover, resealer, retention, new Partitions(database));
  try {
    await new InstalledSources(database).install({ ...NAME, version: 1 });
    await archive.onApplicationBootstrap();
    const bodies = Array.from({ length: BODIES }, (_, seed) => bodyOf(seed));
    const began = performance.now();
    const untilMs = Number(values.seconds) * 1_000;
    let sentBytes = 0;
    let batches = 0;
    const report = setInterval(() => void print(), REPORT_EVERY_MS);
    const print = async (): Promise<void> => {
      const [row] = await database.query<[Sizes]>(SIZES);
      const rssMib = process.memoryUsage().rss / MIB;
      process.stdout.write(
        `${seconds(began)} s: ${mib(sentBytes)} MiB of raw input, tables ${mib(row.tables)} MiB ` +
          `(${row.rows} batches in them), segments ${row.segments} with ${mib(row.kept)} MiB, RSS ${rssMib.toFixed(0)} MiB\n`,
      );
    };
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        while (performance.now() - began < untilMs) {
          const aheadMs = sentBytes / bytesPerMs - (performance.now() - began);
          if (aheadMs > 0) await pause(aheadMs);
          const body = bodies[batches++ % BODIES]!;
          sentBytes += body.byteLength;
          const { batchId, accepted } = await inbox.accept({ ...NAME, format: 'ndjson', body });
          await inbox.fetch(batchId);
          await outcomes.settle({ batchId, epoch: 0, ...allStored(accepted) });
        }
      }),
    );
    clearInterval(report);
    await print();
    await archive.beforeApplicationShutdown();
    const [{ moved, left }] = await database.query<[{ moved: number; left: number }]>(BOOKS);
    const { versions } = await outcomes.totals(NAME);
    const achieved = sentBytes / (performance.now() - began) / 1_000;
    process.stdout.write(
      `${achieved.toFixed(1)} MB/s of raw input; ${batches} batches: ${moved} moved, ${left} in the inbox; ` +
        `${moved + left === batches && versions[0]?.accepted === batches * RECORDS ? 'books balanced' : 'BOOKS NOT BALANCED'}\n`,
    );
  } finally {
    await test.stop();
    objects.stop();
  }
}

interface Sizes {
  readonly tables: number;
  readonly rows: number;
  readonly segments: number;
  readonly kept: number;
}

const SIZES = `
  SELECT (SELECT sum(pg_total_relation_size(inhrelid))::float8 FROM pg_inherits
          WHERE inhparent = 'connector_hub.batches'::regclass) AS tables,
         (SELECT count(*)::int FROM connector_hub.batches) AS rows,
         (SELECT count(*)::int FROM connector_hub.segments WHERE state = 'kept') AS segments,
         (SELECT coalesce(sum(object_bytes), 0)::float8 FROM connector_hub.segments WHERE state = 'kept') AS kept`;

const BOOKS = `
  SELECT (SELECT coalesce(sum(batches), 0)::int FROM connector_hub.segments WHERE state = 'kept') AS moved,
         (SELECT count(*)::int FROM connector_hub.batches) AS left`;

const allStored = (count: number) => ({
  normalized: count,
  filtered: 0,
  quarantined: 0,
  produced: count,
  stored: count,
  merged: 0,
  stale: 0,
  duplicate: 0,
});

const seconds = (began: number): string => ((performance.now() - began) / 1_000).toFixed(0).padStart(4);
const mib = (bytes: number): string => (bytes / MIB).toFixed(0);

function bodyOf(seed: number): Buffer {
  const lines = Array.from({ length: RECORDS }, (_, at) =>
    JSON.stringify({
      id: `e${seed}-${at}`,
      time: new Date(1_767_225_600_000 + seed * 1_000 + at).toISOString(),
      sensor: `sensor-${(seed * 31 + at) % 997}`,
      value: Math.round(Math.sin(seed + at) * 1e6) / 1e6,
      unit: 'celsius',
      site: `north-${at % 5}`,
    }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

void main();
