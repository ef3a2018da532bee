import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { CHART_BREAKS } from './support/breaks/chart';
import { MONITORING_BREAKS } from './support/breaks/monitoring';
import { RENDER_BREAKS } from './support/breaks/renders';
import { TERRAFORM_BREAKS } from './support/breaks/terraform';
import { EXEMPTIONS } from './support/exemptions';
import { RULES } from './support/rules';

const page = readFileSync(join(ROOT, 'docs', 'conformance.md'), 'utf8');
const { rules } = parse(readFileSync(join(ROOT, 'deploy', 'rules.yaml'), 'utf8')) as { rules: Record<string, string> };
/** In the order of their files. */
const BREAKS = [...CHART_BREAKS, ...MONITORING_BREAKS, ...RENDER_BREAKS, ...TERRAFORM_BREAKS];

describe('docs/conformance.md', () => {
  it('knows 32 rules, and each has a test that names it', () => {
    expect(Object.keys(rules).map(Number)).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
    for (const rule of Object.keys(rules))
      expect(page).toMatch(new RegExp(`^\\| ${rule} \\| .* \\| \`[^|]+\` \\| [^|]{10,} \\|$`, 'm'));
  });

  it('names every way in which a rule is broken, and no other', () => {
    const told = Object.keys(rules).map((rule) => [
      Number(rule),
      new RegExp(`^\\| ${rule} \\|.*\\| ([^|]+) \\|$`, 'm').exec(page)?.[1]?.split('; '),
    ]);
    const broken = Object.keys(rules).map((rule) => [
      Number(rule),
      BREAKS.flatMap(([of, how]) => (of === Number(rule) ? [how] : [])),
    ]);
    const live = [30, ['a panel about a metric that nobody serves']];
    expect(told).toEqual(broken.map((row) => (row[0] === live[0] ? live : row)));
  });

  it('has a row for every component', () => {
    for (const service of SERVICES) expect(page).toMatch(new RegExp(`^\\| ${service} \\| yes`, 'm'));
  });

  it('gives a reason for every exemption, each of a rule that there is', () => {
    for (const { rule, reason } of EXEMPTIONS) {
      expect(reason.length).toBeGreaterThan(30);
      expect(rules[rule] ?? RULES[rule]).toBeDefined();
      expect(page).toContain(reason.trim());
    }
  });
});
