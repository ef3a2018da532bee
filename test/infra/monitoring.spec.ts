import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadComponents } from '#deploy/generate/components';
import { ALERTS, BURN_ALERTS } from '#deploy/generate/monitoring/alerts';
import { scrapeConfig } from '#deploy/generate/monitoring/prometheus';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { ALERT_CASES, burning } from './support/alert-cases';
import { dashboards, expressionsOf, panelsOf, withoutVariables } from './support/dashboards';
import { describeWithTools, run } from './support/tools';

const MONITORING = join(ROOT, 'deploy', 'monitoring');
const RULES = join(MONITORING, 'rules');
const RULE_FILES = readdirSync(RULES).map((name) => join(RULES, name));
const ALL = [...ALERTS, ...BURN_ALERTS];

describe('rule 28: an alert', () => {
  const runbooks = readdirSync(join(MONITORING, 'runbooks'));

  it.each(ALL.map((alert) => [alert.name, alert] as const))(
    '%s says how long, how urgent, what, and what to do',
    (_, alert) => {
      expect(alert.for).toMatch(/^\d+[mh]$/);
      expect(['page', 'ticket']).toContain(alert.severity);
      expect(alert.summary.length).toBeGreaterThan(10);
      expect(alert.description).toMatch(/\.$/);
      expect(runbooks).toContain(`${alert.runbook}.md`);
    },
  );

  it('is there for every runbook, and each says what it means, what users see and what to do', () => {
    expect(runbooks.sort()).toEqual([...new Set(ALL.map(({ runbook }) => `${runbook}.md`))].sort());
    for (const file of runbooks) {
      const text = readFileSync(join(MONITORING, 'runbooks', file), 'utf8');
      for (const part of ['**What it means.**', '**What users see.**', '**What to do.**']) expect(text).toContain(part);
    }
  });

  it('has a case in which it fires and one in which it does not', () => {
    expect(Object.keys(ALERT_CASES).sort()).toEqual(ALERTS.map(({ name }) => name).sort());
  });
});

describeWithTools('Prometheus', ['promtool'], () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'chartly-promtool-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const write = (name: string, value: unknown): string => {
    const file = join(scratch, name);
    writeFileSync(file, typeof value === 'string' ? value : stringify(value));
    return file;
  };

  it('rule 27: takes the configuration of compose and of the cluster', () => {
    for (const suffix of ['', '-pods']) {
      const text = scrapeConfig(loadComponents(ROOT), { hostOf: (name) => `${name}${suffix}`, rulesFolder: RULES });
      run('promtool', ['check', 'config', write(`prometheus${suffix}.yml`, text)]);
    }
  });

  it('rule 27: takes the rules', () => {
    run('promtool', ['check', 'rules', ...RULE_FILES]);
  });

  it('rule 31: scrapes the nine', () => {
    const { scrape_configs: jobs } = parse(readFileSync(join(ROOT, 'deploy', 'compose', 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { job_name: string }[];
    };
    expect(jobs.map(({ job_name }) => job_name).sort()).toEqual([...SERVICES].sort());
  });

  it.each(Object.keys(ALERT_CASES))('rule 27: %s fires when it should and not otherwise', (name) => {
    const cases = Object.entries(ALERT_CASES[name]!).map(([outcome, series]) => ({
      name: `${name} ${outcome}`,
      interval: '1m',
      input_series: inputs(series as Record<string, string>),
      promql_expr_test: [firing(name, '59m', outcome === 'fires')],
    }));
    run('promtool', [
      'test',
      'rules',
      write(`${name}.yml`, { rule_files: [join(RULES, 'alerts.yml')], evaluation_interval: '1m', tests: cases }),
    ]);
  });

  it('rule 27: every budget that burns is told of at each speed, and none that does not', () => {
    const tests = [50, 0].map((bad) => ({
      name: `${bad}% bad`,
      interval: '1m',
      input_series: inputs(burning(bad)),
      promql_expr_test: BURN_ALERTS.map(({ name }) => firing(name, '90h', bad > 0)),
    }));
    run('promtool', [
      'test',
      'rules',
      write('burn.yml', {
        rule_files: ['recording.yml', 'slo.yml'].map((name) => join(RULES, name)),
        evaluation_interval: '30m',
        group_eval_order: GROUPS, // ratios first: promtool keeps no order of its own
        tests,
      }),
    ]);
  });

  it('can read every expression of every dashboard', () => {
    const rules = dashboards().flatMap((dashboard) =>
      expressionsOf(dashboard).map((expr, at) => ({
        record: `check:${dashboard.uid.replaceAll('-', '_')}_${at}`,
        expr: withoutVariables(expr),
      })),
    );
    run('promtool', ['check', 'rules', write('expressions.yml', { groups: [{ name: 'expressions', rules }] })]);
  });
});

describe('rule 29: a dashboard', () => {
  const all = dashboards();

  it('is there for the overview, each plane, each engine and each role', () => {
    expect(all.map(({ uid }) => uid).sort()).toEqual(
      [
        'chartly-overview',
        'chartly-plane-control',
        'chartly-plane-data',
        ...['postgres', 'queue', 'events', 'objects'].map((engine) => `chartly-engine-${engine}`),
        ...SERVICES.map((service) => `chartly-role-${service}`),
      ].sort(),
    );
  });

  it.each(all.map((dashboard) => [dashboard.uid, dashboard] as const))(
    '%s is as the linter wants it',
    (uid, dashboard) => {
      expect(dashboard.editable).toBe(false);
      expect(dashboard.title.length * dashboard.description.length).toBeGreaterThan(0);
      expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
      expect(uid.length).toBeLessThanOrEqual(40);
      const panels = panelsOf(dashboard);
      expect(panels.length).toBeGreaterThan(0);
      for (const { title, description, datasource, fieldConfig, targets } of panels) {
        expect([title, description!.length > 20]).toEqual([title, true]);
        expect([title, typeof fieldConfig!.defaults.unit]).toEqual([title, 'string']);
        expect([title, datasource!.uid]).toEqual([title, '${datasource}']);
        for (const { expr, legendFormat } of targets!) {
          expect([title, legendFormat.length > 0]).toEqual([title, true]);
          expect([title, /(?:rate|increase)\([^[]*\[(?!\$__rate_interval)/.test(expr)]).toEqual([title, false]);
        }
      }
      const ids = dashboard.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it('shows for each role rate, errors and duration, and what its processes use', () => {
    for (const service of SERVICES) {
      const titles = panelsOf(all.find(({ uid }) => uid === `chartly-role-${service}`)!).map(({ title }) => title);
      expect(titles).toEqual(expect.arrayContaining(['Rate', 'Errors', 'Duration', 'CPU', 'Memory', 'Event loop lag']));
    }
  });
});

const GROUPS = ['chartly-slo-short', 'chartly-slo-long', 'chartly-slo-burn', 'chartly-requests', 'chartly-slo-alerts'];

const inputs = (series: Record<string, string>): object[] =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

const firing = (name: string, at: string, fires: boolean): object => ({
  expr: `sum(ALERTS{alertname="${name}", alertstate="firing"}) > bool 0`,
  eval_time: at,
  exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
});
