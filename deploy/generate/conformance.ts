import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { componentsOf, Deployment } from './components';

/** `docs/conformance.md`: rule x component x evidence, with reasoned exemptions. */
interface Exemption {
  readonly rule: number;
  readonly component: string;
  readonly finding: string;
  readonly reason: string;
}

/** Rules that each component is held to by itself; the others are about the whole. */
const BY_COMPONENT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 17];
const TESTS = ['test', 'infra'];

export function conformance(root: string, deployment: Deployment): string {
  const read = <T>(file: string): T => parse(readFileSync(join(root, 'deploy', file), 'utf8')) as T; // our own files
  const { rules } = read<{ rules: Record<string, string> }>('rules.yaml');
  const { exemptions } = read<{ exemptions: Exemption[] }>('exemptions.yaml');
  const evidence = testsByRule(root);
  const breaks = breaksByRule(root);
  const components = [...componentsOf(deployment).map(([name]) => name), 'prometheus', 'grafana', 'migration'];
  const exempt = (rule: number, component: string): number[] =>
    exemptions.flatMap((one, at) =>
      one.rule === rule && (one.component === component || one.component === '*') ? [at + 1] : [],
    );
  const mark = (rule: number, component: string): string => {
    const notes = exempt(rule, component);
    return notes.length > 0 ? `yes, but [${notes.join(', ')}]` : 'yes';
  };
  return `# Conformance

Made by \`npm run deploy:generate\` from [\`deploy/rules.yaml\`](../deploy/rules.yaml), [\`deploy/exemptions.yaml\`](../deploy/exemptions.yaml) and the tests in [\`test/infra\`](../test/infra). \`npm run test:infra\` runs them; each names the rule that it holds. \`mutations.spec.ts\` breaks every rule, each way in the last column once, in a render or in a copy of the files, and sees that the same check that the tests make notices; rule 30, which wants running processes, is broken in \`executed-manifests.spec.ts\`.

## Rules and their evidence

| rule | what it says | tests | broken by |
|---|---|---|---|
${Object.entries(rules)
  .map(
    ([rule, says]) =>
      `| ${rule} | ${says} | ${(evidence.get(Number(rule)) ?? []).map((file) => `\`${file}\``).join(', ')} | ${(breaks.get(Number(rule)) ?? []).join('; ')} |`,
  )
  .join('\n')}

## By component

Numbers in brackets are exemptions, below.

| component | ${BY_COMPONENT.map((rule) => `${rule}`).join(' | ')} |
|---|${BY_COMPONENT.map(() => '---').join('|')}|
${components.map((name) => `| ${name} | ${BY_COMPONENT.map((rule) => mark(rule, name)).join(' | ')} |`).join('\n')}

## Exemptions

${exemptions.map(({ rule, component, finding, reason }, at) => `${at + 1}. Rule ${rule}, ${component === '*' ? 'all components' : component}${finding === '' ? '' : ` ("${finding}")`}: ${reason}`).join('\n')}
`;
}

/** The test files that name each rule in what they say. */
function testsByRule(root: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const folder = join(root, ...TESTS);
  const files = readdirSync(folder).filter((name) => name.endsWith('.spec.ts'));
  for (const file of files.sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const rule of rulesNamedIn(text)) found.set(rule, [...(found.get(rule) ?? []), file]);
  }
  return found;
}

/** The ways in which each rule is broken: rows of `[rule, 'how', ...]`, and tests that say `rule 5 is seen: how`. */
function breaksByRule(root: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const folder = join(root, ...TESTS, 'support', 'breaks');
  const rows = readdirSync(folder)
    .sort()
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/\[\s*(\d+),\s*'([^']+)',/g)]);
  const live = readFileSync(join(root, ...TESTS, 'executed-manifests.spec.ts'), 'utf8');
  for (const [, rule, how = ''] of [...rows, ...live.matchAll(/'rule (\d+) is seen: ([^']+)'/g)])
    found.set(Number(rule), [...(found.get(Number(rule)) ?? []), how]);
  return found;
}

/** `rule 5: ...`, `rules 23 to 26: ...`, `rules 1 and 2: ...`, and `rule %i` in files that run them all. */
function rulesNamedIn(text: string): Set<number> {
  const rules = new Set<number>();
  for (const [, from, word, to] of text.matchAll(/rules? (\d+)(?: (to|and) (\d+))?:/g)) {
    const last = to === undefined ? Number(from) : Number(to);
    const step = word === 'to' ? 1 : Math.max(1, last - Number(from));
    for (let rule = Number(from); rule <= last; rule += step) rules.add(rule);
  }
  if (/rule %i/.test(text)) for (const rule of OF_RENDERS) rules.add(rule);
  return rules;
}

/** What a file that runs all rules of a render runs. */
const OF_RENDERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 31, 32];
