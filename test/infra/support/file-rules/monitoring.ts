import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { BURN_ALERTS } from '#deploy/generate/monitoring/alerts';
import { ALERT_CASES, burning } from '../alert-cases';
import { Dashboard, panelsOf } from '../dashboards';
import { attempt } from '../tools';

/** An alert as Prometheus is given it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly description?: string; readonly runbook?: string };
}

/** The alerts of a folder of rules. */
export const alertsIn = (rules: string): Alert[] =>
  readdirSync(rules).flatMap((file) => {
    const { groups } = parse(readFileSync(join(rules, file), 'utf8')) as { groups: { rules: Partial<Alert>[] }[] }; // our own
    return groups.flatMap((group) => group.rules.filter((rule): rule is Alert => rule.alert !== undefined));
  });

function promtool(args: readonly string[]): string[] {
  const { status, stdout, stderr } = attempt('promtool', args);
  return status === 0 ? [] : [`promtool ${args.slice(0, 2).join(' ')}: ${stderr}${stdout}`];
}

/** Asks promtool about a text, by the file that it stands in. */
function about(text: string, ask: (file: string) => string[]): string[] {
  const scratch = mkdtempSync(join(tmpdir(), 'chartly-promtool-'));
  try {
    const file = join(scratch, 'given.yml');
    writeFileSync(file, text);
    return ask(file);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Rule 27: what promtool has against a configuration of Prometheus. */
export const configProblems = (text: string): string[] => about(text, (file) => promtool(['check', 'config', file]));

/** Rule 27: what promtool has against rules, as a text or as a folder of files. */
export const writtenRulesProblems = (text: string): string[] =>
  about(text, (file) => promtool(['check', 'rules', file]));
export const rulesProblems = (rules: string): string[] =>
  promtool(['check', 'rules', ...readdirSync(rules).map((name) => join(rules, name))]);

/** Rule 27: whether an alert keeps silent where it should fire, or fires where it should not. */
export function misfires(rules: string, name: string): string[] {
  const tests = Object.entries(ALERT_CASES[name]!).map(([outcome, series]) => ({
    name: `${name} ${outcome}`,
    interval: '1m',
    input_series: inputs(series as Record<string, string>),
    promql_expr_test: [firing(name, '59m', outcome === 'fires')],
  }));
  const asked = { rule_files: [join(rules, 'alerts.yml')], evaluation_interval: '1m', tests };
  return about(stringify(asked), (file) => promtool(['test', 'rules', file]));
}

/** Rule 27: the same of the budgets of the SLOs, at each speed of their burning. */
export function burnMisfires(rules: string): string[] {
  const tests = [50, 0].map((bad) => ({
    name: `${bad}% bad`,
    interval: '1m',
    input_series: inputs(burning(bad)),
    promql_expr_test: BURN_ALERTS.map(({ name }) => firing(name, '90h', bad > 0)),
  }));
  const asked = {
    rule_files: ['recording.yml', 'slo.yml'].map((name) => join(rules, name)),
    evaluation_interval: '30m',
    group_eval_order: GROUPS, // ratios first: promtool keeps no order of its own
    tests,
  };
  return about(stringify(asked), (file) => promtool(['test', 'rules', file]));
}

/** Rule 28: what an alert does not say. `runbooks`: the folder of theirs. */
export function alertProblems({ for: lasts, labels, annotations }: Alert, runbooks: string): string[] {
  const there = readdirSync(runbooks);
  return [
    ...(/^\d+[mh]$/.test(lasts ?? '') ? [] : ['does not say how long']),
    ...(['page', 'ticket'].includes(labels?.severity ?? '') ? [] : ['does not say how urgent']),
    ...((annotations?.summary?.length ?? 0) > 10 ? [] : ['does not say what']),
    ...(annotations?.description?.endsWith('.') ? [] : ['does not describe it']),
    ...(there.includes(basename(annotations?.runbook ?? '')) ? [] : ['has no runbook']),
  ];
}

/** Rule 28: what a runbook does not tell. */
export const untold = (text: string): string[] =>
  ['**What it means.**', '**What users see.**', '**What to do.**'].filter((part) => !text.includes(part));

/** Rule 29: what the linter has against a dashboard. */
export function dashboardProblems(dashboard: Dashboard): string[] {
  const { editable, title, description, templating, uid, panels } = dashboard;
  const variables = templating.list.map(({ name }) => name).join(', ');
  return [
    ...(editable ? ['can be edited'] : []),
    ...(title.length * description.length > 0 ? [] : ['has no title or description']),
    ...(variables === 'datasource, job, instance' ? [] : [`has the variables ${variables}`]),
    ...(/^chartly-[a-z-]{1,32}$/.test(uid ?? '') ? [] : ['has no fixed uid']),
    ...(new Set(panels.map(({ id }) => id)).size === panels.length ? [] : ['has two panels of one id']),
    ...(panelsOf(dashboard).length > 0 ? [] : ['is empty']),
    ...panelsOf(dashboard).flatMap((panel) => panelProblems(panel).map((problem) => `"${panel.title}" ${problem}`)),
  ];
}

function panelProblems({
  title,
  description,
  datasource,
  fieldConfig,
  targets = [],
}: Dashboard['panels'][number]): string[] {
  const fixed = targets.filter(({ expr }) => /(?:rate|increase)\([^[]*\[(?!\$__rate_interval)/.test(expr));
  return [
    ...(title.length > 0 ? [] : ['has no title']),
    ...((description?.length ?? 0) > 20 ? [] : ['is not described']),
    ...(typeof fieldConfig?.defaults.unit === 'string' ? [] : ['has no unit']),
    ...(datasource?.uid === '${datasource}' ? [] : ['asks a datasource of its own']),
    ...(targets.every(({ legendFormat }) => legendFormat.length > 0) ? [] : ['has a series without a name']),
    ...(fixed.length === 0 ? [] : ['rates over a fixed window']),
  ];
}

const GROUPS = ['chartly-slo-short', 'chartly-slo-long', 'chartly-slo-burn', 'chartly-requests', 'chartly-slo-alerts'];

const inputs = (series: Record<string, string>): object[] =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

const firing = (name: string, at: string, fires: boolean): object => ({
  expr: `sum(ALERTS{alertname="${name}", alertstate="firing"}) > bool 0`,
  eval_time: at,
  exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
});
