import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Hook } from '#libs/documents/hook';
import type { Source } from '#libs/documents/source';
import { AmendBatch, AnnounceAmendment, WithdrawAmendment } from './amendment';
import { Contract } from './contract';
import { IsBytes, IsCount, IsId, IsShortText, IsVersion } from './fields';
import { ApproveDrift, SourceDrift } from './drift';
import { HookDelivery } from './hook-delivery';
import { Done, PipelineName, PipelineRef } from './pipeline-ref';
import { RECORD_FORMATS, RecordFormat } from './record-format';
import { PreviewedSource, PreviewSource } from './source-preview';
import { ReplayedSlice, ReplaySlice } from './replay';
import { RecentBatches, RecentBatchIds } from './rows-difference';

/** The version that new batches belong to from now on, and where it pulls from, if anywhere. */
export class InstallSource extends PipelineRef {
  @IsOptional() @IsObject() source?: Source;
  /** Who may call the pipeline's hook; nobody when left out. */
  @IsOptional() @IsObject() hook?: Hook;
  /** How long raw batches are kept, from when they came; 0 for not at all, 7 days when left out. Unit: milliseconds. */
  @IsOptional() @IsCount() keepRawMs?: number;
}

/** Raw bytes that somebody pushes to a pipeline. */
export class AcceptPush extends PipelineName {
  @IsIn(RECORD_FORMATS) format: RecordFormat;
  @IsBytes() body: Uint8Array;
  /** The same key and bytes again give the first receipt; the same key with other bytes is refused with 422. */
  @IsOptional() @IsShortText(255) idempotencyKey?: string;
}

/** Given only after the batch is committed. */
export class AcceptReceipt extends PipelineRef {
  @IsId() batchId: string;
  /** Records framed in the body. */
  @IsCount() accepted: number;
  /** True when this repeats the receipt of an earlier request with the same idempotency key. */
  @IsBoolean() repeated: boolean;
}

/** Pull a bounded slice: as many pages as fit in `sliceMs`, or until the source has no more. */
export class PullSlice extends PipelineRef {
  @IsId() runId: string;
  @IsInt() @Min(100) sliceMs: number;
}

/** What one slice took. The checkpoint is committed with the batches it covers. */
export class PulledSlice {
  @IsCount() pages: number;
  @IsCount() records: number;
  @IsCount() batches: number;
  @IsCount() bytes: number;
  /** True when the source has no more for now; false when another slice goes on where this one stopped. */
  @IsBoolean() done: boolean;
  /** How long the source asked us to wait before the next slice (rate limit, Retry-After). */
  @IsCount() waitMs: number;
  /** The cursor as it stands in the checkpoint, for people. */
  @IsOptional() @IsString() cursor?: string;
  /** How the source's records have changed, in sentences; where the source's `drift` takes or quarantines them. */
  @IsOptional() @IsArray() @IsString({ each: true }) drift?: string[];
}

export class BatchRef {
  @IsId() batchId: string;
}

/** A batch as it lies in the inbox, its payload inflated. */
export class RawBatch extends PipelineRef {
  @IsId() batchId: string;
  /** Counts the attempts to replay the batch; part of the append id. */
  @IsCount() generation: number;
  @IsCount() epoch: number;
  @IsIn(RECORD_FORMATS) format: RecordFormat;
  @IsBytes() payload: Uint8Array;
  /** Records framed at acceptance; a decode that finds another number is an error of ours. */
  @IsCount() count: number;
  /** RFC 3339 UTC. */
  @IsString() receivedAt: string;
  @IsOptional() @IsId() runId?: string;
  /** Append ids whose rows those of this attempt take the place of: it is a replay. */
  @IsOptional() @IsArray() @IsString({ each: true }) replaces?: string[];
  /** Why its records go to quarantine as they are, through no step. */
  @IsOptional() @IsString() held?: string;
  /** Set when the batch is settled already: nothing is left to do. */
  @IsBoolean() settled: boolean;
}

/** The outcome of a batch. `normalized + filtered + quarantined` is the batch's count; `produced` is the rows line's sum. */
export class BatchOutcome {
  @IsCount() normalized: number;
  @IsCount() filtered: number;
  @IsCount() quarantined: number;
  @IsCount() produced: number;
  @IsCount() stored: number;
  @IsCount() merged: number;
  @IsCount() stale: number;
  @IsCount() duplicate: number;
}

export class SettleBatch extends BatchOutcome {
  @IsId() batchId: string;
  @IsCount() epoch: number;
  /** The batch's generation as it was fetched; 0 when left out. The outcome of an older one changes nothing. */
  @IsOptional() @IsCount() generation?: number;
}

/** The ledger's totals of one pipeline version, from one snapshot of the inbox. */
export class VersionTotals extends BatchOutcome {
  @IsVersion() version: number;
  @IsCount() accepted: number;
  @IsCount() pending: number;
  /** Rows of outcomes that a replay put others in the place of: storage's receipts still count them as stored. */
  @IsCount() superseded: number;
  /** Records that were taken out of quarantine for good. */
  @IsCount() discarded: number;
}

export class PipelineTotals {
  @IsArray() @ValidateNested({ each: true }) @Type(() => VersionTotals) versions: VersionTotals[];
  /** When the newest batch was accepted, RFC 3339 UTC. */
  @IsOptional() @IsString() lastAcceptedAt?: string;
}

export class RunRef {
  @IsId() runId: string;
}

/** What became of the batches that a run pulled. */
export class RunBatches extends BatchOutcome {
  @IsCount() batches: number;
  @IsCount() pendingBatches: number;
  @IsCount() accepted: number;
}

export class BatchStuck {
  @IsId() batchId: string;
  @IsCount() epoch: number;
  /** Why the normalizer could not settle it, for people. */
  @IsString() @MaxLength(2_000) reason: string;
}

/** Takes data in: pulls, pushes, checkpoints, the inbox, and the outcome of every batch. */
@Contract('connector-hub', {
  install: { takes: InstallSource, gives: Done, idempotent: true, timeoutMs: 10_000 },
  remove: { takes: PipelineName, gives: Done, idempotent: true, timeoutMs: 10_000 },
  accept: { takes: AcceptPush, gives: AcceptReceipt, idempotent: false, timeoutMs: 15_000 },
  deliver: { takes: HookDelivery, gives: AcceptReceipt, idempotent: true, timeoutMs: 15_000 },
  pull: { takes: PullSlice, gives: PulledSlice, idempotent: false, timeoutMs: 90_000 },
  drift: { takes: PipelineName, gives: SourceDrift, idempotent: true, timeoutMs: 10_000 },
  approveDrift: { takes: ApproveDrift, gives: SourceDrift, idempotent: false, timeoutMs: 10_000 },
  preview: { takes: PreviewSource, gives: PreviewedSource, idempotent: true, timeoutMs: 60_000 },
  fetchBatch: { takes: BatchRef, gives: RawBatch, idempotent: true, timeoutMs: 10_000 },
  settle: { takes: SettleBatch, gives: Done, idempotent: true, timeoutMs: 10_000 },
  announceAmendment: { takes: AnnounceAmendment, gives: Done, idempotent: true, timeoutMs: 10_000 },
  withdrawAmendment: { takes: WithdrawAmendment, gives: Done, idempotent: true, timeoutMs: 10_000 },
  amend: { takes: AmendBatch, gives: Done, idempotent: true, timeoutMs: 10_000 },
  reportStuck: { takes: BatchStuck, gives: Done, idempotent: true, timeoutMs: 10_000 },
  totals: { takes: PipelineName, gives: PipelineTotals, idempotent: true, timeoutMs: 10_000 },
  replay: { takes: ReplaySlice, gives: ReplayedSlice, idempotent: true, timeoutMs: 60_000 },
  recentBatches: { takes: RecentBatches, gives: RecentBatchIds, idempotent: true, timeoutMs: 15_000 },
  runBatches: { takes: RunRef, gives: RunBatches, idempotent: true, timeoutMs: 10_000 },
})
export abstract class ConnectorHubContract {
  abstract install(request: InstallSource): Promise<Done>;
  /** Takes no more data for the pipeline; what is in the inbox is still carried through. */
  abstract remove(request: PipelineName): Promise<Done>;
  /**
   * Frames and commits a pushed body. Throws BadRequest `events.malformed` naming line and reason, NotFound
   * `pipeline.unknown`, TooManyRequests `inbox.full`, Conflict `idempotency.in_flight`, Unprocessable
   * `idempotency.other_body`.
   */
  abstract accept(push: AcceptPush): Promise<AcceptReceipt>;
  /**
   * Takes a call of a pipeline's hook, once it is known to be genuine. The same call again gives the first receipt. Throws
   * Unauthenticated `hook.refused` and `hook.stale`, and what `accept` throws.
   */
  abstract deliver(delivery: HookDelivery): Promise<AcceptReceipt>;
  /** Pulls one slice. Two pulls of one pipeline never run at once: the second throws Conflict `pull.busy`. */
  abstract pull(request: PullSlice): Promise<PulledSlice>;
  /** How the source's records have changed and nobody has approved yet. Throws NotFound `pipeline.unknown`. */
  abstract drift(request: PipelineName): Promise<SourceDrift>;
  /**
   * From now on the source's records are taken as they are then, under the version that is active. Throws NotFound
   * `drift.unknown` when nothing waits, Conflict `drift.moved` when they have changed further since.
   */
  abstract approveDrift(request: ApproveDrift): Promise<SourceDrift>;
  /**
   * Fetches the first pages of a source, as a pull that begins at its beginning would, and keeps nothing: no batch, no
   * checkpoint. Throws Unprocessable: with the code of what a pull of the source would throw, or `preview.waits` for a
   * source that asks to wait.
   */
  abstract preview(request: PreviewSource): Promise<PreviewedSource>;
  /** Throws NotFound `batch.unknown`. */
  abstract fetchBatch(request: BatchRef): Promise<RawBatch>;
  /** Records the outcome; a batch that is settled already keeps its first outcome. */
  abstract settle(request: SettleBatch): Promise<Done>;
  /**
   * Tells of an append out of quarantine before it is made. From then on no replay takes the batch up until the amendment
   * is recorded, and so replaces those rows with the others. Throws Conflict `batch.not_settled` while the batch is new or
   * passes again, `batch.replayed` when it has passed again since.
   */
  abstract announceAmendment(request: AnnounceAmendment): Promise<Done>;
  /**
   * Takes an announcement back: its append was refused for good and left no row, so there is nothing that a replay would
   * have to wait for. What was never announced, or is amended, stays as it is.
   */
  abstract withdrawAmendment(request: WithdrawAmendment): Promise<Done>;
  /**
   * Moves records of a settled batch out of quarantine in the ledger. Throws what `announceAmendment` throws, and
   * Unprocessable `batch.unbalanced` when its version has fewer there.
   */
  abstract amend(request: AmendBatch): Promise<Done>;
  /** Keeps the reason of a failed attempt beside the batch, which stays pending. */
  abstract reportStuck(request: BatchStuck): Promise<Done>;
  abstract totals(request: PipelineName): Promise<PipelineTotals>;
  /**
   * Goes on with a replay, up to a bounded number of batches on their way. Idempotent: what is taken up and how far the
   * replay is are committed together.
   */
  abstract replay(request: ReplaySlice): Promise<ReplayedSlice>;
  /** The newest settled batches whose raw bytes are kept, 200 at most. */
  abstract recentBatches(request: RecentBatches): Promise<RecentBatchIds>;
  abstract runBatches(request: RunRef): Promise<RunBatches>;
}
