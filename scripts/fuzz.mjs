/** `npm run fuzz -- --requests 20000 --seed 7`: rule 36, as long as you like. The same seed makes the same requests. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
prepare();
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--verbose',
    '--selectProjects=e2e',
    '--testPathPatterns=test/api-fuzz.spec.ts',
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CHARTLY_FUZZ_REQUESTS: values.requests, CHARTLY_FUZZ_SEED: values.seed },
  },
);
process.exit(status ?? 1);
