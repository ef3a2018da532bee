import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { cosignedAt } from '#libs/audit-proof/cosignature';
import { readVerifier } from '#libs/audit-proof/note-keys';
import { consistencyProof } from '#libs/audit-proof/proofs';
import { writeWitnessRequest } from '#libs/audit-proof/witness';
import { ChartlyConfig, WitnessPlace } from '#libs/config/config';
import { Periodic } from '#libs/queue/periodic';
import { Head, Log } from './log';

const REFUSED = 'chartly_audit_witness_refused';
const COSIGNED = 'chartly_audit_witness_size';

export const WITNESS_METRICS = [
  makeGaugeProvider({
    name: REFUSED,
    help: '1 when a witness will not cosign: it has seen another log than this one.',
    labelNames: ['witness'],
  }),
  makeGaugeProvider({
    name: COSIGNED,
    help: 'Size of the newest checkpoint that a witness has cosigned.',
    labelNames: ['witness'],
  }),
];

const EVERY_MS = 5_000;
const ANSWER_MS = 10_000;
const ANSWER_MAX_CHARS = 64 * 1024;

const KEEP = `
  INSERT INTO audit.cosignatures (size, witness, line) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;

/** The newest checkpoint that any witness has cosigned, with all the lines under it. */
const NEWEST = `
  SELECT c.size, c.note, array_agg(s.line ORDER BY s.witness) AS lines
    FROM audit.cosignatures s
    JOIN audit.checkpoints c USING (size)
   WHERE s.size = (SELECT max(size) FROM audit.cosignatures)
   GROUP BY c.size, c.note`;

export interface WitnessedHead {
  readonly size: number;
  readonly note: string;
}

/**
 * Shows each new head to the witnesses that the operator names (C2SP tlog-witness), with the proof that it goes on from
 * what they have seen. Rule 14: when the log is put back or forked there is no such proof, and the witness says so
 * within two turns.
 */
@Injectable()
export class Witnesses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Witnesses');
  private readonly turns = new Periodic('Witnesses', EVERY_MS, () => this.show());
  /** What each is believed to have seen; its own word sets it right. */
  private readonly seen = new Map<string, number>();
  private readonly told = new Set<string>();

  constructor(
    private readonly database: DataSource,
    private readonly log: Log,
    private readonly config: ChartlyConfig,
    @InjectMetric(REFUSED) private readonly refused: Gauge,
    @InjectMetric(COSIGNED) private readonly cosigned: Gauge,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.auditWitnesses.length > 0) this.turns.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.turns.stop();
  }

  async newest(): Promise<WitnessedHead | undefined> {
    const [row] = await this.database.query<{ size: string; note: string; lines: string[] }[]>(NEWEST);
    return row && { size: Number(row.size), note: row.note + row.lines.join('') };
  }

  /** Shows the head to each witness that has not seen it. */
  async show(): Promise<void> {
    const head = await this.log.head();
    if (head.size === 0) return;
    await Promise.all(this.config.auditWitnesses.map((witness) => this.showTo(witness, head)));
  }

  private async showTo(witness: WitnessPlace, head: Head): Promise<void> {
    const name = readVerifier(witness.key, 'cosignature')?.name ?? witness.url;
    if (this.seen.get(name) === head.size && !this.told.has(name)) return;
    try {
      const line = await this.cosignature(witness, name, head);
      if (cosignedAt(head.note + line, witness.key) === undefined)
        throw new Error('its line is no cosignature of its key');
      await this.database.query(KEEP, [head.size, name, line]);
      this.seen.set(name, head.size);
      this.cosigned.set({ witness: name }, head.size);
      this.report(name, undefined);
    } catch (thrown) {
      this.report(name, thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  /** The witness's line under the head; asks once more from the size that it says it has seen. */
  private async cosignature(witness: WitnessPlace, name: string, head: Head): Promise<string> {
    const first = await this.ask(witness, head, Math.min(this.seen.get(name) ?? 0, head.size));
    if (first.status !== 409) return lineOf(first);
    const size = /^(0|[1-9]\d*)\n?$/.exec(first.text)?.[1];
    if (size === undefined) throw new Refused(first.text);
    if (Number(size) > head.size) throw new Refused(`it has seen ${size} entries, and the log has ${head.size} now`);
    this.seen.set(name, Number(size));
    return lineOf(await this.ask(witness, head, Number(size)));
  }

  private async ask({ url }: WitnessPlace, head: Head, oldSize: number): Promise<Answer> {
    const proof =
      oldSize === 0 || oldSize === head.size
        ? []
        : await this.log.hashes(head.size, consistencyProof(oldSize, head.size));
    const answer = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: writeWitnessRequest({ oldSize, proof, note: head.note }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: answer.status, text: (await answer.text()).slice(0, ANSWER_MAX_CHARS) };
  }

  /** Tells once, until it is well again. */
  private report(name: string, problem: Error | undefined): void {
    this.refused.set({ witness: name }, problem instanceof Refused ? 1 : 0);
    if (!problem) this.told.delete(name);
    if (!problem || this.told.has(name)) return;
    this.told.add(name);
    if (problem instanceof Refused) this.logger.error(`The witness "${name}" will not cosign: ${problem.message}.`);
    else this.logger.warn(`The witness "${name}" did not cosign: ${problem.message}.`);
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The witness has looked, and does not believe the log. */
class Refused extends Error {}

function lineOf({ status, text }: Answer): string {
  if (status === 200) return text;
  if (status === 409 || status === 422) throw new Refused(text.trim() || `it answered ${status}`);
  throw new Error(`it answered ${status}: ${text.trim()}`);
}
