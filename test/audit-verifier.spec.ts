import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { Bundle, LOG_CASES, TRUSTED_KEY } from './scenarios/audit-logs';
import { ROOT } from './support/paths';

const VERIFIER = join(ROOT, 'test', 'support', 'independent-verifier.mjs');

/** Two verifiers, written apart: each fault must be seen by both. */
describe('fault 20: the product’s verifier and one that shares nothing with it agree', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-verifier-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function independent(bundle: Bundle, earlier?: Bundle): Promise<boolean> {
    const files = [bundle, ...(earlier ? [earlier] : [])].map((one, at) => ({ one, file: join(folder, `${at}.json`) }));
    for (const { one, file } of files) await writeFile(file, JSON.stringify(one));
    const [first = '', second] = files.map(({ file }) => file);
    const args = [VERIFIER, first, TRUSTED_KEY, ...(second === undefined ? [] : [second])];
    return promisify(execFile)(process.execPath, args).then(
      ({ stdout }) => stdout.startsWith('verified'),
      () => false,
    );
  }

  async function ours(bundle: Bundle, earlier?: Bundle): Promise<boolean> {
    const { verified } = await verifyLog({ ...bundle, publicKey: TRUSTED_KEY, earlier: earlier ? [earlier.note] : [] });
    return verified;
  }

  it.each([...LOG_CASES])('$what: $holds', async ({ holds, bundle, earlier }) => {
    expect([await ours(bundle, earlier), await independent(bundle, earlier)]).toEqual([holds, holds]);
  });
});
