import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestClickHouse {
  readonly url: string;
  stop(): Promise<void>;
}

const CHDB = join(__dirname, '../../test/engines/chdb');

/** Why there is no ClickHouse to test on; undefined when there is one. */
export const clickHouseMissing = (): string | undefined =>
  process.env.CHARTLY_TEST_CLICKHOUSE_URL !== undefined || existsSync(join(CHDB, 'node_modules/chdb'))
    ? undefined
    : 'npm run engines:chdb fetches a ClickHouse (546 MB), or name one in CHARTLY_TEST_CLICKHOUSE_URL';

/** The server that CHARTLY_TEST_CLICKHOUSE_URL names, else chdb in a process of its own. */
export async function startTestClickHouse(): Promise<TestClickHouse> {
  const given = process.env.CHARTLY_TEST_CLICKHOUSE_URL;
  if (given !== undefined) return { url: given, stop: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'chartly-chdb-'));
  const child = spawn(process.execPath, [join(CHDB, 'server.mjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer | number]; // its port
  if (!Buffer.isBuffer(line)) throw new Error(`chdb ended with ${line}.`);
  return {
    url: `http://127.0.0.1:${line.toString().trim()}`,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
