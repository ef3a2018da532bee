import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadComponents } from '#deploy/generate/components';
import { ALERTS, BURN_ALERTS } from '#deploy/generate/monitoring/alerts';
import { SLOS } from '#deploy/generate/monitoring/slos';
import { scrapeConfig } from '#deploy/generate/monitoring/prometheus';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { ALERT_CASES } from './support/alert-cases';
import { dashboards, expressionsOf, panelsOf, withoutVariables } from './support/dashboards';
import {
  alertProblems,
  alertsIn,
  burnMisfires,
  configProblems,
  dashboardProblems,
  misfires,
  rulesProblems,
  untold,
  writtenRulesProblems,
} from './support/file-rules/monitoring';
import { describeWithTools } from './support/tools';

const MONITORING = join(ROOT, 'deploy', 'monitoring');
const RULES = join(MONITORING, 'rules');
const RUNBOOKS = join(MONITORING, 'runbooks');
const WRITTEN = alertsIn(RULES);

describe('rule 28: an alert', () => {
  const runbooks = readdirSync(RUNBOOKS);

  it.each(WRITTEN.map((alert) => [alert.alert, alert] as const))(
    '%s says how long, how urgent, what, and what to do',
    (_, alert) => {
      expect(alertProblems(alert, RUNBOOKS)).toEqual([]);
    },
  );

  it('is written for every one that there is', () => {
    const all = [...ALERTS, ...BURN_ALERTS].map(({ name }) => name);
    expect(WRITTEN.map(({ alert }) => alert).sort()).toEqual(all.sort());
  });

  it('is there for every runbook, and each says what it means, what users see and what to do', () => {
    const wanted = [...ALERTS, ...BURN_ALERTS].map(({ runbook }) => `${runbook}.md`);
    expect(runbooks.sort()).toEqual([...new Set(wanted)].sort());
    for (const file of runbooks) expect([file, untold(readFileSync(join(RUNBOOKS, file), 'utf8'))]).toEqual([file, []]);
  });

  it('has a case in which it fires and one in which it does not', () => {
    expect(Object.keys(ALERT_CASES).sort()).toEqual(ALERTS.map(({ name }) => name).sort());
  });
});

describe('the objectives', () => {
  it('are that pushes are taken, found soon, queries fast, and runs in time', () => {
    expect(SLOS.map(({ id }) => id)).toEqual(['accept', 'queryable', 'query', 'run_start']);
  });

  it.each(SLOS.map(({ id }) => id))('tell of %s by a long window and a short one, at several speeds', (id) => {
    const burns = WRITTEN.filter(({ alert }) => alert.startsWith(`ChartlyBudgetBurns_${id}_`));
    const ratio = `slo:${id}:error_ratio(\\w+) > [\\d.]+`;
    const windows = burns.map(({ expr }) => new RegExp(`^${ratio} and ${ratio}$`).exec(expr)?.slice(1));
    expect(windows).toEqual([
      ['1h', '5m'],
      ['6h', '30m'],
      ['1d', '2h'],
      ['3d', '6h'],
    ]);
  });
});

describeWithTools('Prometheus', ['promtool'], () => {
  it('rule 27: takes the configuration of compose and of the cluster', () => {
    for (const suffix of ['', '-pods']) {
      const text = scrapeConfig(loadComponents(ROOT), { hostOf: (name) => `${name}${suffix}`, rulesFolder: RULES });
      expect(configProblems(text)).toEqual([]);
    }
  });

  it('rule 27: takes the rules', () => {
    expect(rulesProblems(RULES)).toEqual([]);
  });

  it('rule 31: scrapes the nine', () => {
    const { scrape_configs: jobs } = parse(readFileSync(join(ROOT, 'deploy', 'compose', 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { job_name: string }[];
    };
    expect(jobs.map(({ job_name }) => job_name).sort()).toEqual([...SERVICES].sort());
  });

  it.each(Object.keys(ALERT_CASES))('rule 27: %s fires when it should and not otherwise', (name) => {
    expect(misfires(RULES, name)).toEqual([]);
  });

  it('rule 27: every budget that burns is told of at each speed, and none that does not', () => {
    expect(burnMisfires(RULES)).toEqual([]);
  });

  it('can read every expression of every dashboard', () => {
    const rules = dashboards().flatMap((dashboard) =>
      expressionsOf(dashboard).map((expr, at) => ({
        record: `check:${dashboard.uid.replaceAll('-', '_')}_${at}`,
        expr: withoutVariables(expr),
      })),
    );
    expect(writtenRulesProblems(stringify({ groups: [{ name: 'expressions', rules }] }))).toEqual([]);
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
    (_, dashboard) => {
      expect(dashboardProblems(dashboard)).toEqual([]);
    },
  );

  it('shows for each role rate, errors and duration, and what its processes use', () => {
    for (const service of SERVICES) {
      const titles = panelsOf(all.find(({ uid }) => uid === `chartly-role-${service}`)!).map(({ title }) => title);
      expect(titles).toEqual(expect.arrayContaining(['Rate', 'Errors', 'Duration', 'CPU', 'Memory', 'Event loop lag']));
    }
  });
});
