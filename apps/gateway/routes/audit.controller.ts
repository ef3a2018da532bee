import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, Matches, Max, Min } from 'class-validator';
import {
  AuditContract,
  Checkpoint,
  EntryPage,
  ErasedSubject,
  OUTCOMES,
  Proof,
  RotatedKey,
  SUBJECT_PATTERN,
  TILE_LEVEL_MAX,
} from '#libs/contracts/audit.contract';
import { TILE_WIDTH } from '#libs/audit-proof/tiles';
import { IsName, IsShortText, PAGE_MAX } from '#libs/contracts/fields';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { InUtc } from '../http/utc';

/** Places in the log are numbers that JSON keeps exactly. */
export const INDEX_MAX = Number.MAX_SAFE_INTEGER;

export class FoundEntriesQuery {
  @IsOptional() @IsShortText(100) actor?: string;
  @IsOptional() @IsShortText(100) action?: string;
  @IsOptional() @IsShortText(500) target?: string;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsIn(OUTCOMES) outcome?: (typeof OUTCOMES)[number];
  @IsOptional() @InUtc() @IsISO8601({ strict: true }) since?: string;
  @IsOptional() @InUtc() @IsISO8601({ strict: true }) until?: string;
}

class HashesQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(INDEX_MAX) from?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(PAGE_MAX) limit?: number;
}

class EntriesQuery extends FoundEntriesQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(INDEX_MAX) from?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(PAGE_MAX) limit?: number;
}

export const FOUND_BY = {
  actor: 'The id of whoever did it.',
  action: 'An action, or with a `*` at its end all that begin so: `documents.*`.',
  target: 'A target, or with a `*` at its end all that begin so: `Pipeline/default/*`.',
  project: 'Within this project.',
  outcome: 'succeeded, failed or denied.',
  since: 'Not before this time, RFC 3339.',
  until: 'Before this time, RFC 3339.',
};

class SubjectParams {
  @Matches(SUBJECT_PATTERN) subject: string;
}

class InclusionParams {
  @Type(() => Number) @IsInt() @Min(0) @Max(INDEX_MAX) index: number;
}

class TileParams {
  @Type(() => Number) @IsInt() @Min(0) @Max(TILE_LEVEL_MAX) level: number;
  @Type(() => Number) @IsInt() @Min(0) @Max(INDEX_MAX) index: number;
}

class TileQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(TILE_WIDTH) width?: number;
}

class InclusionQuery {
  @Type(() => Number) @IsInt() @Min(1) @Max(INDEX_MAX) size: number;
}

class ConsistencyQuery {
  @Type(() => Number) @IsInt() @Min(1) @Max(INDEX_MAX) from: number;
  @Type(() => Number) @IsInt() @Min(1) @Max(INDEX_MAX) to: number;
}

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditContract) {}

  @Get('checkpoint')
  @Allow('audit:read')
  @Describe({ summary: "The log's head: size, root and signed note.", gives: Checkpoint })
  checkpoint(): Promise<Checkpoint> {
    return this.audit.checkpoint({});
  }

  @Get('entries')
  @Allow('audit:read')
  @Describe({
    summary: 'Entries in the order of the log, each as its exact leaf text, with what it withholds of persons.',
    gives: EntryPage,
    query: { from: 'The first index wanted.', limit: 'Items in a page, 1 to 1,000.', ...FOUND_BY },
  })
  entries(@Query() query: EntriesQuery): Promise<EntryPage> {
    return this.audit.entries(query);
  }

  @Get('entries/:index/proof')
  @Allow('audit:read')
  @Describe({
    summary: 'Proof that an entry is in the log of a given size (RFC 6962).',
    gives: Proof,
    query: { size: 'Size of the tree.' },
    never: [404],
  })
  inclusion(@Param() { index }: InclusionParams, @Query() { size }: InclusionQuery): Promise<Proof> {
    return this.audit.inclusion({ index, size });
  }

  @Get('hashes')
  @Allow('audit:read')
  @Describe({
    summary: 'The hashes of entries, in the order of the log: all that is left of those that were sealed.',
    gives: Proof,
    query: { from: 'The first index wanted.', limit: 'Items in a page, 1 to 1,000.' },
  })
  hashes(@Query() { from = 0, limit }: HashesQuery): Promise<Proof> {
    return this.audit.hashes({ from, limit });
  }

  @Get('tiles/:level/:index')
  @Allow('audit:read')
  @Describe({
    summary: 'A tile of the tree (C2SP tlog-tiles): hashes that lie side by side, each over 256^level leaves.',
    gives: Proof,
    params: { level: '0 to 6.', index: 'The tile begins with hash index * 256 of its level.' },
    query: { width: 'How many hashes: 256 when left out, fewer where a tree of the wanted size ends.' },
    never: [404],
  })
  tile(@Param() params: TileParams, @Query() { width = TILE_WIDTH }: TileQuery): Promise<Proof> {
    return this.audit.tile({ ...params, width });
  }

  @Get('consistency')
  @Allow('audit:read')
  @Describe({
    summary: 'Proof that one size of the log is the beginning of another (RFC 6962).',
    gives: Proof,
    query: { from: 'Size of the earlier tree.', to: 'Size of the later tree.' },
  })
  consistency(@Query() { from, to }: ConsistencyQuery): Promise<Proof> {
    return this.audit.consistency({ from, to });
  }

  @Post('keys')
  @Allow('audit:rotate')
  @Audited('audit.rotate_key')
  @Describe({
    summary: 'Hands the log over to another signing key; an entry says so under a head of the key before.',
    gives: RotatedKey,
    status: 201,
    problems: [409],
    idempotencyKey: true,
  })
  rotateKey(): Promise<RotatedKey> {
    return this.audit.rotateKey({});
  }

  @Delete('subjects/:subject')
  @Allow('audit:erase')
  @Audited('audit.erase')
  @Describe({
    summary: "Makes a person's data in the log unreadable for good. Every proof still holds.",
    gives: ErasedSubject,
    params: { subject: "An actor's kind and id, as in `user:0190...`." },
  })
  erase(@Param() params: SubjectParams): Promise<ErasedSubject> {
    return this.audit.erase(params);
  }
}
