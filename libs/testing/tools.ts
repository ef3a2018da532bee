import { spawnSync } from 'node:child_process';

/** A suite that needs a program of the machine; skipped, with the reason in its name, where there is none. */
export function describeWithTool(tool: string, name: string, suite: () => void): void {
  const found = spawnSync(tool, ['--version']).error === undefined;
  if (found) describe(name, suite);
  else describe.skip(`${name} [skipped: ${tool} is not installed]`, suite);
}
