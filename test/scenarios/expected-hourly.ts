import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EXAMPLES_FOLDER } from '../support/paths';
import type { HourlyRow } from './earthquakes';

/** What the plain script over the file says. */
export async function expectedHourly(): Promise<HourlyRow[]> {
  const script = join(EXAMPLES_FOLDER, 'earthquakes', 'expected.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 16 * 2 ** 20 });
  return JSON.parse(stdout) as HourlyRow[]; // the script's own output
}
