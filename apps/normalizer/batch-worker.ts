import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { appendIdOf } from '#libs/contracts/append-id';
import { ColumnBatch } from '#libs/contracts/columns';
import { BatchOutcome, ConnectorHubContract, RawBatch } from '#libs/contracts/connector-hub.contract';
import { BatchOffer } from '#libs/contracts/jobs';
import { StorageContract } from '#libs/contracts/storage.contract';
import { ChartlyError } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { databaseError } from '#libs/database/database-errors';
import { decode } from './core/decode';
import { BatchResult, QuarantineDraft } from './core/run';
import { Engine, ReadySteps } from './engine/engine';
import { StepMetrics } from './metrics/step-metrics';
import { Quarantine } from './quarantine/quarantine';
import { Versions } from './versions';

/** After so many failures of our own code in one generation a batch is poison: its records go to quarantine, so that others go on. */
const FAILURES_MAX = 5;
const REASON_MAX = 1_900;

const FAILED = `
  INSERT INTO normalizer.attempts (batch_id, generation, failures) VALUES ($1, $2, 1)
  ON CONFLICT (batch_id) DO UPDATE
  SET failures = CASE WHEN attempts.generation = excluded.generation THEN attempts.failures + 1 ELSE 1 END,
      generation = excluded.generation, at = clock_timestamp()
  RETURNING failures`;

const FORGIVEN = `DELETE FROM normalizer.attempts WHERE batch_id = $1`;

/** Carries batches from the inbox to the store. */
@Injectable()
export class BatchWorker {
  private readonly logger = new Logger('BatchWorker');

  constructor(
    private readonly hub: ConnectorHubContract,
    private readonly storage: StorageContract,
    private readonly versions: Versions,
    private readonly quarantine: Quarantine,
    private readonly engine: Engine,
    private readonly metrics: StepMetrics,
    private readonly database: DataSource,
  ) {}

  async normalize({ batchId, epoch }: BatchOffer): Promise<void> {
    let batch: RawBatch | undefined;
    try {
      batch = await this.hub.fetchBatch({ batchId });
      if (batch.settled) return;
      if (batch.held !== undefined) return await this.quarantineWhole(batch, epoch, 'drift', batch.held);
      const version = await this.versions.ready(batch);
      const result = await this.engine.run(version, {
        payload: batch.payload,
        format: batch.format,
        meta: { batchId: batch.batchId, receivedAt: new Date(batch.receivedAt) },
      });
      assertAccounted(result, batch);
      const outcome = await this.store(version, batch, epoch, result);
      await this.hub.settle({ batchId, epoch, generation: batch.generation, ...outcome });
      this.metrics.observe(batch, result.tallies);
    } catch (thrown) {
      if (batch) await this.failed(batch, epoch, thrown);
      else await this.wait(batchId, epoch, reasonOf(thrown)); // without its bytes nothing can go to quarantine
    }
  }

  private async store(
    { install }: ReadySteps,
    batch: RawBatch,
    epoch: number,
    { rows, normalized, filtered, quarantined, header }: BatchResult,
  ): Promise<BatchOutcome> {
    if (batch.generation > 0) await this.quarantine.supersede(batch);
    if (quarantined.length > 0) await this.quarantine.keep(batch, quarantined, header);
    const counts = { normalized, filtered, quarantined: quarantined.length, produced: rows.length };
    if (rows.length === 0 && !batch.replaces) return { ...counts, stored: 0, merged: 0, stale: 0, duplicate: 0 };
    const { stored, merged, stale, duplicate } = await this.storage.append({
      appendId: appendIdOf(batch),
      epoch,
      project: batch.project,
      dataset: install.dataset,
      rows,
      ...(batch.replaces ? { replaces: batch.replaces } : {}),
    });
    return { ...counts, stored, merged, stale, duplicate };
  }

  /** An engine that is away says nothing of the batch, which is tried again. Only our own failures make it poison. */
  private async failed(batch: RawBatch, epoch: number, thrown: unknown): Promise<void> {
    const reason = reasonOf(thrown);
    if (!typed(thrown).retryable && (await this.countFailure(batch)) >= FAILURES_MAX) {
      await this.giveUp(batch, epoch, reason);
      return;
    }
    await this.wait(batch.batchId, epoch, reason);
  }

  private async wait(batchId: string, epoch: number, reason: string): Promise<void> {
    this.logger.warn({ batchId, epoch }, `A batch waits: ${reason}`);
    await this.hub.reportStuck({ batchId, epoch, reason });
  }

  private async countFailure({ batchId, generation }: RawBatch): Promise<number> {
    const [row] = await this.database.query<{ failures: number }[]>(FAILED, [batchId, generation]);
    return row?.failures ?? 1;
  }

  /** What an earlier attempt stored goes, though this one stores nothing. */
  private async replaceByNothing(batch: RawBatch, epoch: number): Promise<void> {
    const { install } = await this.versions.ready(batch);
    const rows = ColumnBatch.of(0, []);
    const { project, replaces } = batch;
    await this.storage.append({
      appendId: appendIdOf(batch),
      epoch,
      project,
      dataset: install.dataset,
      rows,
      replaces,
    });
    await this.quarantine.supersede(batch);
  }

  private async giveUp(batch: RawBatch, epoch: number, reason: string): Promise<void> {
    await this.quarantineWhole(batch, epoch, 'batch', `the whole batch failed ${FAILURES_MAX} times: ${reason}`);
    await this.database.query(FORGIVEN, [batch.batchId]);
    this.logger.error({ batchId: batch.batchId }, `A batch went to quarantine as a whole: ${reason}`);
  }

  private async quarantineWhole(batch: RawBatch, epoch: number, step: string, reason: string): Promise<void> {
    const whole = decode(batch.payload, batch.format);
    const { count, columns } = whole;
    const records = Array.from({ length: count }, (_, index): QuarantineDraft => {
      return { index, step, reason, raw: whole.bytesOf(index) };
    });
    if (batch.replaces) await this.replaceByNothing(batch, epoch);
    await this.quarantine.keep(batch, records, columns);
    const none = { normalized: 0, filtered: 0, produced: 0, stored: 0, merged: 0, stale: 0, duplicate: 0 };
    await this.hub.settle({ batchId: batch.batchId, epoch, generation: batch.generation, ...none, quarantined: count });
  }
}

const typed = (thrown: unknown): ChartlyError => databaseError(thrown) ?? asChartlyError(thrown);

/** What a person is told of a failure; of our own failures it is their cause that tells something. */
function reasonOf(thrown: unknown): string {
  const { status, message, details } = typed(thrown);
  const { cause } = details;
  return (status === 500 && cause instanceof Error ? cause.message : message).slice(0, REASON_MAX);
}

/** Never loses: what was framed at acceptance is what came out. */
function assertAccounted({ framed, normalized, filtered, quarantined }: BatchResult, batch: RawBatch): void {
  if (framed === batch.count && normalized + filtered + quarantined.length === framed) return;
  throw new Error(
    `batch ${batch.batchId}: ${batch.count} records were accepted, and ${framed} were read (${normalized} normalized, ${filtered} filtered, ${quarantined.length} quarantined)`,
  );
}
