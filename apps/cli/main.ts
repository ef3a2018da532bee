import { CommanderError } from 'commander';
import { endWhenNobodyReads } from './closed-output';
import { CommandFailed } from './failure';
import { say } from './output';
import { chartly } from './program';

const USAGE = 2;

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await chartly().parseAsync(argv);
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE; // commander has said why
    if (!(thrown instanceof CommandFailed)) throw thrown;
    say(`chartly: ${thrown.message}`);
    for (const detail of thrown.details) say(`  ${detail}`);
    return thrown.exitCode;
  }
}

endWhenNobodyReads();
void main(process.argv).then((code) => {
  process.exitCode = code;
});
