import { join } from 'node:path';
import { yaml } from '#deploy/generate/yaml';
import { ROOT } from '../../support/paths';
import { KubeObject, objectsOf } from './objects';
import { attempt, CACHE, Ran } from './tools';

export const CHART = join(ROOT, 'deploy', 'helm', 'chartly');
export const HELMS = ['helm3', 'helm4'] as const;
export type Helm = (typeof HELMS)[number];

/** How the chart may be installed: files of values, and values on top of them. */
export interface Install {
  readonly files?: readonly string[];
  readonly values?: object;
  /** Another chart than ours. */
  readonly chart?: string;
}

/** The sizes, each with the policies and without. */
export const INSTALLS: Readonly<Record<string, Install>> = Object.fromEntries([
  ['values.yaml', {}],
  ['values-policies.yaml', { files: ['values-policies.yaml'] }],
  ...['dev', 'staging', 'production'].flatMap((size) => [
    [`values-${size}.yaml`, { files: [`values-${size}.yaml`] }],
    [`values-${size}.yaml with policies`, { files: [`values-${size}.yaml`, 'values-policies.yaml'] }],
  ]),
]) as Record<string, Install>;

const helm = (which: Helm, ...args: readonly string[]): string[] => [join(CACHE, which, 'helm', 'helm'), ...args];

function run([command, ...args]: string[], { files = [], values, chart = CHART }: Install): Ran {
  const given = files.flatMap((file) => ['-f', join(chart, file)]);
  const more = values === undefined ? [] : ['-f', '-'];
  return attempt(command!, [...args, ...given, ...more], {
    input: values === undefined ? undefined : yaml(values),
  }); // a command is its first word
}

export const lint = (which: Helm, install: Install): Ran =>
  run(helm(which, 'lint', '--strict', install.chart ?? CHART), install);

export const tryTemplate = (which: Helm, install: Install, release = 'chartly'): Ran =>
  run(helm(which, 'template', release, install.chart ?? CHART, '--namespace', 'chartly'), install);

/** What the chart makes. Throws with what Helm said when it refuses. */
export function template(install: Install, which: Helm = 'helm4', release = 'chartly'): string {
  const { status, stdout, stderr } = tryTemplate(which, install, release);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** What Helm 4 tells who installed it; Helm 3 wants a cluster for that. */
export function notes(install: Install): string {
  const dry = helm('helm4', 'install', 'chartly', CHART, '--namespace', 'chartly', '--dry-run=client');
  const { status, stdout, stderr } = run(dry, install);
  if (status !== 0) throw new Error(stderr);
  return stdout.slice(stdout.indexOf('\nNOTES:\n'));
}

export const rendered = (install: Install, release = 'chartly'): KubeObject[] =>
  objectsOf(template(install, 'helm4', release));
