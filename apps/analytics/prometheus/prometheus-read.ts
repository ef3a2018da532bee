import { Injectable } from '@nestjs/common';
import {
  Labels,
  PROMETHEUS_STEPS_MAX,
  PrometheusAnswer,
  PrometheusLabels,
  PrometheusPoint,
  PrometheusQuery,
  PrometheusSelection,
} from '#libs/contracts/prometheus';
import { evaluate, keyOf, LOOKBACK_MS, StoredSeries, Work } from './evaluate';
import { Expression, parsePromQl, parseSelector, promProblem, Selector } from './promql';
import { SampleSets } from './sample-sets';

/** Reads stored samples as Prometheus would. */
@Injectable()
export class PrometheusRead {
  constructor(private readonly sets: SampleSets) {}

  /** Throws BadRequest `promql.unsupported` for what is not answered here, Unprocessable `promql.too_many_samples`, `promql.too_much_work`. */
  async query({ project, query, startMs, endMs, stepMs }: PrometheusQuery): Promise<PrometheusAnswer> {
    if (endMs < startMs) throw promProblem('The end lies before the start.');
    if ((endMs - startMs) / stepMs > PROMETHEUS_STEPS_MAX) {
      throw promProblem(`An answer has at most ${PROMETHEUS_STEPS_MAX} points a series. Take a wider step.`);
    }
    const expression = parsePromQl(query);
    const found = new Map<Selector, readonly StoredSeries[]>();
    for (const selector of selectorsOf(expression)) {
      const back = (selector.rangeMs ?? LOOKBACK_MS) + selector.offsetMs;
      found.set(
        selector,
        await this.sets.series(project, selector.matchers, startMs - back, endMs - selector.offsetMs),
      );
    }
    const series = new Map<string, { metric: Labels; values: PrometheusPoint[] }>();
    const work = new Work();
    let kind: PrometheusAnswer['kind'] = 'vector';
    for (let at = startMs; at <= endMs; at += stepMs) {
      const value = evaluate(expression, at, (selector) => found.get(selector) ?? [], work);
      kind = value.kind;
      const elements = value.kind === 'scalar' ? [{ labels: {}, value: value.value }] : value.elements;
      for (const { labels, value: own } of elements) {
        const key = keyOf(labels);
        const one = series.get(key) ?? { metric: labels, values: [] };
        series.set(key, one);
        if (one.values.at(-1)?.[0] === at / 1_000) throw promProblem('Two series come to the same labels.');
        one.values.push([at / 1_000, textOfNumber(own)]);
      }
    }
    return { kind, series: [...series.values()] };
  }

  async select({ project, matches, startMs, endMs }: PrometheusSelection): Promise<PrometheusLabels> {
    const found = new Map<string, Labels>();
    for (const matchers of matches.length === 0 ? [[]] : matches.map(parseSelector)) {
      for (const { labels } of await this.sets.series(project, matchers, startMs, endMs))
        found.set(keyOf(labels), labels);
    }
    return { series: [...found.values()] };
  }
}

function selectorsOf(expression: Expression): Selector[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'selector':
      return [expression];
    case 'negate':
      return selectorsOf(expression.of);
    case 'call':
      return expression.args.flatMap(selectorsOf);
    case 'aggregate':
      return [...(expression.parameter ? selectorsOf(expression.parameter) : []), ...selectorsOf(expression.of)];
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
  }
}

/** As Go writes a float. */
function textOfNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
