import { spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { ServerProcess } from './server-process';

/** A Redis to test on: one that is reachable, or one of our own on a free port. */
export interface TestRedis {
  readonly url: string;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const POLL_MS = 25;

/** Why the Redis suites cannot run here; undefined when they can. */
function redisMissing(): string | undefined {
  if (process.env.CHARTLY_TEST_REDIS_URL) return undefined;
  if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
  return 'no Redis: set CHARTLY_TEST_REDIS_URL or install redis-server';
}

export async function startTestRedis(): Promise<TestRedis> {
  const given = process.env.CHARTLY_TEST_REDIS_URL;
  if (given) return reachable(given);
  const server = await ServerProcess.start('redis-server', (port, folder) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--maxmemory-policy', 'noeviction'],
  ]);
  return reachable(`redis://127.0.0.1:${server.port}`, server);
}

async function reachable(url: string, server?: ServerProcess): Promise<TestRedis> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => POLL_MS });
  client.on('error', () => undefined); // still starting
  await client.ping();
  return {
    url,
    flush: async () => void (await client.flushall()),
    stop: async () => {
      client.disconnect();
      await server?.stop();
    },
  };
}

/** A suite that needs Redis; skipped, with the reason in its name, where there is none. */
export function describeWithRedis(name: string, suite: () => void): void {
  const missing = redisMissing();
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} [skipped: ${missing}]`, suite);
}
