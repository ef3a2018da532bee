import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

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
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'noeviction'],
    {
      stdio: 'ignore',
    },
  );
  return reachable(`redis://127.0.0.1:${port}`, server);
}

async function reachable(url: string, server?: ChildProcess): Promise<TestRedis> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => POLL_MS });
  client.on('error', () => undefined); // still starting
  await client.ping();
  return {
    url,
    flush: async () => void (await client.flushall()),
    stop: async () => {
      client.disconnect();
      if (!server) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
  return address.port;
}

/** A suite that needs Redis; skipped, with the reason in its name, where there is none. */
export function describeWithRedis(name: string, suite: () => void): void {
  const missing = redisMissing();
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} [skipped: ${missing}]`, suite);
}
