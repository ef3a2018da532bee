/**
 * `npm run bench:ingest [-- --events 1000000]`: events a second from push to query, beside what this machine does with
 * no HTTP and no inbox, in the same run. Prints figures; judges nothing.
 */
import { mkdtempSync, readFileSync, chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './prepare.mjs';

const BATCH = 1_000;
const PUSHERS = 8;
const SHARE_OF_FLOOR = 1;

prepare();
const require = createRequire(import.meta.url);
const load = (path) => require(join(ROOT, 'dist', path));
require('reflect-metadata');
const { Server } = load('apps/cli/up/server.js');
const { Pool } = require('undici');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { events: { type: 'string', default: '1000000' } },
});
if (positionals[0] !== 'ingest')
  throw new Error('There is one bench here: ingest. `npm run bench:normalize` is another.');
const batches = Math.ceil(Number(values.events) / BATCH);

const PIPELINE = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: bench }
spec:
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t), host: raw.host, region: raw.region, value: double(raw.v) }
  store:
    dataset: bench
    time: time
    key: [id]
    columns: { id: string, time: timestamp, host: string, region: string, value: double }
  rollups:
    - { name: bench_hourly, bucket: 1h, by: [region], measures: { n: count(), peak: max(value) } }
`;

/** One batch as NDJSON; 131 bytes an event. */
function body(batch) {
  let text = '';
  for (let at = 0; at < BATCH; at += 1) {
    const n = batch * BATCH + at;
    const event = {
      id: `event-${String(n).padStart(12, '0')}`,
      t: 1767225600000 + n * 20,
      host: `host-${n % 100}.rack-${n % 7}.example`,
      region: `region-${n % 4}`,
      v: (n * 7919) % 1000,
      note: 'padding-padding',
    };
    text += `${JSON.stringify(event)}\n`;
  }
  return Buffer.from(text);
}

async function floor() {
  const { compile } = load('apps/normalizer/core/compile.js');
  const { run } = load('apps/normalizer/core/run.js');
  const { parseDocuments } = load('libs/documents/parse.js');
  const { resolvePipeline } = load('libs/documents/resolve.js');
  const { DuckDbEventStore } = load('apps/storage/duckdb/duckdb-event-store.js');
  const [document] = parseDocuments(PIPELINE, 'default');
  const resolved = resolvePipeline(document, { schema: () => undefined, connection: () => undefined });
  const { store, steps } = document.spec;
  const shared = { project: 'default', dataset: 'bench', time: store.time, key: store.key, columns: resolved.columns };
  const { pipeline } = compile({ ...shared, pipeline: 'bench', version: 1, steps, schemas: {} });
  const folder = mkdtempSync(join(tmpdir(), 'chartly-floor-'));
  const events = await DuckDbEventStore.open({ folder, memoryLimit: 512 * 2 ** 20 });
  await events.installDataset(shared);
  await events.installRollup({ ...shared, rollup: 'bench_hourly', ...resolved.rollups[0] });
  const count = Math.max(1, Math.floor(batches / SHARE_OF_FLOOR));
  const bodies = Array.from({ length: count }, (_, batch) => body(batch));
  const began = performance.now();
  const waiting = new Set();
  for (const [batch, payload] of bodies.entries()) {
    const meta = { batchId: `floor-${batch}`, receivedAt: new Date() };
    const { rows } = run(pipeline, { payload, format: 'ndjson', meta });
    const append = events.append({ ...shared, appendId: meta.batchId, epoch: 0, rows });
    waiting.add(append);
    void append.finally(() => waiting.delete(append));
    if (waiting.size >= PUSHERS) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  const perSecond = (count * BATCH) / ((performance.now() - began) / 1_000);
  await events.close();
  rmSync(folder, { recursive: true, force: true });
  return perSecond;
}

async function whole() {
  const dataDir = mkdtempSync(join(tmpdir(), 'chartly-bench-'));
  chmodSync(dataDir, 0o755);
  const env = { ...process.env, CHARTLY_PORT: '18480', CHARTLY_INTERNAL_PORT: '18481', CHARTLY_LOG_LEVEL: 'warn' };
  const server = new Server({ dataDir, env });
  await server.ready();
  const authorization = `Bearer ${readFileSync(join(dataDir, 'local-token'), 'utf8').trim()}`;
  const pool = new Pool(server.url, { connections: PUSHERS, pipelining: 1 });
  const call = async (path, content, type) => {
    const headers = { authorization, ...(type ? { 'content-type': type } : {}) };
    const answer = await pool.request({ path, method: content ? 'POST' : 'GET', body: content, headers });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  await call('/v1/projects/default/apply', PIPELINE, 'application/yaml');
  const bodies = Array.from({ length: batches }, (_, batch) => body(batch)); // made before, since they are not measured
  const latencies = [];
  let next = 0;
  let pausedFor429 = 0;
  let peakRss = 0;
  const sampler = setInterval(() => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    peakRss = Math.max(peakRss, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }, 200);
  const began = performance.now();
  await Promise.all(
    Array.from({ length: PUSHERS }, async () => {
      while (next < batches) {
        const content = bodies[next++];
        for (;;) {
          const sent = performance.now();
          const { status } = await call('/v1/projects/default/pipelines/bench/events', content, 'application/x-ndjson');
          if (status === 202) {
            latencies.push(performance.now() - sent);
            break;
          }
          if (status !== 429) throw new Error(`A push was answered with ${status}.`);
          pausedFor429 += 1;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    }),
  );
  const accepted = performance.now() - began;
  const question = JSON.stringify({ dataset: 'bench', measures: { n: 'count()' } });
  for (let held = 0; held < batches * BATCH;) {
    const { body: reply } = await call('/v1/projects/default/query', question, 'application/json');
    held = Number(reply.rows?.[0]?.[0] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const queryable = performance.now() - began;
  clearInterval(sampler);
  const ledger = (await call('/v1/projects/default/pipelines/bench/ledger')).body;
  await pool.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
  latencies.sort((a, b) => a - b);
  return {
    perSecond: (batches * BATCH) / (queryable / 1_000),
    acceptedPerSecond: (batches * BATCH) / (accepted / 1_000),
    p99: latencies[Math.floor(latencies.length * 0.99)],
    peakRss,
    pausedFor429,
    balanced: ledger.balanced,
  };
}

const floorPerSecond = await floor();
const result = await whole();
const round = (n) => Math.round(n).toLocaleString('en');
process.stdout.write(
  [
    `ingest of ${round(batches * BATCH)} events (${Math.round(body(0).length / BATCH)} bytes each, batches of ${BATCH}, ${PUSHERS} connections);`,
    'exact dedupe by (key, time) on, one hourly rollup on, books checked at the end',
    `  end to end   ${round(result.perSecond)} events/s until all are queryable (accepted at ${round(result.acceptedPerSecond)}/s)`,
    `  floor        ${round(floorPerSecond)} events/s: parse, map and append with no HTTP and no inbox`,
    `  ratio        ${(result.perSecond / floorPerSecond).toFixed(2)}`,
    `  202, p99     ${result.p99.toFixed(0)} ms`,
    `  peak RSS     ${round(result.peakRss)} MiB of the Node process; ${result.pausedFor429} pauses for a full inbox`,
    `  books        ${result.balanced ? 'balanced' : 'NOT BALANCED'}`,
    '',
  ].join('\n'),
);
