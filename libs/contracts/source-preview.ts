import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Source } from '#libs/documents/source';
import { IsBytes, IsCount } from './fields';
import { PipelineName } from './pipeline-ref';
import { RECORD_FORMATS, RecordFormat } from './record-format';

export const PREVIEW_PAGES_MAX = 10;

/** A source as a document has it, which need not be installed. */
export class PreviewSource extends PipelineName {
  @IsObject() source: Source;
  /** How many pages with records are fetched, 1 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(PREVIEW_PAGES_MAX) pages?: number;
}

/** Records that would become one batch. */
export class PreviewedPart {
  @IsIn(RECORD_FORMATS) format: RecordFormat;
  @IsBytes() payload: Uint8Array;
  @IsCount() count: number;
}

/** What a source gave to one that begins at its beginning. Nothing of it is kept. */
export class PreviewedSource {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PreviewedPart) parts: PreviewedPart[];
  @IsCount() pages: number;
  @IsCount() records: number;
  /** What the source sent, decoded. */
  @IsCount() bytes: number;
  /** True when the source had no more. */
  @IsBoolean() done: boolean;
  /** Where the cursor would stand, for people. */
  @IsOptional() @IsString() cursor?: string;
}
