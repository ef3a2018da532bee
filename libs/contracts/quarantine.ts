import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsRFC3339,
  IsOptional,
  IsString,
  Matches,
  ValidateNested,
  ValidationOptions,
} from 'class-validator';
import { IsCount, IsId, IsName, IsPageCursor, IsPageLimit, IsShortText, IsVersion } from './fields';

export const RECORD_STATES = ['open', 'normalized', 'filtered', 'discarded'] as const;
/** `open`: it waits for somebody. The others are ends: what became of it when it was retried or discarded. */
export type RecordState = (typeof RECORD_STATES)[number];

export class QuarantineTotals {
  /** Open records. */
  @IsCount() quarantined: number;
  @IsCount() discarded: number;
  /** Open records that a retry or discard holds right now: the inbox may know of their end already. */
  @IsCount() held: number;
}

/** A batch, its generation, and the record's place in it. */
const RECORD_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,9}\.\d{1,9}$/;

export const IsRecordId = (options?: ValidationOptions): PropertyDecorator =>
  Matches(RECORD_ID, { message: "$property is no record's id, as lists give them", ...options });

/** Which records are meant; what is left out does not matter. */
class QuarantineCriteria {
  /** The version under which the record came. */
  @IsOptional() @IsVersion() version?: number;
  @IsOptional() @IsShortText(200) step?: string;
  /** A part of the reason, in whatever case. */
  @IsOptional() @IsShortText(500) reason?: string;
  /** A part of the raw record, as it is written. */
  @IsOptional() @IsShortText(500) text?: string;
  /** Kept at or after this time, RFC 3339. */
  @IsOptional() @IsRFC3339() from?: string;
  /** Kept before this time. */
  @IsOptional() @IsRFC3339() to?: string;
}

export class QuarantineFilter extends QuarantineCriteria {
  @IsOptional() @IsName() pipeline?: string;
}

export class ListQuarantine extends QuarantineFilter {
  @IsName() project: string;
  /** `open` when left out. */
  @IsOptional() @IsIn(RECORD_STATES) state?: RecordState;
  @IsPageLimit() limit?: number;
  @IsPageCursor() cursor?: string;
}

/** A record that could not become a row, as it came, and why. */
export class QuarantinedRecord {
  /** Names the record in paths and requests. */
  @IsRecordId() id: string;
  @IsName() pipeline: string;
  @IsId() batchId: string;
  @IsVersion() version: number;
  /** The record's place in its batch, from 0. */
  @IsCount() index: number;
  @IsShortText(200) step: string;
  /** Where in the record and what was found: the type of a value, never the value. */
  @IsShortText(2_000) reason: string;
  /** The record's raw text, as it came; in lists cut to 4 KiB, empty behind its end. */
  @IsString() raw: string;
  /** Of the whole record, in bytes. */
  @IsCount() rawBytes: number;
  /** When it was kept first, RFC 3339 UTC. */
  @IsString() at: string;
  /** How often it was tried, the first time included. */
  @IsCount() attempts: number;
  /** The version of the last try. */
  @IsVersion() triedVersion: number;
  @IsIn(RECORD_STATES) state: RecordState;
  /** When it was retried with success or discarded. */
  @IsOptional() @IsString() endedAt?: string;
  /** Why it was discarded. */
  @IsOptional() @IsShortText(500) note?: string;
}

export class QuarantinePage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => QuarantinedRecord) records: QuarantinedRecord[];
  @IsOptional() @IsString() next?: string;
}

export class QuarantineRecordRef {
  @IsName() project: string;
  @IsRecordId() id: string;
}

export const RECORDS_NAMED_MAX = 1_000;

/** Records of one pipeline: those that are named, or else all open ones that fit the filter. */
class QuarantineSelection extends QuarantineCriteria {
  @IsName() pipeline: string;
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(RECORDS_NAMED_MAX)
  @IsRecordId({ each: true })
  records?: string[];
}

export class RetryQuarantined extends QuarantineSelection {
  @IsName() project: string;
  /** The version to retry with; the one that was installed last when left out. */
  @IsOptional() @IsVersion() withVersion?: number;
}

export class DiscardQuarantined extends QuarantineSelection {
  @IsName() project: string;
  /** Kept with each record and in the audit log. */
  @IsShortText(500) why: string;
}

export const QUARANTINE_ACTIONS = ['retry', 'discard'] as const;
export type QuarantineAction = (typeof QUARANTINE_ACTIONS)[number];

/** A retry or discard under way, or what came of it. */
export class QuarantineTask {
  @IsId() id: string;
  @IsName() pipeline: string;
  @IsIn(QUARANTINE_ACTIONS) action: QuarantineAction;
  @IsOptional() @IsVersion() withVersion?: number;
  @IsIn(['running', 'done']) state: 'running' | 'done';
  @IsCount() normalized: number;
  @IsCount() filtered: number;
  /** Records that were tried and stay, with one more attempt counted. */
  @IsCount() failed: number;
  @IsCount() discarded: number;
  @IsString() startedAt: string;
  @IsOptional() @IsString() endedAt?: string;
  /** Why it waits, when it does. */
  @IsOptional() @IsShortText(500) waitingFor?: string;
}

export class QuarantineTaskRef {
  @IsName() project: string;
  @IsId() task: string;
}
