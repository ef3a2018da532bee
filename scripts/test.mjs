/**
 * `npm test`: sets up what is missing, runs every suite, and says last what was skipped and why. `npm run test:infra`
 * does so for the suites of what deploys Chartly, which want tools of their own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const report = join(tmpdir(), `chartly-tests-${process.pid}.json`);
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const infra = process.argv[2] === 'infra';
const given = process.argv.slice(infra ? 3 : 2);
const projects = infra ? ['--selectProjects', 'infra'] : ['--ignoreProjects', 'infra'];
const args = [...given, '--forceExit', '--json', `--outputFile=${report}`, ...projects];
const { status } = spawnSync(process.execPath, [jest, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });

let results;
try {
  results = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  process.stderr.write('chartly: the tests did not come to an end.\n');
  process.exit(1);
}
rmSync(report, { force: true });

const skipped = results.testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status === 'pending'),
);
const reasons = new Map();
for (const { ancestorTitles } of skipped) {
  const reason = /\[skipped: (.*)\]/.exec(ancestorTitles.join(' '))?.[1] ?? 'no reason given';
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}
for (const [reason, count] of reasons) process.stdout.write(`skipped ${count} tests: ${reason}\n`);
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = results;
if (numRuntimeErrorTestSuites > 0) process.stdout.write(`${numRuntimeErrorTestSuites} suites could not run\n`);
process.stdout.write(
  `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`,
);
process.exit(status ?? 1);
