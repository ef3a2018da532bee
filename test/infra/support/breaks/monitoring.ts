import { Dashboard } from '../dashboards';
import {
  alertProblems,
  alertsIn,
  configProblems,
  dashboardProblems,
  misfires,
  rulesProblems,
  untold,
} from '../file-rules/monitoring';
import { FileBreak, SpoiledTree } from './tree';

const RULES = 'deploy/monitoring/rules';
const ALERTS = `${RULES}/alerts.yml`;
const RUNBOOKS = 'deploy/monitoring/runbooks';
const OVERVIEW = 'deploy/monitoring/dashboards/chartly-overview.json';

/** An alert of a spoiled folder, as the tests look at it. */
const alert = (tree: SpoiledTree): string[] =>
  alertsIn(tree.at(RULES)).flatMap((one) => alertProblems(one, tree.at(RUNBOOKS)));

function dashboard(tree: SpoiledTree, before: string | RegExp, after: string): string[] {
  tree.change(OVERVIEW, before, after);
  return dashboardProblems(JSON.parse(tree.read(OVERVIEW)) as Dashboard);
}

/** The rules of monitoring. */
export const MONITORING_BREAKS: readonly FileBreak[] = [
  [
    27,
    'a rule that is no PromQL',
    (tree) => {
      tree.change(ALERTS, 'expr: up == 0', 'expr: up === 0');
      return rulesProblems(tree.at(RULES));
    },
  ],
  [
    27,
    'an alert that never fires',
    (tree) => {
      tree.change(ALERTS, 'expr: up == 0', 'expr: up == 2');
      return misfires(tree.at(RULES), 'ChartlyTargetDown');
    },
  ],
  [
    27,
    'an alert that fires too early',
    (tree) => {
      tree.change(ALERTS, 'expr: up == 0', 'expr: up >= 0');
      return misfires(tree.at(RULES), 'ChartlyTargetDown');
    },
  ],
  [27, 'a configuration that Prometheus does not know', () => configProblems('global: { scrape_every: 15s }\n')],
  [
    28,
    'an alert that does not wait',
    (tree) => {
      tree.change(ALERTS, /^ {8}for: 5m\n/m, '');
      return alert(tree);
    },
  ],
  [
    28,
    'an alert of no urgency',
    (tree) => {
      tree.change(ALERTS, 'severity: ticket', 'severity: some');
      return alert(tree);
    },
  ],
  [
    28,
    'an alert without a summary',
    (tree) => {
      tree.change(ALERTS, /^ {10}summary: .*\n/m, '');
      return alert(tree);
    },
  ],
  [
    28,
    'an alert without its runbook',
    (tree) => {
      tree.remove(`${RUNBOOKS}/target-down.md`);
      return alert(tree);
    },
  ],
  [
    28,
    'a runbook that does not say what to do',
    (tree) => {
      tree.change(`${RUNBOOKS}/target-down.md`, '**What to do.**', '');
      return untold(tree.read(`${RUNBOOKS}/target-down.md`));
    },
  ],
  [29, 'a dashboard that can be edited', (tree) => dashboard(tree, '"editable":false', '"editable":true')],
  [29, 'a panel without a unit', (tree) => dashboard(tree, /"unit":"[^"]*"/, '"decimals":1')],
  [29, 'a panel that is not described', (tree) => dashboard(tree, /("panels":[^]*?"description":)"[^"]*"/, '$1""')],
  [
    29,
    'a panel with a datasource of its own',
    (tree) => dashboard(tree, /("panels":[^]*?"uid":)"\$\{datasource\}"/, '$1"mine"'),
  ],
  [29, 'a rate over a fixed window', (tree) => dashboard(tree, '[$__rate_interval]', '[5m]')],
  [29, 'a dashboard without the variable job', (tree) => dashboard(tree, '"name":"job"', '"name":"service"')],
  [29, 'a dashboard without a fixed uid', (tree) => dashboard(tree, '"uid":"chartly-overview"', '"uid":""')],
];
