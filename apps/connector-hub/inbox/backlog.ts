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

/** Bytes that wait, of all or of one project. */
class Level {
  private pending = 0;
  private arriving = 0;
  private movedSinceReading = 0;

  get bytes(): number {
    return this.pending + this.arriving;
  }

  arrive(bytes: number): void {
    this.arriving += bytes;
  }

  move(bytes: number): void {
    this.pending = Math.max(0, this.pending + bytes);
    this.movedSinceReading += bytes;
  }

  beginReading(): void {
    this.movedSinceReading = 0;
  }

  read(bytes: number): void {
    this.pending = Math.max(0, bytes + this.movedSinceReading);
  }
}

/**
 * How much waits in the inbox, and whether more may come. Counted in memory, and set right by the table every few
 * seconds: so a restart begins with what is there, and other processes' batches count a moment later.
 *
 * Bytes are limited over all and for each project, age for each pipeline and, less strictly, for each project: who brings
 * more than can be carried through stops himself and not his neighbours.
 */
@Injectable()
export class Backlog {
  private readonly all = new Level();
  private readonly projects = new Map<string, Level>();
  private oldest = new Map<string, Aging>();
  private oldestOfProject = new Map<string, Aging>();

  constructor(
    private readonly database: DataSource,
    private readonly config: ChartlyConfig,
  ) {}

  get bytes(): number {
    return this.all.bytes;
  }

  /** Throws TooManyRequests `inbox.full`. An empty inbox takes any batch, however large. */
  take(name: PipelineName, bytes: number): Place {
    this.assertRoom(name, bytes);
    const levels = [this.all, this.levelOf(name.project)];
    for (const level of levels) level.arrive(bytes);
    const leave = (): void => levels.forEach((level) => level.arrive(-bytes));
    return {
      committed: () => {
        leave();
        for (const level of levels) level.move(bytes);
      },
      released: leave,
    };
  }

  /** Throws TooManyRequests `inbox.full` when `bytes` more would not be taken. */
  assertRoom(name: PipelineName, bytes: number): void {
    const { inboxMaxBytes, inboxProjectMaxBytes, inboxMaxAgeMs, inboxProjectMaxAgeMs } = this.config;
    assertFits(this.all, bytes, inboxMaxBytes, 'The inbox');
    assertFits(this.levelOf(name.project), bytes, inboxProjectMaxBytes, `The project "${name.project}"`);
    assertYoung(this.oldest.get(keyOf(name)), inboxMaxAgeMs, `the pipeline "${name.pipeline}"`);
    assertYoung(this.oldestOfProject.get(name.project), inboxProjectMaxAgeMs, `the project "${name.project}"`);
  }

  /** Age of the oldest batch of each pipeline that has one waiting. */
  ages(): (PipelineName & { readonly ageMs: number })[] {
    return [...this.oldest].map(([key, aging]) => {
      const [project = '', pipeline = ''] = key.split('/');
      return { project, pipeline, ageMs: ageOf(aging) };
    });
  }

  settled(project: string, bytes: number): void {
    this.all.move(-bytes);
    this.levelOf(project).move(-bytes);
  }

  /** Sets the counters right by the table. */
  async refresh(): Promise<void> {
    for (const level of [this.all, ...this.projects.values()]) level.beginReading();
    const rows =
      await this.database.query<{ project: string; pipeline: string; bytes: number; ageMs: number }[]>(PENDING);
    const atMs = performance.now();
    this.all.read(rows.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const project of new Set([...this.projects.keys(), ...rows.map((row) => row.project)])) {
      const level = this.levelOf(project);
      level.read(rows.reduce((sum, row) => sum + (row.project === project ? row.bytes : 0), 0));
      if (level.bytes === 0) this.projects.delete(project);
    }
    this.oldest = new Map(rows.map((row) => [keyOf(row), { ageMs: row.ageMs, atMs }]));
    const oldestLast = rows.toSorted((a, b) => a.ageMs - b.ageMs);
    this.oldestOfProject = new Map(oldestLast.map(({ project, ageMs }) => [project, { ageMs, atMs }]));
  }

  private levelOf(project: string): Level {
    const known = this.projects.get(project);
    if (known) return known;
    const level = new Level();
    this.projects.set(project, level);
    return level;
  }
}

/** The age of something at a moment of the process's own clock. */
interface Aging {
  readonly ageMs: number;
  readonly atMs: number;
}

const ageOf = ({ ageMs, atMs }: Aging): number => ageMs + performance.now() - atMs;

function assertYoung(oldest: Aging | undefined, maxAgeMs: number, whose: string): void {
  const ageMs = oldest ? ageOf(oldest) : 0;
  if (ageMs <= maxAgeMs) return;
  throw new TooManyRequests(
    'inbox.full',
    `A batch of ${whose} waits for ${Math.round(ageMs / 1_000)} s to be stored; no more is taken behind it. Nothing was taken: send it again later.`,
    { retryAfterMs: RETRY_OLD_MS },
  );
}

function assertFits(level: Level, bytes: number, maxBytes: number, whose: string): void {
  if (level.bytes === 0 || level.bytes + bytes <= maxBytes) return;
  throw new TooManyRequests(
    'inbox.full',
    `${whose} holds ${Math.round(level.bytes / MIB)} MiB that wait to be stored, and ${Math.round(maxBytes / MIB)} are allowed. Nothing was taken: send it again later.`,
    { retryAfterMs: RETRY_FULL_MS },
  );
}

const keyOf = ({ project, pipeline }: PipelineName): string => `${project}/${pipeline}`;

const PENDING = `
  SELECT project, pipeline, sum(bytes)::float8 AS bytes,
         (extract(epoch FROM clock_timestamp() - min(coalesce(reopened_at, received_at))) * 1000)::float8 AS "ageMs"
  FROM connector_hub.batches
  WHERE status = 'pending'
  GROUP BY project, pipeline`;
