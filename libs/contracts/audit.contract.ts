import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Contract } from './contract';
import { IsCount, IsId, IsName, IsPageLimit, IsShortText } from './fields';

export const ACTOR_KINDS = ['user', 'key', 'local', 'service', 'anonymous'] as const;
export const OUTCOMES = ['succeeded', 'failed', 'denied'] as const;
export const APPEND_MAX = 500;
/** 256^7 leaves are more than a number holds exactly. */
export const TILE_LEVEL_MAX = 6;
export const SUBJECT_PATTERN = /^[a-z]{1,20}:[\x21-\x7e]{1,100}$/;

export class AuditActor {
  @IsIn(ACTOR_KINDS) kind: string;
  @IsShortText(100) id: string;
  @IsShortText(200) name: string;
}

/** Where a request came from. Of a person, hence withheld from the leaf. */
export class AuditClient {
  /** An IP address. */
  @IsShortText(45) address: string;
  @IsOptional() @IsShortText(200) agent?: string;
}

/**
 * Who did what to what, and when; never a secret. Its canonical JSON (RFC 8785), with commitments in place of a
 * person's name and of the client, is the leaf of the log.
 */
export class AuditEntry {
  /** Taken once, however often it is sent. */
  @IsId() id: string;
  /** RFC 3339 UTC. */
  @IsISO8601() time: string;
  @ValidateNested() @Type(() => AuditActor) actor: AuditActor;
  @IsOptional() @ValidateNested() @Type(() => AuditClient) client?: AuditClient;
  @IsOptional() @IsName() project?: string;
  /** As in `documents.apply`. */
  @IsShortText(100) action: string;
  /** As in `Pipeline/default/earthquakes`. */
  @IsShortText(500) target: string;
  @IsIn(OUTCOMES) outcome: (typeof OUTCOMES)[number];
  @IsOptional() @IsShortText(1_000) reason?: string;
  @IsOptional() @IsShortText(200) requestId?: string;
  /** Digest of the thing before and after the change. */
  @IsOptional() @IsShortText(64) before?: string;
  @IsOptional() @IsShortText(64) after?: string;
}

export class AppendEntries {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(APPEND_MAX)
  @ValidateNested({ each: true })
  @Type(() => AuditEntry)
  entries: AuditEntry[];
}

export class AppendedEntries {
  /** The place of each entry in the log, in the order they were sent. */
  @IsArray() @IsInt({ each: true }) indexes: number[];
}

export class GetCheckpoint {}

/** Where the log went over to another key. */
export class KeyHandover {
  /** The head over the entry that names the key, signed by the key before and by this one. */
  @IsString() note: string;
  /** That entry's exact text. */
  @IsString() leaf: string;
}

export class RotateKey {}

export class RotatedKey {
  /** `name+hash+base64` of the key that signs from now on. */
  @IsString() key: string;
  /** The place of the entry that names it. */
  @IsCount() index: number;
}

/** The log's head: a C2SP signed note over origin, size and root (tlog-checkpoint). */
export class Checkpoint {
  @IsCount() size: number;
  /** Base64 of the root of the RFC 6962 tree over `size` leaves. */
  @IsString() root: string;
  @IsString() note: string;
  /** `name+hash+base64` (C2SP signed-note verifier key). */
  @IsString() publicKey: string;
  /** In the order of the log: whoever trusts an earlier key follows them to this one. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => KeyHandover) handovers: KeyHandover[];
  /** Entries of which the hash alone is left here, from the first on: one of the log says so, below this head. */
  @IsCount() sealed: number;
  /** The newest head that witnesses have cosigned: its note with their lines (C2SP tlog-cosignature). */
  @IsOptional() @IsString() witnessed?: string;
}

export class ListEntries {
  /** The first index wanted; 0 when left out. */
  @IsOptional() @IsInt() @Min(0) from?: number;
  @IsPageLimit() limit?: number;
  /** Entries of the actor with this id. */
  @IsOptional() @IsShortText(100) actor?: string;
  /** An action, or with a `*` at its end all that begin so, as in `documents.*`. */
  @IsOptional() @IsShortText(100) action?: string;
  /** A target, or with a `*` at its end all that begin so. */
  @IsOptional() @IsShortText(500) target?: string;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsIn(OUTCOMES) outcome?: (typeof OUTCOMES)[number];
  /** Entries whose time is not before this, RFC 3339. */
  @IsOptional() @IsISO8601({ strict: true }) since?: string;
  /** Entries whose time is before this, RFC 3339. */
  @IsOptional() @IsISO8601({ strict: true }) until?: string;
}

/** A value to which the leaf commits: `commitment` at `path` is HMAC-SHA-256(salt, value). */
export class DisclosedField {
  /** As in `actor.name`. */
  @IsShortText(100) path: string;
  /** Base64 of 32 bytes. */
  @IsShortText(64) salt: string;
  @IsShortText(1_000) value: string;
}

export class LoggedEntry {
  @IsCount() index: number;
  /** The leaf's exact text: what the proof is over. */
  @IsString() leaf: string;
  /** What the leaf withholds, unless its subject was erased. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => DisclosedField) disclosed: DisclosedField[];
}

export class EntryPage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => LoggedEntry) entries: LoggedEntry[];
  /** The index that the next page begins at; absent at the end of the log. */
  @IsOptional() @IsInt() next?: number;
}

/** Whose personal data is to be made unreadable: the kind and id of an actor, as in `user:0190...`. */
export class EraseSubject {
  @Matches(SUBJECT_PATTERN) subject: string;
}

export class ErasedSubject {
  /** Fields that nobody can read any more. */
  @IsCount() fields: number;
}

export class GetInclusion {
  @IsInt() @Min(0) index: number;
  @IsInt() @Min(1) size: number;
}

export class GetConsistency {
  @IsInt() @Min(1) from: number;
  @IsInt() @Min(1) to: number;
}

export class GetHashes {
  /** The first index wanted. */
  @IsInt() @Min(0) from: number;
  @IsPageLimit() limit?: number;
}

/** Hashes of the tree that lie side by side (C2SP tlog-tiles). */
export class GetTile {
  /** Each hash covers 256^level leaves. */
  @IsInt() @Min(0) @Max(TILE_LEVEL_MAX) level: number;
  /** The tile begins with hash `index` * 256 of its level. */
  @IsInt() @Min(0) index: number;
  /** How many hashes: 256 of a full tile, fewer where a tree of the wanted size ends. */
  @IsInt() @Min(1) @Max(256) width: number;
}

/** Hashes in base64: of a proof from the leaf's side upward (RFC 6962 §2.1.1 and §2.1.2), of leaves and of a tile in their order. */
export class Proof {
  @IsArray() @IsString({ each: true }) hashes: string[];
}

/** The tamper-evident log of what was done. Calls nobody. */
@Contract('audit', {
  append: { takes: AppendEntries, gives: AppendedEntries, idempotent: true, timeoutMs: 10_000 },
  checkpoint: { takes: GetCheckpoint, gives: Checkpoint, idempotent: true, timeoutMs: 5_000 },
  entries: { takes: ListEntries, gives: EntryPage, idempotent: true, timeoutMs: 10_000 },
  erase: { takes: EraseSubject, gives: ErasedSubject, idempotent: true, timeoutMs: 15_000 },
  rotateKey: { takes: RotateKey, gives: RotatedKey, idempotent: false, timeoutMs: 15_000 },
  inclusion: { takes: GetInclusion, gives: Proof, idempotent: true, timeoutMs: 10_000 },
  hashes: { takes: GetHashes, gives: Proof, idempotent: true, timeoutMs: 10_000 },
  tile: { takes: GetTile, gives: Proof, idempotent: true, timeoutMs: 10_000 },
  consistency: { takes: GetConsistency, gives: Proof, idempotent: true, timeoutMs: 10_000 },
})
export abstract class AuditContract {
  /**
   * Adds entries at the log's end; answers when they and the checkpoint over them are durable. Throws BadRequest
   * `audit.reserved` for what the log alone says of itself.
   */
  abstract append(request: AppendEntries): Promise<AppendedEntries>;
  abstract checkpoint(request: GetCheckpoint): Promise<Checkpoint>;
  /** Entries in the order of the log that have all that is asked for. */
  abstract entries(request: ListEntries): Promise<EntryPage>;
  /**
   * Deletes the key under which a person's data is sealed, and logs that it did. Every proof still holds. Throws
   * NotFound `audit.subject_unknown`.
   */
  abstract erase(request: EraseSubject): Promise<ErasedSubject>;
  /**
   * Goes over to another signing key, and says so in an entry under a head of the key before. Throws Conflict
   * `audit.no_next_key`.
   */
  abstract rotateKey(request: RotateKey): Promise<RotatedKey>;
  /** Proof that the leaf at `index` is in the tree of `size` leaves. Throws BadRequest `audit.range`. */
  abstract inclusion(request: GetInclusion): Promise<Proof>;
  /** The hashes of leaves: all that is left of entries that were sealed. Fewer at the end of the log. */
  abstract hashes(request: GetHashes): Promise<Proof>;
  /** A tile of the tree, in the order of its hashes. Throws BadRequest `audit.range` for one that the log has not reached. */
  abstract tile(request: GetTile): Promise<Proof>;
  /** Proof that the tree of `from` leaves is the beginning of that of `to` leaves. Throws BadRequest `audit.range`. */
  abstract consistency(request: GetConsistency): Promise<Proof>;
}
