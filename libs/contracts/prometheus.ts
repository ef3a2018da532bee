import { ArrayMaxSize, IsArray, IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import { IsName, IsShortText } from './fields';

/** Points of one series that an answer holds at most, as Prometheus has it. */
export const PROMETHEUS_STEPS_MAX = 11_000;

/** A PromQL expression over a range of times; one time where both ends are the same. Unit: milliseconds since 1970. */
export class PrometheusQuery {
  @IsName() project: string;
  @IsShortText(10_000) query: string;
  @IsInt() startMs: number;
  @IsInt() endMs: number;
  @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) stepMs: number;
}

export type Labels = Readonly<Record<string, string>>;

/** A value as `[seconds, text]`, as Prometheus writes it. */
export type PrometheusPoint = readonly [number, string];

export interface PrometheusSeries {
  readonly metric: Labels;
  readonly values: readonly PrometheusPoint[];
}

export class PrometheusAnswer {
  @IsIn(['scalar', 'vector']) kind: 'scalar' | 'vector';
  /** A scalar is one series without labels. */
  @IsArray() series: readonly PrometheusSeries[];
}

export class PrometheusSelection {
  @IsName() project: string;
  /** Selectors like `up{job="api"}`; every series when there are none. */
  @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) matches: string[];
  @IsInt() startMs: number;
  @IsInt() endMs: number;
}

export class PrometheusLabels {
  @IsArray() series: readonly Labels[];
}
