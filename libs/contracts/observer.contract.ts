import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Contract, SERVICES, ServiceName } from './contract';
import { DatasetTotals } from './storage.contract';
import { IsCount, IsName, IsVersion } from './fields';
import { Done, PipelineName, PipelineRef } from './pipeline-ref';

/** A pipeline whose books are kept from now on. */
export class WatchPipeline extends PipelineRef {
  @IsName() dataset: string;
}

export class GetLedger extends PipelineName {
  /** One version's books; all versions together when left out. */
  @IsOptional() @IsVersion() version?: number;
}

/** `accepted = normalized + filtered + quarantined + discarded + pending` */
export class RecordsLine {
  @IsCount() accepted: number;
  @IsCount() normalized: number;
  @IsCount() filtered: number;
  @IsCount() quarantined: number;
  @IsCount() discarded: number;
  @IsCount() pending: number;
}

/** `produced = stored + merged + stale + duplicate` */
export class RowsLine {
  @IsCount() produced: number;
  @IsCount() stored: number;
  @IsCount() merged: number;
  @IsCount() stale: number;
  @IsCount() duplicate: number;
}

/** The books of a pipeline. The dataset line counts the whole dataset, whichever pipeline fed it. */
export class Ledger {
  @IsName() project: string;
  @IsName() pipeline: string;
  /** The newest version that the books hold. */
  @IsVersion() version: number;
  @ValidateNested() @Type(() => RecordsLine) records: RecordsLine;
  @ValidateNested() @Type(() => RowsLine) rows: RowsLine;
  @ValidateNested() @Type(() => DatasetTotals) dataset: DatasetTotals;
  /** True when all three lines balance and agree with what the engines hold. */
  @IsBoolean() balanced: boolean;
  /** What does not balance, in sentences. */
  @IsArray() @IsString({ each: true }) problems: string[];
  /** RFC 3339 UTC. */
  @IsString() checkedAt: string;
}

export class GetHealth {}

export class ServiceHealth {
  @IsIn(SERVICES) service: ServiceName;
  @IsIn(['ready', 'waiting', 'unreachable']) state: 'ready' | 'waiting' | 'unreachable';
  /** What it waits for, by name. */
  @IsArray() @IsString({ each: true }) waitingFor: string[];
}

export const CANARY_STATES = ['off', 'on its way', 'ok', 'late'] as const;

/** A record of our own that is sent through the whole data plane again and again: what no single `/ready` can show. */
export class CanaryHealth {
  /** `on its way` before the first has come through; `late` when the present one has been under way for over 30 s. */
  @IsIn(CANARY_STATES) state: (typeof CANARY_STATES)[number];
  /** From push to query, of the last one that came through. Unit: milliseconds. */
  @IsOptional() @IsCount() tookMs?: number;
  /** When that was, RFC 3339 UTC. */
  @IsOptional() @IsString() lastAt?: string;
  /** Where the present one waits, while one does. */
  @IsOptional() @IsIn(SERVICES) waitingFor?: ServiceName;
}

export class SystemHealth {
  /** True when every service can do its job. */
  @IsBoolean() ready: boolean;
  @ValidateNested() @Type(() => CanaryHealth) canary: CanaryHealth;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ServiceHealth) services: ServiceHealth[];
  @IsString() checkedAt: string;
}

/** Watches the system and checks that the books balance. */
@Contract('observer', {
  watch: { takes: WatchPipeline, gives: Done, idempotent: true, timeoutMs: 5_000 },
  unwatch: { takes: PipelineName, gives: Done, idempotent: true, timeoutMs: 5_000 },
  ledger: { takes: GetLedger, gives: Ledger, idempotent: true, timeoutMs: 20_000 },
  health: { takes: GetHealth, gives: SystemHealth, idempotent: true, timeoutMs: 5_000 },
})
export abstract class ObserverContract {
  abstract watch(request: WatchPipeline): Promise<Done>;
  abstract unwatch(request: PipelineName): Promise<Done>;
  /** Counts the books now. Throws NotFound `pipeline.unknown`. */
  abstract ledger(request: GetLedger): Promise<Ledger>;
  abstract health(request: GetHealth): Promise<SystemHealth>;
}
