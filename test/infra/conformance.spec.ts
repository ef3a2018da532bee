import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { EXEMPTIONS } from './support/exemptions';
import { RULES } from './support/rules';

const page = readFileSync(join(ROOT, 'docs', 'conformance.md'), 'utf8');
const { rules } = parse(readFileSync(join(ROOT, 'deploy', 'rules.yaml'), 'utf8')) as { rules: Record<string, string> };

describe('docs/conformance.md', () => {
  it('knows 32 rules, and each has a test that names it', () => {
    expect(Object.keys(rules).map(Number)).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
    for (const rule of Object.keys(rules))
      expect(page).toMatch(new RegExp(`^\\| ${rule} \\| .* \\| \`[^|]+\` \\|$`, 'm'));
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
