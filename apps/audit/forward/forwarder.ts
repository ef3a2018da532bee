import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { DataSource, EntityManager } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { Periodic } from '#libs/queue/periodic';
import { Destination, ForwardedEntry } from './destination';
import { destinationName } from './destination-name';
import { Syslog, SyslogTransport } from './syslog';
import { Webhook } from './webhook';

const BEHIND = 'chartly_audit_forward_behind';

export const FORWARD_METRICS = [
  makeGaugeProvider({
    name: BEHIND,
    help: 'Audit entries that a destination has not taken yet.',
    labelNames: ['destination'],
  }),
];

const EVERY_MS = 1_000;
const AT_ONCE = 200;
const SYSLOG_PORTS: Readonly<Record<SyslogTransport, number>> = { udp: 514, tcp: 601, tls: 6_514 };

/** A new destination begins with what is appended from then on. */
const KNOW = `
  INSERT INTO audit.forwarded (destination, next)
  SELECT $1, coalesce(max(index) + 1, 0) FROM audit.entries
  ON CONFLICT (destination) DO NOTHING`;

/** One process sends to a destination at a time. */
const TURN = `SELECT next FROM audit.forwarded WHERE destination = $1 FOR UPDATE SKIP LOCKED`;

const ENTRIES = `SELECT index, leaf FROM audit.entries WHERE index >= $1 ORDER BY index LIMIT $2`;

const MOVE = `UPDATE audit.forwarded SET next = $2 WHERE destination = $1`;

const SIZE = `SELECT coalesce(max(size), 0) AS size FROM audit.checkpoints`;

/**
 * Sends entries on as they are appended, in the order of the log and at least once: how far a destination has come
 * moves after it has taken them. One that is away is tried again and holds up no other.
 */
@Injectable()
export class Forwarder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('AuditForwarder');
  private readonly turns: readonly Periodic[];

  constructor(
    private readonly database: DataSource,
    @InjectMetric(BEHIND) private readonly behind: Gauge,
    { auditForward, auditForwardSecret }: ChartlyConfig,
  ) {
    this.turns = auditForward.map((url) => {
      const destination = destinationOf(url, auditForwardSecret);
      return new Periodic('AuditForwarder', EVERY_MS, () => this.forward(destinationName(url), destination));
    });
  }

  onApplicationBootstrap(): void {
    for (const turn of this.turns) turn.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.turns.map((turn) => turn.stop()));
  }

  /** Sends all that waits for a destination. */
  async forward(name: string, destination: Destination): Promise<void> {
    await this.database.query(KNOW, [name]);
    while ((await this.sendSome(name, destination)) === AT_ONCE);
  }

  private async sendSome(name: string, destination: Destination): Promise<number> {
    const entries = await this.database.transaction(async (tx) => {
      const [place] = await tx.query<{ next: string }[]>(TURN, [name]);
      if (!place) return [];
      const waiting = await entriesFrom(tx, Number(place.next));
      if (waiting.length > 0) await destination.send(waiting).catch((thrown: unknown) => this.tell(name, thrown));
      await tx.query(MOVE, [name, Number(place.next) + waiting.length]);
      await this.count(tx, name, Number(place.next) + waiting.length);
      return waiting;
    });
    return entries.length;
  }

  private async count(tx: EntityManager, destination: string, next: number): Promise<void> {
    const [row] = await tx.query<{ size: string }[]>(SIZE);
    this.behind.set({ destination }, Number(row?.size ?? 0) - next);
  }

  private tell(name: string, thrown: unknown): never {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    this.logger.warn(`Audit entries wait for ${name}: ${reason}.`);
    throw thrown;
  }
}

async function entriesFrom(tx: EntityManager, next: number): Promise<ForwardedEntry[]> {
  const rows = await tx.query<{ index: string; leaf: string }[]>(ENTRIES, [next, AT_ONCE]);
  return rows.map(({ index, leaf }) => ({ index: Number(index), leaf }));
}

function destinationOf(url: string, secret: string | undefined): Destination {
  const { protocol, hostname, port } = new URL(url);
  if (protocol.startsWith('http')) return new Webhook({ url, secret });
  const transport = protocol.slice('syslog+'.length, -1) as SyslogTransport; // the configuration lets no other pass
  return new Syslog(transport, hostname.replace(/^\[|\]$/g, ''), port === '' ? SYSLOG_PORTS[transport] : Number(port));
}
