/** `npm run faults -- --rounds 20 [--seed 1]`: the fault tests, each with so many seeded rounds. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './prepare.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
prepare();
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--verbose',
    '--testPathPatterns',
    'test/(kill|pull-kill|replay-kill|quarantine-kill|audit-kill).spec.ts',
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CHARTLY_FAULT_ROUNDS: values.rounds, CHARTLY_FAULT_SEED: values.seed },
  },
);
process.exit(status ?? 1);
