import { attributesOf, OtlpOrigin, originOf, resourceOf } from './otlp-attributes';
import {
  countOf,
  doubleOf,
  listOf,
  objectOf,
  OtlpEncoding,
  otlpMalformed,
  readOtlp,
  textOf,
  Wire,
  wideOf,
} from './otlp-request';
import { METRICS_REQUEST } from './otlp.schema';
import { measured, rfc3339FromNanos } from './numbers';
import { jsonBytesOf, OutputBudget } from './output-budget';
import { digestOf } from './series';

const KINDS = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
} as const;
type Kind = keyof typeof KINDS;

/** AggregationTemporality by its number, or by its name as JSON may write it. */
const TEMPORALITY: Readonly<Record<string, string>> = {
  1: 'delta',
  2: 'cumulative',
  AGGREGATION_TEMPORALITY_DELTA: 'delta',
  AGGREGATION_TEMPORALITY_CUMULATIVE: 'cumulative',
};
/** DataPointFlags: the series has no value here. */
const NO_RECORDED_VALUE = 1;

/**
 * The data points of an OTLP metrics request, each a record: `kind`, `name`, `unit`, `time`, `labels`, `resource`,
 * `scope`, `series` (the same for the same metric, labels, resource and scope) and what its kind measures. Throws
 * BadRequest `events.malformed`, and PayloadTooLarge `events.too_large` for what would become more than `maxBytes`.
 */
export function metricPointsOf(body: Uint8Array, encoding: OtlpEncoding, maxBytes: number): object[] {
  const budget = new OutputBudget(maxBytes);
  return listOf(readOtlp(METRICS_REQUEST, body, encoding).resourceMetrics).flatMap(({ resource, scopeMetrics }) => {
    const { attributes, bytes } = resourceOf(resource);
    return listOf(scopeMetrics).flatMap(({ scope, metrics }) => {
      const origin = originOf(attributes, scope);
      const originBytes = bytes + jsonBytesOf(origin.scope);
      return listOf(metrics).flatMap((metric) =>
        pointsOf(metric, origin, (common, points) => budget.take(originBytes + jsonBytesOf(common), points)),
      );
    });
  });
}

/** Counts points before they are read, each of which repeats `common`. */
type Take = (common: object, points: number) => void;

function pointsOf(metric: Wire, origin: OtlpOrigin, take: Take): object[] {
  const name = textOf(metric.name);
  if (name === '') throw otlpMalformed('a metric has no name');
  const kind = (Object.keys(KINDS) as Kind[]).find((one) => metric[one] !== undefined); // its own keys
  if (!kind) return [];
  const data = objectOf(metric[kind]);
  const temporality = TEMPORALITY[String(data.aggregationTemporality)];
  const common = {
    kind: KINDS[kind],
    name,
    ...(textOf(metric.unit) === '' ? {} : { unit: textOf(metric.unit) }),
    ...(temporality === undefined ? {} : { temporality }),
    ...(kind === 'sum' ? { monotonic: data.isMonotonic === true } : {}),
  };
  const points = listOf(data.dataPoints);
  take(common, points.length);
  return points.map((point) => {
    const labels = attributesOf(point.attributes);
    const time = rfc3339FromNanos(wideOf(point.timeUnixNano));
    if (time === undefined) throw otlpMalformed(`a data point of "${name}" has no time`);
    const start = rfc3339FromNanos(wideOf(point.startTimeUnixNano));
    const isStale = (Number(wideOf(point.flags)) & NO_RECORDED_VALUE) !== 0;
    return {
      ...common,
      time,
      ...(start === undefined ? {} : { start_time: start }),
      labels,
      ...origin,
      series: digestOf([name, KINDS[kind], labels, origin]),
      ...(isStale ? { value: null, special: 'stale' } : MEASURES[kind](point)),
    };
  });
}

const ifGiven = (name: string, value: unknown): object =>
  value === undefined || value === null ? {} : { [name]: measured(doubleOf(value)).value };

const MEASURES: Readonly<Record<Kind, (point: Wire) => object>> = {
  gauge: numberOf,
  sum: numberOf,
  histogram: (point) => ({
    count: countOf(point.count),
    ...ifGiven('sum', point.sum),
    ...ifGiven('min', point.min),
    ...ifGiven('max', point.max),
    bounds: doubles(point.explicitBounds),
    buckets: counts(point.bucketCounts),
  }),
  exponentialHistogram: (point) => ({
    count: countOf(point.count),
    ...ifGiven('sum', point.sum),
    ...ifGiven('min', point.min),
    ...ifGiven('max', point.max),
    scale: countOf(point.scale),
    zero_count: countOf(point.zeroCount),
    zero_threshold: doubleOf(point.zeroThreshold),
    positive: bucketsOf(point.positive),
    negative: bucketsOf(point.negative),
  }),
  summary: (point) => ({
    count: countOf(point.count),
    sum: measured(doubleOf(point.sum)).value,
    quantiles: listOf(point.quantileValues).map(({ quantile, value }) => ({
      quantile: doubleOf(quantile),
      ...measured(doubleOf(value)),
    })),
  }),
};

function numberOf({ asInt, asDouble }: Wire): object {
  return asInt === undefined ? measured(doubleOf(asDouble)) : { value: countOf(asInt) };
}

function bucketsOf(value: unknown): object {
  const { offset, bucketCounts } = objectOf(value);
  return { offset: countOf(offset), counts: counts(bucketCounts) };
}

const counts = (value: unknown): (number | string)[] => items(value).map(countOf);
const doubles = (value: unknown): number[] => items(value).map(doubleOf);

function items(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw otlpMalformed('a list was expected');
  return value;
}
