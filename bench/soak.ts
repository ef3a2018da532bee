import 'reflect-metadata';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ledger } from '#libs/contracts/observer.contract';
import { freePort } from '#libs/net/free-port';
import { Server } from '#apps/cli/up/server';
import { pushAll } from './pushers';
import { residentBytes } from './resident-memory';
import { bodyAt, BODY_RECORDS, slowdown, slowedPipeline, SLOWING_TURNS } from './slowed-pipeline';

/**
 * `npm run soak [-- --gigabytes 5 --turns 200]`: pushes that much through a Chartly whose mapping counts so many turns,
 * which makes its normalizer 100 times slower, with all defaults but a smaller inbox, and prints every ten seconds how far it is and what the
 * process holds in memory. Fails when that was ever over a gigabyte, or the books do not balance at the end.
 */
const RSS_MAX_BYTES = 1e9;
const PUSHERS = 8;
const REPORT_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 500;
/** The inbox fills again and again, however little is pushed. */
const INBOX_MAX_BYTES = String(128 * 1024 * 1024);

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { gigabytes: { type: 'string', default: '5' }, turns: { type: 'string', default: String(SLOWING_TURNS) } },
  });
  const turns = Number(values.turns);
  const { plainMsPerMb, times } = slowdown(turns);
  const bodies = Math.max(1, Math.round((Number(values.gigabytes) * 1e9) / bodyAt(0).byteLength));
  print(
    `The normalizer alone takes ${plainMsPerMb.toFixed(2)} ms of CPU a MB; ${turns} turns make that ${times.toFixed(0)} times as much.`,
  );
  const dataDir = mkdtempSync(join(tmpdir(), 'chartly-soak-'));
  chmodSync(dataDir, 0o755); // as root, Postgres runs as nobody
  const [port, internalPort] = [await freePort(), await freePort()];
  const server = new Server({
    dataDir,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CHARTLY_PORT: String(port),
      CHARTLY_INTERNAL_PORT: String(internalPort),
      CHARTLY_INBOX_MAX_BYTES: INBOX_MAX_BYTES,
    },
  });
  try {
    await server.ready();
    return await soak(server, dataDir, bodies, turns);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function soak(server: Server, dataDir: string, bodies: number, turns: number): Promise<boolean> {
  const authorization = `Bearer ${readFileSync(join(dataDir, 'local-token'), 'utf8').trim()}`;
  const call = async (path: string, body?: string): Promise<unknown> => {
    const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/yaml' }) };
    const answer = await fetch(new URL(path, server.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      body,
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  await call('/v1/projects/default/apply', slowedPipeline('soak', turns));
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  const resident = (): ReturnType<typeof residentBytes> => residentBytes(server.pid ?? 0);
  let taken = 0;
  const report = setInterval(() => {
    const { now, peak } = resident();
    const rate = taken / 1e6 / seconds();
    print(
      `${seconds().toFixed(0).padStart(5)} s: ${mb(taken)} MB taken (${rate.toFixed(1)} MB/s), RSS ${mb(now)} MB, peak ${mb(peak)} MB`,
    );
  }, REPORT_EVERY_MS);
  const onTaken = (bytes: number): void => void (taken += bytes);
  const { bytes, refused } = await pushAll({
    url: server.url,
    authorization,
    pipeline: 'soak',
    bodies,
    bodyAt,
    pushers: PUSHERS,
    onTaken,
  });
  print(
    `All ${mb(bytes)} MB are taken after ${seconds().toFixed(0)} s; ${refused} pushes were sent off with 429 and came again.`,
  );
  let ledger = (await call('/v1/projects/default/pipelines/soak/ledger')) as Ledger;
  while (ledger.records.pending > 0) {
    await pause(LOOK_EVERY_MS);
    ledger = (await call('/v1/projects/default/pipelines/soak/ledger')) as Ledger;
  }
  clearInterval(report);
  const { records, rows, balanced } = ledger;
  const { peak } = resident();
  const sent = bodies * BODY_RECORDS;
  const whole = balanced && records.accepted === sent && records.normalized === sent && rows.stored === sent;
  print(`${(bytes / 1e6 / seconds()).toFixed(1)} MB/s from push to store over ${seconds().toFixed(0)} s.`);
  print(`RSS peak ${mb(peak)} MB: ${peak <= RSS_MAX_BYTES ? 'flat' : `OVER ${mb(RSS_MAX_BYTES)} MB`}.`);
  print(
    `${sent} records sent, ${records.accepted} accepted, ${rows.stored} rows stored: ${whole ? 'the books balance' : 'THE BOOKS DO NOT BALANCE'}.`,
  );
  return whole && peak <= RSS_MAX_BYTES;
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

void main().then((passed) => process.exit(passed ? 0 : 1));
