import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { openTestDatabase } from '#libs/testing/postgres';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { Segments } from '../archive/segments';
import { InstalledSources } from '../sources/installed-sources';
import { Backlog } from './backlog';
import { Dispatcher } from './dispatcher';
import { Inbox } from './inbox';
import { Outcomes } from './outcomes';
import { StoredBatches } from './stored-batches';

const NAME = { project: 'default', pipeline: 'bench' };
const RECORDS = 1_000;
const BATCHES = 3_000;
const SENDERS = 16;

/** How many batches of 1,000 records (about 140 KB) a second are framed, packed, committed, fetched and settled. */
async function main(): Promise<void> {
  const test = await openTestDatabase([connectorHubMigrations]);
  try {
    const backlog = new Backlog(test.database, loadConfig({}));
    const noQueue = { addBulk: () => Promise.resolve() } as never; // the queue is not what is measured
    const segments = new Segments(test.database, undefined as never); // nothing is moved here
    const stored = new StoredBatches(test.database, segments);
    const inbox = new Inbox(test.database, new Ids(), backlog, new Dispatcher(test.database, noQueue), stored);
    const outcomes = new Outcomes(test.database, inbox, stored);
    await new InstalledSources(test.database).install({ ...NAME, version: 1 });
    const cpu = process.cpuUsage();
    const started = performance.now();
    const times: number[] = [];
    let left = BATCHES;
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        while (left-- > 0) {
          const body = bodyOf(left);
          const sent = performance.now();
          const { batchId, accepted } = await inbox.accept({ ...NAME, format: 'ndjson', body });
          times.push(performance.now() - sent);
          await inbox.fetch(batchId);
          await outcomes.settle({
            batchId,
            epoch: 0,
            normalized: accepted,
            filtered: 0,
            quarantined: 0,
            produced: accepted,
            stored: accepted,
            merged: 0,
            stale: 0,
            duplicate: 0,
          });
        }
      }),
    );
    const seconds = (performance.now() - started) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    times.sort((a, b) => a - b);
    process.stdout.write(
      `${Math.round(BATCHES / seconds)} batches/s, accept p50 ${times[times.length >> 1]?.toFixed(1)} ms, ` +
        `p99 ${times[Math.floor(times.length * 0.99)]?.toFixed(1)} ms, ` +
        `${((user + system) / 1_000 / BATCHES).toFixed(2)} ms of this process's CPU a batch\n`,
    );
  } finally {
    await test.stop();
  }
}

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
