import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { AuditBench } from '#apps/audit/audit.bench';
import { verifyMirror } from '#libs/audit-mirror/verify-mirror';

/**
 * What the audit log does on this machine, on its own Postgres: entries a second that are durable under a signed head;
 * the time of a proof in a log of `entries`; and entries a second that a verifier checks from stored leaf bytes.
 *
 *     npm run bench:audit [-- --entries 10000000]
 */
const WRITERS = [
  { writers: 1, entries: 200 },
  { writers: 4, entries: 200 },
  { writers: 256, entries: 1 },
];
const PROOFS = 2_000;
const VERIFIED_MAX = 1_000_000;

const { values } = parseArgs({ options: { entries: { type: 'string', default: '200000' } } });
const size = Number(values.entries);
const round = (figure: number): string => Math.round(figure).toLocaleString('en');
const say = (what: string, figure: string): void => void process.stdout.write(`${what.padEnd(64)}${figure}\n`);

async function proofs(bench: AuditBench): Promise<void> {
  const times: { inclusion: number[]; consistency: number[] } = { inclusion: [], consistency: [] };
  const timed = async (into: number[], prove: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await prove();
    into.push(performance.now() - began);
  };
  for (let at = 0; at < PROOFS; at += 1) {
    const index = Math.floor(Math.random() * size);
    await timed(times.inclusion, () => bench.audit.inclusion({ index, size }));
    await timed(times.consistency, () => bench.audit.consistency({ from: index + 1, to: size }));
  }
  for (const [name, all] of Object.entries(times)) {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(2);
    const mean = all.reduce((sum, ms) => sum + ms, 0) / all.length;
    say(
      `${name} proof, at random in a log of ${round(size)}`,
      `mean ${mean.toFixed(2)} ms, median ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    );
  }
}

async function main(): Promise<void> {
  const bench = await AuditBench.start();
  try {
    for (const load of WRITERS) {
      const rate = await bench.append(load);
      say(`durable: ${load.writers} at once, ${load.entries} entries a call`, `${round(rate)} entries/s`);
    }
    await bench.fill(size);
    await proofs(bench);
    const verified = Math.min(size, VERIFIED_MAX);
    const mirror = await bench.writeMirror(verified);
    for (const form of ['bytes', 'canonical'] as const) {
      const began = performance.now();
      const verdict = await verifyMirror(mirror, { publicKey: bench.publicKey }, form);
      if (!verdict.verified) throw new Error(verdict.problem);
      const rate = (verified * 1_000) / (performance.now() - began);
      say(`verified: ${round(verified)} entries from files, ${form}`, `${round(rate)} entries/s`);
    }
  } finally {
    await bench.stop();
  }
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  process.exitCode = 1;
});
