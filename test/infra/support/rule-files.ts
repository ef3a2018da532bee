import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../support/paths';

export interface PrometheusRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly PrometheusRule[] }[];
}

const RULES = join(ROOT, 'deploy', 'monitoring', 'rules');

/** Every rule that Prometheus is given. */
export const prometheusRules = (): PrometheusRule[] =>
  readdirSync(RULES).flatMap((file) => {
    const { groups } = parse(readFileSync(join(RULES, file), 'utf8')) as RuleFile; // our own generated file
    return groups.flatMap(({ rules }) => rules);
  });

export const recordedNames = (): string[] => prometheusRules().flatMap(({ record }) => record ?? []);

export const alertExpressions = (): string[] =>
  prometheusRules().flatMap(({ alert, expr }) => (alert === undefined ? [] : [expr]));

/** The names of metrics in an expression. */
export const metricsIn = (expr: string): string[] =>
  [...expr.replaceAll(/"[^"]*"|\[[^\]]*\]/g, '').matchAll(/\b(?:chartly|nodejs|process|slo|job)[_:][a-z0-9_:]+/gi)].map(
    ([name]) => name,
  );

/** The names of all series in what a process serves under /metrics, whether they have had a sample yet or not. */
export const seriesIn = (metrics: string): string[] =>
  [...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
    type === 'histogram'
      ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`)
      : [name!, `${name}_sum`, `${name}_count`],
  );

/** Rule 30: what is asked for and nobody tells of. */
export function unknownMetrics(expressions: readonly string[], series: readonly string[]): string[] {
  const known = new Set([...series, ...recordedNames()]);
  return [...new Set(expressions.flatMap(metricsIn))].filter((name) => !known.has(name));
}
