import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { IsName, IsPageCursor, IsShortText } from '#libs/contracts/fields';
import { IMPORT_ID_PATTERN } from '#libs/contracts/imports';
import { EXPORT_FORMATS, ExportFormat } from '#libs/tabular/formats';
import { ProjectParams } from './params.dto';

export class DatasetParams extends ProjectParams {
  @IsName() dataset: string;
}

const LIST_MAX = 4_000;

/** Which rows, as a URL says it. */
class RangeQuery {
  @IsOptional() @IsShortText(60) from?: string;
  @IsOptional() @IsShortText(60) to?: string;
  @IsOptional() @IsShortText(60) zone?: string;
  @IsOptional() @MaxLength(LIST_MAX) columns?: string;
}

export const RANGE_DOCS = {
  from: 'The first time wanted: RFC 3339, a date or local time in `zone`, or as in now-24h.',
  to: 'Before this time.',
  zone: 'Time zone of times that name none; UTC when left out.',
  columns: 'The columns wanted, with commas between; all when left out.',
} as const;

export class PagedRowsQuery extends RangeQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(10_000) limit?: number;
  @IsPageCursor() cursor?: string;
}

export class LastRowsQuery extends RangeQuery {
  @IsOptional() @MaxLength(LIST_MAX) by?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100_000) limit?: number;
}

export class ImportQuery {
  @IsOptional() @Matches(IMPORT_ID_PATTERN) id?: string;
}

const FORMATS = Object.keys(EXPORT_FORMATS) as ExportFormat[]; // its own keys

export class FormatQuery {
  /** `ndjson` when left out. */
  @IsOptional() @IsIn(FORMATS) format?: ExportFormat;
}

export class ExportRangeQuery extends RangeQuery {
  /** `ndjson` when left out. */
  @IsOptional() @IsIn(FORMATS) format?: ExportFormat;
}

export const FORMAT_DOCS = { format: `${FORMATS.join(', ')}; ndjson when left out.` } as const;

/** Lists with commas between as lists; what is left out stays out. */
export const columnsIn = <K extends string>(
  lists: Readonly<Partial<Record<K, string>>>,
): Partial<Record<K, string[]>> =>
  Object.fromEntries(
    Object.entries<string | undefined>(lists).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, text.split(',').map((one) => one.trim())]],
    ),
  ) as Partial<Record<K, string[]>>; // the same names
