import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/paths';
import { CHART_BREAKS } from './support/breaks/chart';
import { MONITORING_BREAKS } from './support/breaks/monitoring';
import { everything, RENDER_BREAKS } from './support/breaks/renders';
import { TERRAFORM_BREAKS } from './support/breaks/terraform';
import { FileBreak, SpoiledTree } from './support/breaks/tree';
import { KubeObject } from './support/objects';
import { broken, RULES } from './support/rules';
import { describeUnless, describeWithHelm, missingTools } from './support/tools';

/** Only a live Prometheus can tell that nobody serves a metric: executed-manifests.spec.ts breaks this one. */
const LIVE = [30];

/** Spoils a copy of the files for each break. */
function seen(breaks: readonly FileBreak[]): void {
  let tree: SpoiledTree;
  beforeEach(() => {
    tree = new SpoiledTree();
  });
  afterEach(() => tree.remove());

  it.each(breaks)('rule %i is seen: %s', (_rule, _how, problems) => {
    expect(problems(tree)).not.toEqual([]);
  });
}

it('every rule can be broken', () => {
  const { rules } = parse(readFileSync(join(ROOT, 'deploy', 'rules.yaml'), 'utf8')) as { rules: object };
  const all = [...RENDER_BREAKS, ...CHART_BREAKS, ...TERRAFORM_BREAKS, ...MONITORING_BREAKS].map(([rule]) => rule);
  expect([...new Set([...all, ...LIVE])].sort((one, other) => one - other)).toEqual(Object.keys(rules).map(Number));
});

describeWithHelm('breaking a rule of a render', () => {
  let objects: KubeObject[];
  beforeAll(() => {
    objects = everything();
  });

  it('has not happened yet', () => {
    for (const rule of Object.keys(RULES).map(Number)) expect([rule, broken(rule, objects)]).toEqual([rule, []]);
  });

  it.each(RENDER_BREAKS)('rule %i is seen: %s', (rule, _, spoil) => {
    const spoiled = structuredClone(objects);
    spoil(spoiled);
    expect(broken(rule, spoiled)).not.toEqual([]);
  });
});

describeWithHelm('breaking a rule of the chart', () => seen(CHART_BREAKS));

describeUnless(missingTools(['terraform']), 'breaking a rule of Terraform', () => seen(TERRAFORM_BREAKS));

describeUnless(missingTools(['promtool']), 'breaking a rule of monitoring', () => seen(MONITORING_BREAKS));
