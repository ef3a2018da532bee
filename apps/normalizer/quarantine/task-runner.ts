import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { AmendBatch } from '#libs/contracts/amendment';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Unprocessable } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { Periodic } from '#libs/queue/periodic';
import { MeteredResult } from '../core/run';
import { Engine, ReadySteps } from '../engine/engine';
import { StepMetrics } from '../metrics/step-metrics';
import { Versions } from '../versions';
import { Chunk, ChunkEnd, Chunks, HeldRecord, RunningTask } from './chunks';
import { QuarantineTasks } from './tasks';

const LOOK_EVERY_MS = 5_000;
/** Retries leave room for what comes new. */
const RECORDS_PER_SECOND = 5_000;
const WAIT_SECONDS = 5;
const CLEAN_EVERY_MS = 60 * 60_000;
const ENDED_KEPT_DAYS = 30;

const FORGET = `
  DELETE FROM normalizer.quarantine
   WHERE state IN ('normalized', 'filtered') AND ended_at < clock_timestamp() - interval '${ENDED_KEPT_DAYS} days'`;
const FORGET_FAILURES = `
  DELETE FROM normalizer.attempts WHERE at < clock_timestamp() - interval '${ENDED_KEPT_DAYS} days'`;
const RECLAIM = `UPDATE normalizer.quarantine_tasks SET lease_until = '-infinity' WHERE state = 'running'`;

const NO_ROWS = { produced: 0, stored: 0, merged: 0, stale: 0, duplicate: 0 };
type Rows = typeof NO_ROWS;

/**
 * Carries retries and discards out, chunk by chunk. A chunk's records, its append id and its amendment id are fixed
 * before it begins: a worker that dies at any moment is followed by one that repeats it, and storage and the inbox take
 * it once. The inbox knows of the append before it is made, so that no replay passes by it; a batch that a replay takes
 * through is waited for, and what the replay superseded is let go.
 */
@Injectable()
export class QuarantineTaskRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('QuarantineTaskRunner');
  private readonly looks = new Periodic('QuarantineTasks', LOOK_EVERY_MS, () => this.work());
  private readonly cleanings = new Periodic('QuarantineCleaning', CLEAN_EVERY_MS, () => this.clean());
  private readonly stopping = new AbortController();
  private working?: Promise<void>;

  constructor(
    private readonly config: ChartlyConfig,
    private readonly database: DataSource,
    private readonly tasks: QuarantineTasks,
    private readonly chunks: Chunks,
    private readonly versions: Versions,
    private readonly engine: Engine,
    private readonly hub: ConnectorHubContract,
    private readonly storage: StorageContract,
    private readonly metrics: StepMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.hostsAll) await this.database.query(RECLAIM); // whoever held a lease is no more
    this.tasks.onStart(() => void this.work().catch((thrown: unknown) => this.logger.warn(thrown)));
    this.looks.start();
    this.cleanings.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.looks.stop(), this.cleanings.stop(), this.working?.catch(() => undefined)]);
  }

  /** Works until no task waits. One run at a time. */
  async work(): Promise<void> {
    this.working ??= this.workAll().finally(() => (this.working = undefined));
    await this.working;
  }

  private async clean(): Promise<void> {
    await this.database.query(FORGET);
    await this.database.query(FORGET_FAILURES);
  }

  private async workAll(): Promise<void> {
    for (let task = await this.chunks.takeTask(); task; task = await this.chunks.takeTask()) {
      if (this.stopping.signal.aborted) return;
      try {
        await this.carryOut(task);
      } catch (thrown) {
        const { message } = asChartlyError(thrown);
        this.logger.warn({ task: task.id, err: thrown }, `A ${task.action} of quarantined records waits: ${message}`);
        await this.chunks.wait(task, WAIT_SECONDS, message);
      }
    }
  }

  private async carryOut(task: RunningTask): Promise<void> {
    for (let chunk = await this.chunks.next(task); chunk; chunk = await this.chunks.next(task)) {
      if (this.stopping.signal.aborted) return this.chunks.wait(task, 0, 'the process that worked on it ends');
      await this.chunks.end(task, chunk, await this.workOn(task, chunk));
      await sleep((chunk.records.length / RECORDS_PER_SECOND) * 1_000, undefined, {
        signal: this.stopping.signal,
      }).catch(() => undefined);
    }
    await this.chunks.finish(task);
  }

  private workOn(task: RunningTask, chunk: Chunk): Promise<ChunkEnd> {
    return task.version === null ? this.discard(task, chunk) : this.retry(task, task.version, chunk);
  }

  private async discard(task: RunningTask, chunk: Chunk): Promise<ChunkEnd> {
    const discarded = chunk.records.map((_, at) => at);
    await this.amend(task, chunk, { discarded }, NO_ROWS);
    return { normalized: [], filtered: [], discarded, failed: [] };
  }

  private async retry(task: RunningTask, version: number, chunk: Chunk): Promise<ChunkEnd> {
    const { project, pipeline } = task.selection;
    const ready = await this.versions.ready({ project, pipeline, version });
    const result = await this.run(ready, chunk.records);
    if ('reason' in result) return allFailed(chunk, 'batch', result.reason);
    const end = endOf(chunk.records, result);
    const rows = await this.append(task, ready, chunk, result);
    if ('refusal' in rows) return allFailed(chunk, 'store', rows.refusal);
    await this.amend(task, chunk, end, rows);
    this.metrics.observe({ project, pipeline }, result.tallies);
    return end;
  }

  /** Only what our own code says of the records is their failure; an engine that is away says nothing of them. */
  private async run(
    ready: ReadySteps,
    records: Chunk['records'],
  ): Promise<MeteredResult | { readonly reason: string }> {
    const { batchId, receivedAt, format, columns } = records[0];
    const ends = new Uint32Array(records.length);
    let end = 0;
    for (const [at, { raw }] of records.entries()) ends[at] = end += raw.byteLength;
    try {
      return await this.engine.run(ready, {
        payload: Buffer.concat(records.map(({ raw }) => raw)),
        format,
        meta: { batchId, receivedAt },
        pieces: { ends, indexes: Uint32Array.from(records, ({ index }) => index), columns: columns ?? undefined },
      });
    } catch (thrown) {
      const error = asChartlyError(thrown);
      if (error.retryable) throw error;
      return { reason: error.message };
    }
  }

  /** What the store refuses for good it refuses whole: there is no row of it, and nothing for a replay to wait for. */
  private async append(
    { selection }: RunningTask,
    { install }: ReadySteps,
    chunk: Chunk,
    { rows }: MeteredResult,
  ): Promise<Rows | { readonly refusal: string }> {
    if (rows.length === 0) return NO_ROWS;
    const appendId = appendIdOf(chunk, install.version);
    const { amendmentId, records } = chunk;
    const [{ batchId, generation }] = records;
    await this.hub.announceAmendment({ amendmentId, batchId, generation, appendId });
    try {
      const { stored, merged, stale, duplicate } = await this.storage.append({
        appendId,
        epoch: 0,
        project: selection.project,
        dataset: install.dataset,
        rows,
      });
      return { produced: rows.length, stored, merged, stale, duplicate };
    } catch (thrown) {
      if (!(thrown instanceof Unprocessable)) throw thrown;
      await this.hub.withdrawAmendment({ amendmentId });
      return { refusal: thrown.message };
    }
  }

  private async amend(
    { selection, version }: RunningTask,
    chunk: Chunk,
    { normalized = [], filtered = [], discarded = [] }: Partial<ChunkEnd>,
    rows: Rows,
  ): Promise<void> {
    if (normalized.length + filtered.length + discarded.length === 0) return;
    const [first] = chunk.records;
    const amendment: AmendBatch = {
      amendmentId: chunk.amendmentId,
      batchId: first.batchId,
      generation: first.generation,
      project: selection.project,
      pipeline: selection.pipeline,
      version: first.version,
      ...(version !== null && rows.produced > 0 ? { appendId: appendIdOf(chunk, version) } : {}),
      normalized: normalized.length,
      filtered: filtered.length,
      discarded: discarded.length,
      ...rows,
    };
    await this.hub.amend(amendment);
  }
}

const allFailed = ({ records }: Chunk, step: string, reason: string): ChunkEnd => ({
  normalized: [],
  filtered: [],
  discarded: [],
  failed: records.map((_, at) => ({ at, step, reason })),
});

/** The batch, the version and, in the place of a generation, the retry: no replay ever uses it. */
const appendIdOf = ({ amendmentId, records }: Chunk, version: number): string =>
  `${records[0].batchId}/${version}/${amendmentId}`;

function endOf(records: readonly HeldRecord[], { rowEnds, quarantined }: MeteredResult): ChunkEnd {
  const placeOf = new Map(records.map(({ index }, at) => [index, at]));
  const failed = quarantined.map(({ index, step, reason }) => ({ at: placeOf.get(index) ?? 0, step, reason }));
  const failures = new Set(failed.map(({ at }) => at));
  const others = records.map((_, at) => at).filter((at) => !failures.has(at));
  const hasRows = (at: number): boolean => (rowEnds[at] ?? 0) > (at === 0 ? 0 : (rowEnds[at - 1] ?? 0));
  return {
    normalized: others.filter(hasRows),
    filtered: others.filter((at) => !hasRows(at)),
    discarded: [],
    failed,
  };
}
