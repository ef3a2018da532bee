import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Contract } from './contract';
import { LastRows, ListRows, RowPage } from './dataset-rows';
import { IsCount, IsName, IsShortText } from './fields';
import { Done, PipelineName, PipelineRef } from './pipeline-ref';
import { PrometheusAnswer, PrometheusLabels, PrometheusQuery, PrometheusSelection } from './prometheus';
import { FilterNode } from './query-filter';
import { Cell, Coverage, PlanMeasure, ResultColumn, RowsPart } from './query-plan';
import { RollupBucketFields } from './rollup-bucket';
import {
  FindSavedQuery,
  RunSavedQuery,
  SavedAnswer,
  SavedQueries,
  SavedQuery,
  SavedQueryName,
  SaveQuery,
} from './saved-queries';
import { ExportSql, SqlRequest, SqlRows } from './sql';
import { VerifiedRollup } from './storage.contract';

export class RollupDef extends RollupBucketFields {
  @IsName() name: string;
  @IsArray() @ArrayMaxSize(16) by: string[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => PlanMeasure) measures: PlanMeasure[];
}

/** All rollups of a pipeline's version; those of an earlier version that are not among them are removed. */
export class InstallRollups extends PipelineRef {
  @IsName() dataset: string;
  @IsArray() @ArrayMaxSize(50) @ValidateNested({ each: true }) @Type(() => RollupDef) rollups: RollupDef[];
}

export class QueryOrder {
  @IsShortText(63) by: string;
  @IsOptional() @IsIn(['asc', 'desc']) direction?: 'asc' | 'desc';
}

export const FILLS = ['null', 'zero', 'previous', 'linear'] as const;
export type Fill = (typeof FILLS)[number];

/** The groups with the greatest values of a measure over the whole range, and what becomes of the others. */
export class QueryTop {
  /** A measure that is an aggregate. */
  @IsShortText(63) by: string;
  @IsInt() @Min(1) @Max(1_000) count: number;
  /** True: the others are one more group, for which the answer's column `other` is true. False: they are left out. */
  @IsOptional() @IsBoolean() other?: boolean;
}

/** What a caller asks, in documents' words: times are RFC 3339, buckets durations, measures calls like `max(price)`. */
export class ExportQuery {
  @IsName() project: string;
  /** Exactly one of `dataset` and `rollup`. */
  @IsOptional() @IsName() dataset?: string;
  @IsOptional() @IsName() rollup?: string;
  /** RFC 3339, a date or local time in `zone`, or relative to now: `now-24h`, `now-7d/d`. Inclusive. */
  @IsOptional() @IsShortText(60) from?: string;
  /** As `from`; exclusive. */
  @IsOptional() @IsShortText(60) to?: string;
  /** IANA time zone of calendar buckets and of times that name none; UTC when left out. */
  @IsOptional() @IsShortText(60) zone?: string;
  /** A duration from `1s` on, or `day`, `week`, `month`, `quarter`, `year` of the zone's calendar. */
  @IsOptional() @IsShortText(20) bucket?: string;
  /** Measure name -> call. On a rollup, left out for its own measures. */
  @IsOptional() measures?: Readonly<Record<string, string>>;
  /** Columns, or dotted paths into json columns. */
  @IsOptional() @IsArray() @ArrayMaxSize(16) @IsString({ each: true }) dimensions?: string[];
  /** Plain columns to read, when there are neither measures nor a rollup. */
  @IsOptional() @IsArray() @ArrayMaxSize(500) @IsString({ each: true }) columns?: string[];
  /** All hold together, on columns of the dataset. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterNode)
  filters?: FilterNode[];
  /** All hold together, on columns of the answer. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterNode)
  having?: FilterNode[];
  @IsOptional() @ValidateNested() @Type(() => QueryTop) top?: QueryTop;
  /** What stands in buckets without rows, from the first to the last of the range, in each group. */
  @IsOptional() @IsIn(FILLS) fill?: Fill;
  /** Beside each measure `m` its value `m_before` in an earlier period: so much earlier, or `previous`. */
  @IsOptional() @IsShortText(20) compare?: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => QueryOrder)
  order?: QueryOrder[];
  /** Answer from raw rows even where a rollup would say the same. */
  @IsOptional() @IsBoolean() raw?: boolean;
}

/** A question whose answer comes at once. */
export class QueryRequest extends ExportQuery {
  /** 1,000 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(100_000) limit?: number;
}

export class QueryReply {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResultColumn) columns: ResultColumn[];
  @IsArray({ each: true }) rows: readonly (readonly Cell[])[];
  /** True when the limit cut the answer. */
  @IsBoolean() truncated: boolean;
  /** RFC 3339 UTC: the moment of the snapshot that was read. */
  @IsString() asOf: string;
  /** `dataset/NAME` or `rollup/NAME`: what served the answer. */
  @IsString() servedBy: string;
  /** True when a rollup served it: one that was named, or one that says exactly what raw rows would. */
  @IsBoolean() usedRollup: boolean;
  /** Rows, of the dataset or the rollup, that the filters let through and the answer was computed from. */
  @IsCount() rowsScanned: number;
  /** What of the asked range lies between the dataset's first and last row; none when nothing does. */
  @IsOptional() @ValidateNested() @Type(() => Coverage) coverage?: Coverage;
  /** Dirty buckets of the rollup that were answered from raw rows. */
  @IsCount() repairedBuckets: number;
  /** Another text whenever the dataset may have changed. */
  @IsString() dataVersion: string;
}

export class RollupStatus extends RollupBucketFields {
  @IsName() pipeline: string;
  @IsName() dataset: string;
  @IsName() name: string;
  /** Buckets that are to be computed anew; until then they are answered from raw rows. */
  @IsCount() dirtyBuckets: number;
  @IsCount() cleanBuckets: number;
  /** The share of buckets that are up to date, from 0 to 1: how far a backfill is. */
  @IsNumber() progress: number;
}

/** One rollup of a project. */
export class RollupName {
  @IsName() project: string;
  @IsName() rollup: string;
}

export class RollupStatuses {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RollupStatus) rollups: RollupStatus[];
}

export class ProjectRef {
  @IsName() project: string;
}

export class RefreshReply {
  @IsCount() refreshedBuckets: number;
}

/** Answers questions over stored rows and keeps rollups. */
@Contract('analytics', {
  install: { takes: InstallRollups, gives: Done, idempotent: true, timeoutMs: 15_000 },
  remove: { takes: PipelineName, gives: Done, idempotent: true, timeoutMs: 15_000 },
  query: { takes: QueryRequest, gives: QueryReply, idempotent: true, timeoutMs: 30_000 },
  sql: { takes: SqlRequest, gives: SqlRows, idempotent: true, timeoutMs: 35_000 },
  exportQuery: { takes: ExportQuery, streams: RowsPart, idempotent: false, timeoutMs: 130_000 },
  exportSql: { takes: ExportSql, streams: RowsPart, idempotent: false, timeoutMs: 130_000 },
  rows: { takes: ListRows, gives: RowPage, idempotent: true, timeoutMs: 30_000 },
  lastRows: { takes: LastRows, gives: QueryReply, idempotent: true, timeoutMs: 30_000 },
  rollups: { takes: ProjectRef, gives: RollupStatuses, idempotent: true, timeoutMs: 10_000 },
  saveQuery: { takes: SaveQuery, gives: SavedQuery, idempotent: true, timeoutMs: 10_000 },
  removeQuery: { takes: SavedQueryName, gives: Done, idempotent: false, timeoutMs: 10_000 },
  savedQuery: { takes: FindSavedQuery, gives: SavedQuery, idempotent: true, timeoutMs: 5_000 },
  savedQueries: { takes: ProjectRef, gives: SavedQueries, idempotent: true, timeoutMs: 5_000 },
  runSavedQuery: { takes: RunSavedQuery, gives: SavedAnswer, idempotent: true, timeoutMs: 35_000 },
  prometheusQuery: { takes: PrometheusQuery, gives: PrometheusAnswer, idempotent: true, timeoutMs: 35_000 },
  prometheusSeries: { takes: PrometheusSelection, gives: PrometheusLabels, idempotent: true, timeoutMs: 35_000 },
  verifyRollup: { takes: RollupName, gives: VerifiedRollup, idempotent: true, timeoutMs: 60_000 },
  refresh: { takes: PipelineName, gives: RefreshReply, idempotent: true, timeoutMs: 60_000 },
})
export abstract class AnalyticsContract {
  abstract install(request: InstallRollups): Promise<Done>;
  abstract remove(request: PipelineName): Promise<Done>;
  /** Throws Unprocessable `query.invalid` naming each offending field, NotFound `dataset.unknown` / `rollup.unknown`. */
  abstract query(request: QueryRequest): Promise<QueryReply>;
  /** Runs one SELECT over the project's datasets and rollups. Throws Unprocessable `sql.refused`, `sql.invalid`. */
  abstract sql(request: SqlRequest): Promise<SqlRows>;
  /**
   * All rows of an answer, however many, of one moment; leaves one audit entry. Plain rows come as they lie where no order
   * is asked. What is computed of an answer's rows (rates, fills, comparisons) is of 100,000 groups at most. Throws as
   * {@link query} does.
   */
  abstract exportQuery(request: ExportQuery): AsyncIterable<RowsPart>;
  /** As {@link exportQuery}, of a statement; throws as {@link sql} does. */
  abstract exportSql(request: ExportSql): AsyncIterable<RowsPart>;
  /** Rows in the order of time and key, page by page. Throws BadRequest `cursor.malformed`. */
  abstract rows(request: ListRows): Promise<RowPage>;
  /** The newest value of each column, for each series. */
  abstract lastRows(request: LastRows): Promise<QueryReply>;
  abstract rollups(request: ProjectRef): Promise<RollupStatuses>;
  /** Keeps a new version of a query that can be run. Throws Unprocessable as running it would. */
  abstract saveQuery(request: SaveQuery): Promise<SavedQuery>;
  abstract removeQuery(request: SavedQueryName): Promise<Done>;
  /** Throws NotFound `query.unknown`. */
  abstract savedQuery(request: FindSavedQuery): Promise<SavedQuery>;
  abstract savedQueries(request: ProjectRef): Promise<SavedQueries>;
  /** Throws NotFound `query.unknown`, BadRequest `query.parameter_unknown`, Unprocessable `query.parameter_invalid`. */
  abstract runSavedQuery(request: RunSavedQuery): Promise<SavedAnswer>;
  /** A PromQL expression over stored samples. Throws BadRequest `promql.unsupported`, naming what is not answered. */
  abstract prometheusQuery(request: PrometheusQuery): Promise<PrometheusAnswer>;
  abstract prometheusSeries(request: PrometheusSelection): Promise<PrometheusLabels>;
  /** Recomputes what is up to date from raw rows and compares. Throws NotFound `rollup.unknown`. */
  abstract verifyRollup(request: RollupName): Promise<VerifiedRollup>;
  /** Brings the pipeline's rollups up to date now. */
  abstract refresh(request: PipelineName): Promise<RefreshReply>;
}
