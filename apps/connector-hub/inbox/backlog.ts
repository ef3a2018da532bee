import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { TooManyRequests } from '#libs/errors/errors';

const RETRY_FULL_MS = 1_000;
const RETRY_OLD_MS = 5_000;
const MIB = 1024 * 1024;

/** Room taken in the inbox for a batch that is about to be committed. */
export interface Place {
  /** The batch is in the inbox. */
  committed(): void;
  /** It is not. */
  released(): void;
}

/**
 * How much waits in the inbox, and whether more may come. Counted in memory, and set right by the table every few
 * seconds: so a restart begins with what is there, and other processes' batches count a moment later.
 *
 * Bytes are limited over all pipelines, age for each on its own: a pipeline whose batches cannot be settled stops
 * itself and not its neighbours.
 */
@Injectable()
export class Backlog {
  private pendingBytes = 0;
  private arrivingBytes = 0;
  private movedSinceReading = 0;
  private oldest = new Map<string, { readonly ageMs: number; readonly atMs: number }>();

  constructor(
    private readonly database: DataSource,
    private readonly config: ChartlyConfig,
  ) {}

  get bytes(): number {
    return this.pendingBytes + this.arrivingBytes;
  }

  /** Throws TooManyRequests `inbox.full`. An empty inbox takes any batch, however large. */
  take(name: PipelineName, bytes: number): Place {
    this.assertRoom(name, bytes);
    this.arrivingBytes += bytes;
    return {
      committed: () => {
        this.arrivingBytes -= bytes;
        this.move(bytes);
      },
      released: () => void (this.arrivingBytes -= bytes),
    };
  }

  /** Throws TooManyRequests `inbox.full` when `bytes` more would not be taken. */
  assertRoom(name: PipelineName, bytes: number): void {
    const { inboxMaxBytes, inboxMaxAgeMs } = this.config;
    if (this.bytes > 0 && this.bytes + bytes > inboxMaxBytes) {
      throw new TooManyRequests(
        'inbox.full',
        `The inbox holds ${Math.round(this.bytes / MIB)} MiB that wait to be stored; it takes ${Math.round(inboxMaxBytes / MIB)}. Nothing was taken: send it again later.`,
        { retryAfterMs: RETRY_FULL_MS },
      );
    }
    const ageMs = this.ageMs(name);
    if (ageMs > inboxMaxAgeMs) {
      throw new TooManyRequests(
        'inbox.full',
        `A batch of the pipeline "${name.pipeline}" waits for ${Math.round(ageMs / 1_000)} s to be stored; no more is taken behind it. Nothing was taken: send it again later.`,
        { retryAfterMs: RETRY_OLD_MS },
      );
    }
  }

  /** Age of the oldest batch of each pipeline that has one waiting. */
  ages(): (PipelineName & { readonly ageMs: number })[] {
    return [...this.oldest.keys()].map((key) => {
      const [project = '', pipeline = ''] = key.split('/');
      return { project, pipeline, ageMs: this.ageMs({ project, pipeline }) };
    });
  }

  settled(bytes: number): void {
    this.move(-bytes);
  }

  /** Sets the counters right by the table. */
  async refresh(): Promise<void> {
    this.movedSinceReading = 0;
    const rows =
      await this.database.query<{ project: string; pipeline: string; bytes: number; ageMs: number }[]>(PENDING);
    const atMs = performance.now();
    this.pendingBytes = rows.reduce((sum, { bytes }) => sum + bytes, this.movedSinceReading);
    this.oldest = new Map(rows.map((row) => [keyOf(row), { ageMs: row.ageMs, atMs }]));
  }

  private move(bytes: number): void {
    this.pendingBytes = Math.max(0, this.pendingBytes + bytes);
    this.movedSinceReading += bytes;
  }

  private ageMs(name: PipelineName): number {
    const oldest = this.oldest.get(keyOf(name));
    return oldest ? oldest.ageMs + performance.now() - oldest.atMs : 0;
  }
}

const keyOf = ({ project, pipeline }: PipelineName): string => `${project}/${pipeline}`;

const PENDING = `
  SELECT project, pipeline, sum(bytes)::float8 AS bytes,
         (extract(epoch FROM clock_timestamp() - min(coalesce(reopened_at, received_at))) * 1000)::float8 AS "ageMs"
  FROM connector_hub.batches
  WHERE status = 'pending'
  GROUP BY project, pipeline`;
