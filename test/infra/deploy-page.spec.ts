import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { componentsOf, loadComponents } from '#deploy/generate/components';
import { chartValues } from '#deploy/generate/helm/values';
import { rowsOf } from '#deploy/generate/helm/fields';
import { ROOT } from '../support/paths';
import { attempt } from './support/tools';

const PAGE = join(ROOT, 'docs', 'deploy.md');
const text = readFileSync(PAGE, 'utf8');
const deployment = loadComponents(ROOT);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const found = (pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([, part]) => part!))]; // one group each
/** The first number of what a row of a table says in its second column. */
const figure = (row: string): number => {
  const cell = new RegExp(`^\\| ${row} \\|[^|0-9]*([0-9][0-9,]*)`, 'm').exec(text)?.[1];
  if (cell === undefined) throw new Error(`docs/deploy.md has no figure for "${row}".`);
  return Number(cell.replaceAll(',', ''));
};
const written = (value: number): string => value.toLocaleString('en');

describe('docs/deploy.md', () => {
  it('tells of the three flows, of sizes, of backups, of a drill and of what comes after one cluster', () => {
    const parts = found(/^##+ (.+)$/gm);
    for (const part of [
      'Flow 1: raw manifests',
      'Flow 2: Helm',
      'Flow 3: Terraform, then Helm',
      'Sizing',
      'The formula',
    ])
      expect(parts).toContain(part);
    for (const part of ['Rollouts and upgrades', 'Backup and restore', 'Disaster drill', 'Past one cluster'])
      expect(parts).toContain(part);
  });

  it('names files and folders that are there', () => {
    const links = found(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g).map((link) => join(dirname(PAGE), link));
    const named = found(/(?<![\w./-]|scale )((?:deploy|terraform|test)\/[\w./-]*[\w-])/g).map((path) =>
      join(ROOT, path),
    );
    expect([...links, ...named].filter((path) => !existsSync(path))).toEqual([]);
    expect(links.length).toBeGreaterThan(3);
    expect(named.length).toBeGreaterThan(5);
  });

  it.each(found(/npx chartly ((?:infra )?[a-z]+)/g))('calls a command that there is: chartly %s', (command) => {
    const { status, stdout } = attempt(process.execPath, [
      join(ROOT, 'bin', 'chartly.js'),
      ...command.split(' '),
      '--help',
    ]);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`chartly ${command}`)]);
  });

  it('calls scripts that there are', () => {
    expect(found(/npm run ([a-z:]+)/g).filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names values that the chart has', () => {
    const paths = rowsOf(chartValues(deployment)).map(({ path }) => path);
    const named = found(/`((?:components|engines|networkPolicies|ingress|config)\.[\w.]+)/g);
    const known = (value: string): boolean =>
      paths.some((path) => path === value || path.startsWith(`${value}.`)) || value.startsWith('config.CHARTLY_');
    expect(named.filter((value) => !known(value))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });

  it('gives for each component the resources that it is shipped with', () => {
    const amount = (quantity: string): string => quantity.replace(/^(\d+)([MG]i)$/, '$1 $2B');
    for (const [name, { resources }] of componentsOf(deployment)) {
      const cpu = Number.parseInt(resources.requests.cpu, 10) / 1_000;
      const [least, most] = [amount(resources.requests.memory), amount(resources.limits.memory)];
      const memory = `${least.slice(-3) === most.slice(-3) ? least.slice(0, -4) : least} to ${most}`;
      expect(text).toContain(`| ${name} | ${cpu} | ${memory} |`);
    }
  });

  it('names every Secret that pods read', () => {
    const secrets = [...Object.values(deployment.engines), ...Object.values(deployment.secrets)].map(
      ({ secret }) => secret,
    );
    expect([...new Set(secrets)].filter((secret) => !text.includes(`\`${secret}\``))).toEqual([]);
  });

  it('draws from its figures what follows from them', () => {
    const [endToEnd, inbox] = [figure('end to end, all nine roles in one process'), figure('inbox commit')];
    expect(text).toContain(`\`e < E / 2\`: ${written(endToEnd / 2)} events/s`);
    expect(text).toContain(`\`e < D / 2\`: ${written(endToEnd / 2)} events/s`);
    expect(text).toContain(`one DuckDB writer, ${written(endToEnd / 2)} events/s a dataset`);
    expect(text).toContain(
      `batches of 1,000 carry ${written((inbox / 2) * 1_000)} events/s, single events ${inbox / 2}.`,
    );
    expect(text).toContain(`one Postgres inbox, ${inbox / 2} batches/s`);
    const minutes = (512 * 2 ** 20) / (10_000 * 131) / 60;
    expect(text).toContain(`512 MiB is ${minutes.toFixed(1)} minutes at 10,000 events/s`);
  });
});
