import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsCount, IsName } from './fields';
import { Preview, PREVIEW_MAX_RECORDS } from './preview';
import { RECORD_FORMATS, RecordFormat } from './record-format';
import { PREVIEW_PAGES_MAX } from './source-preview';

const RECORDED_MAX_CHARS = 8 * 2 ** 20;
const DOCUMENTS_MAX_CHARS = 1_000_000;

/** Records as a source gave them, to be run again without it. */
export class RecordedPage {
  @IsIn(RECORD_FORMATS) format: RecordFormat;
  @IsString() @MaxLength(RECORDED_MAX_CHARS) text: string;
}

/** One pipeline among documents that need not be applied. */
export class PreviewPipeline {
  @IsName() project: string;
  /** The documents, as YAML or JSON text: the pipeline, and what it refers to where that is not applied yet. */
  @IsString() @MaxLength(DOCUMENTS_MAX_CHARS) text: string;
  /** Which pipeline, when the text holds several. */
  @IsOptional() @IsName() pipeline?: string;
  /** How many records are shown, the first ones; all are counted. 100 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(PREVIEW_MAX_RECORDS) limit?: number;
  /** How many pages are fetched, 1 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(PREVIEW_PAGES_MAX) pages?: number;
  /** Whether the answer holds the pages themselves. */
  @IsOptional() @IsBoolean() record?: boolean;
  /** Records to run instead of asking the source. */
  @IsOptional() @ValidateNested() @Type(() => RecordedPage) given?: RecordedPage;
}

/** What the source gave; absent when the records were given. */
export class FetchedPages {
  @IsCount() pages: number;
  @IsCount() records: number;
  @IsCount() bytes: number;
  /** True when the source had no more. */
  @IsBoolean() done: boolean;
  /** Where the cursor would stand, for people. */
  @IsOptional() @IsString() cursor?: string;
}

/** What would become of a pipeline's records: each as it came, with its rows or the reason of its quarantine. */
export class PipelinePreview extends Preview {
  @IsName() pipeline: string;
  @IsOptional() @ValidateNested() @Type(() => FetchedPages) fetched?: FetchedPages;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => RecordedPage) recorded?: RecordedPage[];
}
